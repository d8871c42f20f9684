package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.mmap.Disk.OpenMode;
import io.wal.mmap.DiskFile;
import io.wal.mmap.DiskMapping;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class SimulatedDiskTest {
    private static final Path ROOT = Path.of("/");
    private static final Path FILE = Path.of("/file");
    private static final Path OTHER = Path.of("/other");
    private static final int CUT_COUNT = 200;

    private SimulatedDisk disk = new SimulatedDisk();

    @Test
    void keepsWhatWasForced() throws IOException {
        // given
        try (DiskFile file = create(FILE, 'a', 2000)) {
            file.force();
        }
        disk.forceDirectory(ROOT);

        // when
        final Set<String> outcomes = outcomesOfPowerCuts();

        // then
        assertThat(outcomes).containsExactly("file=a2000");
    }

    @Test
    void losesAnySectorsThatWereNotForced() throws IOException {
        // given
        try (DiskFile file = create(FILE, 'a', 1024)) {
            file.force();
            disk.forceDirectory(ROOT);
            write(file, 'b', 0, 1024);
        }

        // when
        final Set<String> outcomes = outcomesOfPowerCuts();

        // then
        assertThat(outcomes)
                .containsExactlyInAnyOrder(
                        "file=a1024", "file=b1024", "file=a512b512", "file=b512a512");
    }

    @Test
    void aSectorMayHoldAnOlderUnforcedVersion() throws IOException {
        // given
        try (DiskFile file = create(FILE, 'a', 512)) {
            file.force();
            disk.forceDirectory(ROOT);
            write(file, 'b', 0, 512);
            write(file, 'c', 0, 512);
        }

        // when
        final Set<String> outcomes = outcomesOfPowerCuts();

        // then
        assertThat(outcomes).containsExactlyInAnyOrder("file=a512", "file=b512", "file=c512");
    }

    @Test
    void aForcedSectorForgetsItsOlderVersions() throws IOException {
        // given
        try (DiskFile file = create(FILE, 'a', 512)) {
            disk.forceDirectory(ROOT);
            write(file, 'b', 0, 512);
            file.force();
        }

        // when
        final Set<String> outcomes = outcomesOfPowerCuts();

        // then
        assertThat(outcomes).containsExactly("file=b512");
    }

    @Test
    void losesTheLengthThatWasNotForced() throws IOException {
        // given
        try (DiskFile file = create(FILE, 'a', 512)) {
            file.force();
            disk.forceDirectory(ROOT);
            write(file, 'b', 512, 512);
            write(file, 'c', 1024, 512);
        }

        // when
        final Set<String> outcomes = outcomesOfPowerCuts();

        // then
        assertThat(outcomes)
                .contains(
                        "file=a512",
                        "file=a512b512",
                        "file=a512.512",
                        "file=a512b512c512",
                        "file=a512.512c512")
                .allMatch(outcome -> outcome.startsWith("file=a512"));
    }

    @Test
    void aCutFileMayBeWhatItWasUntilForced() throws IOException {
        // given
        try (DiskFile file = create(FILE, 'a', 1024)) {
            file.force();
            disk.forceDirectory(ROOT);

            // when
            file.truncate(512);

            // then
            assertThat(outcomesOfPowerCuts()).contains("file=a512", "file=a1024");
            file.force();
            assertThat(outcomesOfPowerCuts()).containsExactly("file=a512");
            assertThat(disk.usedLength()).isEqualTo(512);
        }
    }

    @Test
    void losesANewNameUntilTheDirectoryIsForced() throws IOException {
        // given
        try (DiskFile file = create(FILE, 'a', 512)) {
            file.force();
        }

        // when
        final Set<String> outcomes = outcomesOfPowerCuts();

        // then
        assertThat(outcomes).containsExactlyInAnyOrder("", "file=a512");
    }

    @Test
    void aRenameIsAtomicButNotDurableUntilTheDirectoryIsForced() throws IOException {
        // given
        forced(FILE, 'a', 512);
        forced(OTHER, 'b', 512);

        // when
        disk.rename(FILE, OTHER);

        // then
        assertThat(outcomesOfPowerCuts())
                .containsExactlyInAnyOrder("file=a512 other=b512", "other=a512");
        disk.forceDirectory(ROOT);
        assertThat(outcomesOfPowerCuts()).containsExactly("other=a512");
    }

    @Test
    void namesAreLostEachByItself() throws IOException {
        // given
        forced(FILE, 'a', 512);

        // when
        disk.delete(FILE);
        try (DiskFile other = create(OTHER, 'b', 512)) {
            other.force();
        }

        // then
        assertThat(outcomesOfPowerCuts())
                .containsExactlyInAnyOrder("", "file=a512", "other=b512", "file=a512 other=b512");
    }

    @Test
    void aNameThatWasGivenAwayNeverHidesTheFileThatHadIt() throws IOException {
        // given
        forced(FILE, 'a', 512);

        // when
        disk.rename(FILE, OTHER);
        try (DiskFile file = create(FILE, 'b', 512)) {
            file.force();
        }

        // then
        assertThat(outcomesOfPowerCuts())
                .containsExactlyInAnyOrder("file=a512", "other=a512", "file=b512 other=a512");
    }

    @Test
    void aNewDirectoryIsLostWithAllItHoldsUntilItsParentIsForced() throws IOException {
        // given
        final Path directory = Path.of("/log");
        disk.createDirectory(directory);
        try (DiskFile file = create(directory.resolve("file"), 'a', 512)) {
            file.force();
        }
        disk.forceDirectory(directory);

        // when
        final Set<String> before = outcomesOfPowerCuts();
        disk.forceDirectory(ROOT);
        final Set<String> after = outcomesOfPowerCuts();

        // then
        assertThat(before).containsExactlyInAnyOrder("", "file=a512");
        assertThat(after).containsExactly("file=a512");
    }

    @Test
    void aForcedMappingKeepsWholePagesButNotTheLength() throws IOException {
        // given
        forced(FILE, '.', 12288);
        try (DiskFile file = disk.open(FILE, OpenMode.WRITE);
                DiskMapping mapping = file.map(12288)) {
            mapping.buffer().setMemory(0, 12288, (byte) 'a');

            // when
            mapping.force(4196, 8);

            // then
            assertThat(outcomesOfPowerCuts())
                    .hasSizeGreaterThan(10)
                    .allMatch(outcome -> content(outcome).startsWith("a".repeat(4096), 4096));
        }
        try (DiskFile longer = disk.open(FILE, OpenMode.WRITE)) {
            write(longer, 'b', 12288, 4096);
            try (DiskMapping mapping = longer.map(16384)) {
                mapping.force(0, 16384);
                assertThat(outcomesOfPowerCuts()).contains("file=a12288", "file=a12288b4096");
            }
        }
    }

    @Test
    void storesThroughAMappingAreSeenByReadersAndBecomeVersionsWhenLookedAt() throws IOException {
        // given
        forced(FILE, '.', 4096);
        try (DiskFile file = disk.open(FILE, OpenMode.WRITE);
                DiskMapping mapping = file.map(4096)) {
            // when
            mapping.buffer().putByte(0, (byte) 'a');
            disk.observe();
            mapping.buffer().putByte(1, (byte) 'b');

            // then
            final ByteBuffer read = ByteBuffer.allocate(2);
            assertThat(file.read(read, 0)).isEqualTo(2);
            assertThat(read.array()).containsExactly('a', 'b');
            assertThat(outcomesOfPowerCuts())
                    .containsExactlyInAnyOrder("file=.4096", "file=a1.4095", "file=a1b1.4094");
        }
    }

    @Test
    void aFailedForceLosesWhatIsNotWrittenAgain() throws IOException {
        // given
        forced(FILE, '.', 8192);
        try (DiskFile file = disk.open(FILE, OpenMode.WRITE);
                DiskMapping mapping = file.map(8192)) {
            mapping.buffer().setMemory(0, 512, (byte) 'a');
            disk.fail(DiskOperation.FORCE_MAPPING, 1, new IOException("Input/output error"));

            // when
            assertThatThrownBy(() -> mapping.force(0, 8192)).hasMessage("Input/output error");
            mapping.force(0, 8192);
            file.force();

            // then
            assertThat(mapping.buffer().getByte(0)).as("stays readable").isEqualTo((byte) 'a');
            assertThat(outcomesOfPowerCuts())
                    .containsExactlyInAnyOrder("file=.8192", "file=a512.7680");

            // when
            write(file, 'a', 0, 512);
            mapping.force(0, 8192);

            // then
            assertThat(outcomesOfPowerCuts()).containsExactly("file=a512.7680");
        }
    }

    @Test
    void aFailedForceMayBringTheOldContentBack() throws IOException {
        // given
        forced(FILE, 'a', 512);
        disk.revertByFailedForce(true);
        try (DiskFile file = disk.open(FILE, OpenMode.WRITE)) {
            write(file, 'b', 0, 512);
            disk.fail(DiskOperation.FORCE, 1, new IOException("Input/output error"));

            // when
            assertThatThrownBy(file::force).hasMessage("Input/output error");
        }

        // then
        assertThat(describe(disk)).isEqualTo("file=a512");
    }

    @Test
    void blocksNeverWrittenHoldZeroesOrJunk() throws IOException {
        // given
        forced(OTHER, 'z', 4096);
        disk.delete(OTHER);
        forced(FILE, 'a', 512);
        try (DiskFile file = disk.open(FILE, OpenMode.WRITE)) {
            write(file, 'b', 512, 512);
        }

        // when
        final Set<String> clean = outcomesOfPowerCuts();
        disk.junk(true);
        final Set<String> dirty = outcomesOfPowerCuts();

        // then
        assertThat(clean).containsExactlyInAnyOrder("file=a512", "file=a512b512", "file=a512.512");
        assertThat(dirty)
                .contains("file=a512z512")
                .hasSizeGreaterThan(10)
                .allMatch(o -> o.startsWith("file=a512"));
    }

    @Test
    void aProcessCrashLosesNothingButWhatIsOpen() throws Exception {
        // given
        final DiskFile file = create(FILE, 'a', 4096);
        final DiskMapping mapping = file.map(4096);
        mapping.buffer().putByte(0, (byte) 'b');
        final AutoCloseable lock = disk.lock(Path.of("/lock"));
        assertThat(disk.lock(Path.of("/lock"))).isNull();

        // when
        disk.processCrash();

        // then
        assertThat(describe(disk)).isEqualTo("file=b1a4095 lock=");
        assertThatThrownBy(() -> file.read(ByteBuffer.allocate(1), 0))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> mapping.buffer().getByte(0))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> mapping.force(0, 1)).isInstanceOf(IllegalStateException.class);
        final AutoCloseable newLock = disk.lock(Path.of("/lock"));
        assertThat(newLock).isNotNull();
        lock.close();
        assertThat(disk.lock(Path.of("/lock"))).as("the dead cannot unlock").isNull();
        mapping.close();
        file.close();
        assertThat(outcomesOfPowerCuts()).as("still not forced").contains("");
    }

    @Test
    void thePowerGoesOffAtAnOperationAndStaysOff() throws IOException {
        // given
        final DiskFile file = create(FILE, 'a', 512);
        disk.forceDirectory(ROOT);
        disk.cutPowerAt(2);

        // when
        file.force();

        // then
        assertThatThrownBy(() -> write(file, 'b', 0, 512)).isInstanceOf(PowerLoss.class);
        assertThatThrownBy(() -> disk.list(ROOT)).isInstanceOf(PowerLoss.class);
        assertThatThrownBy(file::length).isInstanceOf(PowerLoss.class);
        disk.powerCut(new SplittableRandom(1));
        assertThat(describe(disk)).isEqualTo("file=a512");
        assertThatThrownBy(file::length).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void fillsUpAndHasSpaceAgain() throws IOException {
        // given
        disk.capacity(1024);
        final DiskFile file = create(FILE, 'a', 512);

        // when
        assertThatThrownBy(() -> write(file, 'b', 512, 1024))
                .hasMessage("/file: No space left on device");

        // then
        assertThat(describe(disk)).isEqualTo("file=a512b512");
        write(file, 'c', 0, 1024);
        final DiskFile other = disk.open(OTHER, OpenMode.CREATE);
        assertThatThrownBy(() -> write(other, 'd', 0, 1))
                .hasMessage("/other: No space left on device");

        // when
        disk.delete(FILE);

        // then
        assertThatThrownBy(() -> write(other, 'd', 0, 1))
                .as("deleted, but open")
                .isInstanceOf(IOException.class);
        file.close();
        write(other, 'd', 0, 1024);
        assertThat(disk.usedLength()).isEqualTo(1024);
    }

    @Test
    void failsTheOperationThatIsToFail() throws IOException {
        // given
        disk.fail(DiskOperation.CREATE, 2, new IOException("denied"));
        disk.fail(DiskOperation.WRITE, 1, new IOException("broken"));
        final DiskFile file = disk.open(FILE, OpenMode.CREATE);

        // when, then
        assertThatThrownBy(() -> disk.open(OTHER, OpenMode.CREATE)).hasMessage("denied");
        assertThatThrownBy(() -> write(file, 'a', 0, 1024)).hasMessage("broken");
        assertThat(describe(disk)).as("half of it").isEqualTo("file=a512");
        write(file, 'a', 0, 1024);
        disk.open(OTHER, OpenMode.CREATE).close();
        assertThat(describe(disk)).isEqualTo("file=a1024 other=");
    }

    @Test
    void countsWhatOnlyAWriterDoes() throws IOException {
        // given
        forced(FILE, 'a', 512);
        final long before = disk.writerOperationCount();

        // when
        try (DiskFile file = disk.open(FILE, OpenMode.READ)) {
            file.read(ByteBuffer.allocate(9), 0);
            assertThatThrownBy(() -> write(file, 'b', 0, 1))
                    .isInstanceOf(IllegalStateException.class);
        }
        disk.list(ROOT);
        disk.isDirectory(ROOT);

        // then
        assertThat(disk.writerOperationCount()).isEqualTo(before);
        disk.forceDirectory(ROOT);
        assertThat(disk.writerOperationCount()).isEqualTo(before + 1);
    }

    @Test
    void namesMustExistOrNot() throws IOException {
        forced(FILE, 'a', 512);

        assertThatThrownBy(() -> disk.open(FILE, OpenMode.CREATE))
                .isInstanceOf(FileAlreadyExistsException.class);
        assertThatThrownBy(() -> disk.open(OTHER, OpenMode.READ))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk.open(Path.of("/none/file"), OpenMode.CREATE))
                .isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> disk.isDirectory(FILE)).isInstanceOf(IOException.class);
        disk.delete(OTHER);
        assertThat(disk.list(ROOT)).containsExactly("file");
    }

    @Test
    void aCopyHasTheSameFuture() throws IOException {
        // given
        forced(OTHER, 'x', 2048);
        disk.rename(OTHER, Path.of("/third"));
        try (DiskFile file = create(FILE, 'a', 4096)) {
            write(file, 'b', 1024, 2048);
        }
        final SimulatedDisk copy = disk.copy();

        // when
        disk.powerCut(new SplittableRandom(7));
        copy.powerCut(new SplittableRandom(7));

        // then
        assertThat(describe(copy)).isEqualTo(describe(disk));
    }

    @Test
    void putsAFileBehindTheBackOfItsUser() throws IOException {
        forced(FILE, 'a', 512);

        disk.put(FILE, new byte[] {'x'});

        assertThat(outcomesOfPowerCuts()).containsExactly("file=x1");
        assertThat(disk.usedLength()).isEqualTo(1);
    }

    private void forced(final Path path, final char content, final int length) throws IOException {
        try (DiskFile file = create(path, content, length)) {
            file.force();
        }
        disk.forceDirectory(path.getParent());
    }

    private DiskFile create(final Path path, final char content, final int length)
            throws IOException {
        final DiskFile file = disk.open(path, OpenMode.CREATE);
        write(file, content, 0, length);
        return file;
    }

    private static void write(
            final DiskFile file, final char content, final long position, final int length)
            throws IOException {
        final byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) content);
        file.write(ByteBuffer.wrap(bytes), position);
    }

    /** What the disk may look like after a power cut, by many of them. */
    private Set<String> outcomesOfPowerCuts() {
        final Set<String> outcomes = new TreeSet<>();
        for (int seed = 0; seed < CUT_COUNT; seed++) {
            final SimulatedDisk copy = disk.copy();
            copy.powerCut(new SplittableRandom(seed));
            outcomes.add(describe(copy));
        }
        return outcomes;
    }

    private static String describe(final SimulatedDisk described) {
        return described.files().entrySet().stream()
                .map(file -> file.getKey().getFileName() + "=" + describe(file.getValue()))
                .collect(Collectors.joining(" "));
    }

    /** Runs of equal bytes as character and count; zeroes as points. */
    private static String describe(final byte[] content) {
        final StringBuilder text = new StringBuilder();
        for (int from = 0, to; from < content.length; from = to) {
            for (to = from; to < content.length && content[to] == content[from]; to++) {
                // counts
            }
            text.append(content[from] == 0 ? '.' : (char) content[from]).append(to - from);
        }
        return text.toString();
    }

    /** The inverse, for one file. */
    private static String content(final String outcome) {
        final StringBuilder text = new StringBuilder();
        for (final String run :
                outcome.substring(outcome.indexOf('=') + 1).split("(?<=\\d)(?=\\D)")) {
            text.append(run.substring(0, 1).repeat(Integer.parseInt(run.substring(1))));
        }
        return text.toString();
    }

    @Test
    void describesFilesAsMeant() {
        assertThat(describe(new byte[] {'a', 'a', 0})).isEqualTo("a2.1");
        assertThat(content("file=a2.1")).isEqualTo("aa.");
    }
}
