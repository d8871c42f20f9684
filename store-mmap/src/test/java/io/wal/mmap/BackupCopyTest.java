package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.wal.CorruptLogException;
import io.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Copies of the directory of a log that is being written to. One that shows the directory as it was
 * at one moment opens as after a crash. One that was made file by file, while everything moves, may
 * be of no use; then opening it says so. It never gives what was not there.
 */
@Timeout(120)
class BackupCopyTest {
    private static final int COPY_COUNT = 12;
    private static final int ENTRIES_BETWEEN = 500;

    @TempDir(factory = MemoryDirectory.class)
    Path temporary;

    private final List<long[]> told = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();

    /** What the writer had told when a copy was begun. */
    private record Promise(Path copy, Map<Long, Long> acknowledged, long finalizedStartLsn) {}

    @Test
    void copyOfOneMomentOpensAsAfterACrash() throws Exception {
        assumeTrue(Files.exists(Path.of("/proc/self/task")), "no /proc");
        assumeTrue(signal("-0", ProcessHandle.current().pid()), "no kill command");
        final List<Promise> promises = copies(true);

        for (final Promise promise : promises) {
            assertThat(check(promise)).isNull();
        }
    }

    @Test
    void copyMadeFileByFileIsRightOrRefused() throws Exception {
        final List<Promise> promises = copies(false);

        for (final Promise promise : promises) {
            check(promise);
        }
        assertThat(promises).hasSize(COPY_COUNT);
    }

    /** Starts a writer and makes copies; while each is made the writer is stopped, or goes on. */
    private List<Promise> copies(final boolean stopped) throws Exception {
        final Path directory = temporary.resolve("log");
        final List<Promise> promises = new ArrayList<>();
        try (ChildJvm child =
                ChildJvm.start(AppendingProcess.class, directory, WriteMode.MAPPED, 1)) {
            final Thread reader = new Thread(() -> read(child));
            reader.start();
            for (int i = 1; i <= COPY_COUNT; i++) {
                final int enough = i * ENTRIES_BETWEEN;
                Await.until("entries are acknowledged", () -> toldCount() >= enough);
                if (stopped) {
                    assertThat(signal("-STOP", child.pid())).isTrue();
                    Await.until("every thread has stopped", () -> isStopped(child.pid()));
                }
                final Promise promise = promise(temporary.resolve("copy-" + i));
                copy(directory, promise.copy());
                if (stopped) {
                    assertThat(signal("-CONT", child.pid())).isTrue();
                }
                promises.add(promise);
            }
            child.kill();
            reader.join();
        }
        assertThat(failure.get()).isNull();
        return promises;
    }

    private void read(final ChildJvm child) {
        try {
            KilledProcessTest.readAll(child.output(), told);
        } catch (final Throwable t) {
            failure.set(t);
        }
    }

    private int toldCount() {
        synchronized (told) {
            return told.size();
        }
    }

    private Promise promise(final Path copy) {
        final Map<Long, Long> acknowledged = new HashMap<>();
        long finalizedStartLsn = 1;
        synchronized (told) {
            for (final long[] fact : told) {
                if (fact[0] == AppendingProcess.ACKNOWLEDGED) {
                    acknowledged.put(fact[1], fact[2]);
                } else if (fact[0] == AppendingProcess.FINALIZED) {
                    finalizedStartLsn = fact[1];
                }
            }
        }
        return new Promise(copy, acknowledged, finalizedStartLsn);
    }

    private static void copy(final Path from, final Path to) throws IOException {
        Files.createDirectory(to);
        for (final String name : Disk.REAL.list(from)) {
            try {
                Files.copy(
                        from.resolve(name), to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            } catch (final NoSuchFileException e) {
                // it was released meanwhile
            }
        }
    }

    /** Null when the copy opens, and then everything that was promised before is there. */
    private static CorruptLogException check(final Promise promise) {
        final String context = promise.copy().toString();
        final Map<Long, Long> delivered = new HashMap<>();
        try (WriteAheadLog log =
                AppendingProcess.fixture(promise.copy(), WriteMode.MAPPED).open()) {
            final List<Long> lsns = new ArrayList<>();
            log.recover(
                    (lsn, kind, buffer, offset, length) -> {
                        lsns.add(lsn);
                        delivered.put(
                                lsn,
                                KilledProcessTest.keyOf(
                                        new UnsafeBuffer(buffer, offset, length), context));
                    });
            assertThat(lsns).as(context).isSorted().doesNotHaveDuplicates();
            final long startLsn = log.recovered().startLsn();
            assertThat(startLsn).as(context).isGreaterThanOrEqualTo(promise.finalizedStartLsn());
            final Map<Long, Long> expected = new HashMap<>(promise.acknowledged());
            expected.keySet().removeIf(lsn -> lsn < startLsn);
            assertThat(delivered).as(context).containsAllEntriesOf(expected);
        } catch (final CorruptLogException e) {
            return e;
        }
        return null;
    }

    /** The signal reaches one thread after the other. */
    private static boolean isStopped(final long pid) throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (final Path task : tasks.toList()) {
                final String stat = Files.readString(task.resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean signal(final String name, final long pid) throws Exception {
        try {
            final Process process =
                    new ProcessBuilder("kill", name, Long.toString(pid))
                            .redirectErrorStream(true)
                            .start();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (final IOException e) {
            return false;
        }
    }
}
