package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.LogInUseException;
import io.wal.WriteAheadLog;
import io.wal.mmap.HookedDisk.Operation;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogLockTest {
    private static final String HERE = "this process, which has it open already";

    @TempDir Path temporary;

    private final HookedDisk disk = new HookedDisk();

    @Test
    void secondOpenerInThisProcessIsRefusedAndTheFirstIsUndisturbed() {
        final LogFixture fixture = new LogFixture(temporary.resolve("log")).disk(disk);
        final List<String> expected;
        try (WriteAheadLog log = fixture.open()) {
            expected = LogFixture.appendRange(log, 1, 10);

            assertThatThrownBy(fixture::open)
                    .isInstanceOfSatisfying(
                            LogInUseException.class, e -> assertThat(e.owner()).isEqualTo(HERE))
                    .hasMessage("the log " + fixture.directory() + " is in use by " + HERE);

            expected.addAll(LogFixture.appendRange(log, 11, 20));
        }
        assertThat(fixture.recoverAll()).isEqualTo(expected);
    }

    @Test
    void linkLeadsToTheSameLock() throws IOException {
        final LogFixture fixture = new LogFixture(temporary.resolve("log"));
        final Path link = temporary.resolve("link");
        Files.createSymbolicLink(link, fixture.directory());
        try (WriteAheadLog log = fixture.open()) {
            assertThat(log.failure()).isNull();

            assertThatThrownBy(() -> new LogFixture(link).open())
                    .isInstanceOf(LogInUseException.class)
                    .hasMessage("the log " + link + " is in use by " + HERE);
        }
        try (WriteAheadLog log = new LogFixture(link).open()) {
            assertThatThrownBy(fixture::open).isInstanceOf(LogInUseException.class);
            assertThat(log.failure()).isNull();
        }
    }

    @Test
    void otherProcessIsNamedByIdHostAndStart() throws Exception {
        final LogFixture fixture = new LogFixture(temporary.resolve("log"));
        final Path link = temporary.resolve("link");
        Files.createSymbolicLink(link, fixture.directory());
        try (ChildJvm child = ChildJvm.start(LogHolder.class, fixture.directory())) {
            assertThat(child.line()).isEqualTo("open");
            final String owner =
                    "process "
                            + child.pid()
                            + " on "
                            + InetAddress.getLocalHost().getHostName()
                            + ", started "
                            + ProcessHandle.of(child.pid())
                                    .orElseThrow()
                                    .info()
                                    .startInstant()
                                    .orElseThrow();

            for (final Path path : List.of(fixture.directory(), link)) {
                assertThatThrownBy(() -> new LogFixture(path).disk(disk).open())
                        .isInstanceOfSatisfying(
                                LogInUseException.class,
                                e -> assertThat(e.owner()).isEqualTo(owner))
                        .hasMessage("the log " + path + " is in use by " + owner);
                assertThat(disk.openFiles()).isZero();
                assertThat(disk.openLocks()).isZero();
            }

            assertThat(child.finish()).isZero();
        }
        fixture.recoverAll();
    }

    @Test
    void otherProcessIsRefusedInItsTurn() throws Exception {
        final LogFixture fixture = new LogFixture(temporary.resolve("log"));
        try (WriteAheadLog log = fixture.open();
                ChildJvm child = ChildJvm.start(LogHolder.class, fixture.directory())) {
            assertThat(child.line())
                    .isEqualTo(
                            "LogInUseException: the log "
                                    + fixture.directory()
                                    + " is in use by "
                                    + OwnerRecord.ofThisProcess());
            LogFixture.append(log, "still ours");
            log.flush();
        }
        assertThat(fixture.recoverAll()).containsExactly("1 DATA still ours");
    }

    /** As another copy of the library in the same process, loaded by another class loader, does. */
    @Test
    void refusedAttemptFromWithinThisProcessDoesNotEndTheLock() throws Exception {
        final LogFixture fixture = new LogFixture(temporary.resolve("log"));
        try (WriteAheadLog log = fixture.open()) {
            assertThat(log.failure()).isNull();
            for (int i = 0; i < 2; i++) {
                assertThat(Disk.REAL.lock(fixture.file(LogDirectory.LOCK))).isNull();
            }

            try (ChildJvm child = ChildJvm.start(LogHolder.class, fixture.directory())) {
                assertThat(child.line()).startsWith("LogInUseException: ");
            }
        }
        try (AutoCloseable lock = Disk.REAL.lock(fixture.file(LogDirectory.LOCK))) {
            assertThat(lock).isNotNull();
        }
    }

    @Test
    void deadOwnerNeedsNoToolToUnlock() throws Exception {
        final LogFixture fixture = new LogFixture(temporary.resolve("log"));
        try (ChildJvm child = ChildJvm.start(LogHolder.class, fixture.directory())) {
            assertThat(child.line()).isEqualTo("open");
            child.kill();
        }
        assertThat(OwnerRecord.read(disk, fixture.file(LogDirectory.OWNER)).mayBeAlive()).isFalse();

        try (WriteAheadLog log = fixture.open()) {
            LogFixture.append(log, "ours now");
        }
    }

    @Test
    void onlyOneOfManyOpenersAtOnceGetsTheLog() throws Exception {
        final LogFixture fixture = new LogFixture(temporary.resolve("log"));
        final ExecutorService executor = Executors.newFixedThreadPool(8);
        final AtomicInteger opened = new AtomicInteger();
        try {
            for (int round = 0; round < 10; round++) {
                opened.set(0);
                final List<Callable<WriteAheadLog>> openers = new ArrayList<>();
                for (int i = 0; i < 8; i++) {
                    openers.add(
                            () -> {
                                try {
                                    final WriteAheadLog log = fixture.open();
                                    opened.incrementAndGet();
                                    return log;
                                } catch (final LogInUseException e) {
                                    return null;
                                }
                            });
                }
                for (final Future<WriteAheadLog> future : executor.invokeAll(openers)) {
                    final WriteAheadLog log = future.get();
                    if (log != null) {
                        log.close();
                    }
                }
                assertThat(opened).hasValue(1);
            }
        } finally {
            executor.shutdown();
            assertThat(executor.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void lockIsReleasedWhenTheOwnersNameCannotBeWritten() throws IOException {
        final LogFixture fixture = new LogFixture(temporary.resolve("log")).disk(disk);
        fixture.open().close();
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == Operation.CREATE && path.endsWith(LogDirectory.OWNER)) {
                        throw new IOException(path + ": Input/output error");
                    }
                });

        assertThatThrownBy(fixture::open)
                .hasMessage(
                        "cannot open "
                                + fixture.directory()
                                + ": "
                                + fixture.file("owner")
                                + ": Input/output error");

        assertThat(disk.openLocks()).isZero();
        disk.unhook();
        fixture.open().close();
    }

    @Test
    void lockFileIsNeverDeletedNorWrittenTo() throws IOException {
        final LogFixture fixture = new LogFixture(temporary.resolve("log"));
        fixture.open().close();
        fixture.open().remove();

        assertThat(fixture.names()).containsExactly(LogDirectory.LOCK);
        assertThat(fixture.file(LogDirectory.LOCK)).isEmptyFile();
    }

    @Test
    void ownerRecordIsReadAsItWasWritten() throws IOException {
        final Path path = temporary.resolve("owner");
        final OwnerRecord here = OwnerRecord.ofThisProcess();

        here.write(disk, path);
        here.write(disk, path); // replaces

        assertThat(OwnerRecord.read(disk, path)).isEqualTo(here);
        assertThat(here.pid()).isEqualTo(ProcessHandle.current().pid());
        assertThat(here.mayBeAlive()).isTrue();
        assertThat(Files.readAllLines(path))
                .containsExactly(Long.toString(here.pid()), here.host(), here.started());
        assertThat(here)
                .hasToString(
                        "process "
                                + here.pid()
                                + " on "
                                + here.host()
                                + ", started "
                                + here.started());
    }

    @Test
    void ownerRecordThatMakesNoSenseIsNone() throws IOException {
        final Path path = temporary.resolve("owner");
        assertThat(OwnerRecord.read(disk, path)).isNull();
        for (final String text : List.of("", "12\nhost", "x\nhost\nnow\n", "\n\n\n")) {
            Files.writeString(path, text);
            assertThat(OwnerRecord.read(disk, path)).as(text).isNull();
        }
        Files.write(path, new byte[4096]);
        assertThat(OwnerRecord.read(disk, path)).isNull();
    }

    @Test
    void ownerMayBeAliveUnlessThisHostKnowsBetter() {
        final OwnerRecord here = OwnerRecord.ofThisProcess();

        assertThat(new OwnerRecord(here.pid(), here.host(), "another start").mayBeAlive())
                .isFalse(); // the number was given to another process since
        assertThat(new OwnerRecord(Long.MAX_VALUE, here.host(), here.started()).mayBeAlive())
                .isFalse();
        assertThat(new OwnerRecord(1, "elsewhere.invalid", "some time").mayBeAlive()).isTrue();
    }
}
