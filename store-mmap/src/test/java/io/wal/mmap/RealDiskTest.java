package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.agrona.BufferUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RealDiskTest {
    @TempDir Path directory;

    private final Disk disk = Disk.REAL;

    @AfterEach
    void interruptsAreNotLeftBehind() {
        Thread.interrupted();
    }

    @Test
    void createsOnlyWhatIsNotThereAndOpensOnlyWhatIs() throws IOException {
        final Path path = directory.resolve("file");
        for (final Disk.OpenMode mode : Disk.OpenMode.values()) {
            if (mode != Disk.OpenMode.CREATE && mode != Disk.OpenMode.DIRECT) {
                assertThatThrownBy(() -> disk.open(path, mode))
                        .isInstanceOf(NoSuchFileException.class);
            }
        }
        assertThat(path).doesNotExist();

        disk.open(path, Disk.OpenMode.CREATE).close();

        assertThatThrownBy(() -> disk.open(path, Disk.OpenMode.CREATE))
                .isInstanceOf(FileAlreadyExistsException.class);
        disk.open(path, Disk.OpenMode.READ).close();
        disk.open(path, Disk.OpenMode.WRITE).close();
    }

    @Test
    void writesAndReadsByPosition() throws IOException {
        final Path path = directory.resolve("file");
        try (DiskFile file = disk.open(path, Disk.OpenMode.CREATE)) {
            file.write(bytes(1, 2, 3), 5);
            file.force();
            assertThat(file.length()).isEqualTo(8);

            final ByteBuffer target = ByteBuffer.allocate(6).position(1);
            assertThat(file.read(target, 4)).isEqualTo(4); // as much as there is
            assertThat(target.array()).containsExactly(0, 0, 1, 2, 3, 0);
            assertThat(target.position()).isEqualTo(5);
            assertThat(file.read(ByteBuffer.allocate(1), 8)).isZero();
            assertThat(file.read(ByteBuffer.allocate(1), 1 << 20)).isZero();

            file.truncate(6);
            assertThat(file.length()).isEqualTo(6);
        }
    }

    @Test
    void neverMapsWhatWasNotWritten() throws IOException {
        final Path path = directory.resolve("file");
        Files.write(path, new byte[4096]);
        try (DiskFile file = disk.open(path, Disk.OpenMode.WRITE)) {
            assertThatThrownBy(() -> file.map(8192))
                    .isInstanceOf(IOException.class)
                    .hasMessage(path + " is shorter than the 8192 bytes to be mapped");
            assertThat(Files.size(path)).isEqualTo(4096);
        }
    }

    @Test
    void mappingOutlivesTheFileAndForcesItsRange() throws IOException {
        final Path path = directory.resolve("file");
        Files.write(path, new byte[8192]);
        final DiskMapping mapping;
        try (DiskFile file = disk.open(path, Disk.OpenMode.WRITE)) {
            mapping = file.map(8192);
        }

        mapping.buffer().putByte(5000, (byte) 7);
        mapping.force(5000, 1);

        assertThat(Files.readAllBytes(path)[5000]).isEqualTo((byte) 7);
        mapping.close();
        assertThat(mapping.buffer().capacity()).isZero(); // no access behind it
    }

    @Test
    void tellsDirectoriesFromFiles() throws IOException {
        final Path file = Files.createFile(directory.resolve("file"));

        assertThat(disk.isDirectory(directory)).isTrue();
        assertThat(disk.isDirectory(directory.resolve("nothing"))).isFalse();
        assertThatThrownBy(() -> disk.isDirectory(file)).isInstanceOf(NotDirectoryException.class);
    }

    @Test
    void whatCannotBeToldIsNotTakenForNothing() {
        final Path tooLong = directory.resolve("x".repeat(300));

        assertThatThrownBy(() -> disk.isDirectory(tooLong)).isInstanceOf(FileSystemException.class);
    }

    @Test
    void directoryThatIsJustBeingCreatedIsNeverTakenForAFile() throws Exception {
        final Path path = directory.resolve("log");
        final AtomicBoolean done = new AtomicBoolean();
        final Thread creator =
                new Thread(
                        () -> {
                            while (!done.get()) {
                                path.toFile().mkdir();
                                path.toFile().delete();
                            }
                        });
        creator.start();
        try {
            for (int i = 0; i < 20_000; i++) {
                disk.isDirectory(path); // either answer is right
            }
        } finally {
            done.set(true);
            creator.join();
        }
    }

    @Test
    void lockIsRefusedWhileItIsHeldInThisProcess() throws Exception {
        final Path path = directory.resolve("lock");
        final AutoCloseable lock = disk.lock(path);

        assertThat(disk.lock(path)).isNull();

        lock.close();
        final AutoCloseable again = disk.lock(path);
        assertThat(again).isNotNull();
        again.close();
    }

    @Test
    void directoryHasTheSameIdentityThroughALink() throws IOException {
        final Path link = Files.createSymbolicLink(directory.resolve("link"), directory);

        assertThat(disk.identity(link)).isEqualTo(disk.identity(directory));
        assertThat(disk.identity(directory.resolve("."))).isEqualTo(disk.identity(directory));
    }

    @Test
    void interruptedThreadDoesEverythingAndStaysInterrupted() throws Exception {
        final Path path = directory.resolve("file");
        Thread.currentThread().interrupt();

        try (DiskFile file = disk.open(path, Disk.OpenMode.CREATE)) {
            file.write(ByteBuffer.allocate(4096), 0);
            file.write(bytes(1, 2, 3), 0);
            file.force();
            assertThat(file.length()).isEqualTo(4096);
            final ByteBuffer target = ByteBuffer.allocate(3);
            assertThat(file.read(target, 0)).isEqualTo(3);
            assertThat(target.array()).containsExactly(1, 2, 3);
            try (DiskMapping mapping = file.map(4096)) {
                mapping.force(0, 4096);
            }
        }
        disk.forceDirectory(directory);
        disk.rename(path, directory.resolve("other"));
        assertThat(disk.list(directory)).containsExactly("other");
        disk.lock(directory.resolve("lock")).close();
        disk.createDirectory(directory.resolve("subdirectory"));
        disk.delete(directory.resolve("other"));

        assertThat(Thread.currentThread().isInterrupted()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Disk.OpenMode.class,
            names = {"WRITE", "DIRECT"})
    void interruptsInTheMidstOfReadingAndWritingDoNoHarm(final Disk.OpenMode mode)
            throws Exception {
        if (mode == Disk.OpenMode.DIRECT) {
            DirectWriting.assumeSupported(directory);
        }
        final Path path = directory.resolve("file");
        final int length = 64 << 10;
        Files.write(path, new byte[length]);
        final Thread worker = Thread.currentThread();
        final AtomicBoolean done = new AtomicBoolean();
        final Thread interrupter =
                new Thread(
                        () -> {
                            while (!done.get()) {
                                worker.interrupt();
                                LockSupport.parkNanos(300_000);
                            }
                        });
        interrupter.start();
        final AtomicReference<byte[]> last = new AtomicReference<>();
        try (DiskFile writer = disk.open(path, mode);
                DiskFile reader = disk.open(path, Disk.OpenMode.READ)) {
            final ByteBuffer source = BufferUtil.allocateDirectAligned(length, 4096);
            final ByteBuffer target = ByteBuffer.allocateDirect(length);
            for (int i = 1; i <= 60; i++) {
                for (int at = 0; at < length; at++) {
                    source.put(at, (byte) (i + at));
                }

                writer.write(source.clear(), 0);
                final int count = reader.read(target.clear(), 0);

                assertThat(count).isEqualTo(length);
                assertThat(target.flip()).isEqualTo(source.flip());
            }
            last.set(new byte[length]);
            source.clear().get(last.get());
            Await.until("the interrupt is kept", worker::isInterrupted);
        } finally {
            done.set(true);
            Await.until("the last interrupt", () -> !interrupter.isAlive());
            Thread.interrupted();
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(last.get());
    }

    /** A force that was begun cannot be begun again: what it would have said must not be lost. */
    @Test
    void interruptsInTheMidstOfForcingADirectoryDoNoHarm() throws Exception {
        final Thread worker = Thread.currentThread();
        final AtomicBoolean done = new AtomicBoolean();
        final Thread interrupter =
                new Thread(
                        () -> {
                            while (!done.get()) {
                                worker.interrupt();
                                Thread.onSpinWait();
                            }
                        });
        interrupter.start();
        try {
            for (int i = 1; i <= 300; i++) {
                Thread.interrupted();
                Files.createFile(directory.resolve("file " + i)); // so that there is work to do
                disk.forceDirectory(directory);
            }
            Await.until("the interrupt is kept", worker::isInterrupted);
        } finally {
            done.set(true);
            Await.until("the last interrupt", () -> !interrupter.isAlive());
            Thread.interrupted();
        }
    }

    private static ByteBuffer bytes(final int... values) {
        final ByteBuffer buffer = ByteBuffer.allocate(values.length);
        for (final int value : values) {
            buffer.put((byte) value);
        }
        return buffer.flip();
    }
}
