package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.WriteAheadLog;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The log's own threads are interrupted, as a container does with all threads of a group: they go
 * on as if nothing had happened, whatever they are at, and nobody spins because of it.
 */
@Timeout(120)
class OwnThreadsInterruptedTest {
    private static final int ENTRY_COUNT = 400;
    private static final int ENTRY_LENGTH = 1000;
    private static final long SPIN_TEST_NS = 300_000_000;

    @TempDir Path temporary;

    private final ThreadGroup group = new ThreadGroup("interrupted");

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void goOnAsIfNothingHadHappened(final WriteMode mode) throws Exception {
        if (mode == WriteMode.DIRECT) {
            DirectWriting.assumeSupported(temporary);
        }
        final LogFixture fixture =
                new LogFixture(temporary.resolve("log"))
                        .store(context -> context.writeMode(mode).maxSpareSegments(1));
        final AtomicBoolean done = new AtomicBoolean();
        final List<String> expected = new ArrayList<>();
        try (WriteAheadLog log = openInGroup(fixture)) {
            final Thread storm =
                    new Thread(
                            () -> {
                                while (!done.get()) {
                                    group.interrupt();
                                    LockSupport.parkNanos(20_000);
                                }
                            });
            storm.start();
            try {
                for (int i = 1; i <= ENTRY_COUNT; i++) { // a roll every few
                    final String text = i + "x".repeat(ENTRY_LENGTH);
                    final long lsn = LogFixture.append(log, text);
                    log.awaitDurable(lsn);
                    if (i % 50 == 0) { // space is released, and segments used again
                        LogFixture.checkpoint(log, "checkpoint " + i);
                        expected.clear();
                        expected.add(lsn + 1 + " CHECKPOINT checkpoint " + i);
                    } else {
                        expected.add(lsn + " DATA " + text);
                    }
                }
                assertThat(log.failure()).isNull();
            } finally {
                done.set(true);
                storm.join();
            }
        }
        assertThat(fixture.recoverAll()).isEqualTo(expected);
    }

    @Test
    void doNotSpinWhenTheyWereInterrupted() throws Exception {
        final LogFixture fixture =
                new LogFixture(temporary.resolve("log"))
                        .store(context -> context.countersFile(true));
        try (WriteAheadLog log = openInGroup(fixture)) {
            log.awaitDurable(LogFixture.append(log, "first"));

            group.interrupt();
            log.awaitDurable(LogFixture.append(log, "second"));

            final Thread[] threads = new Thread[group.activeCount() + 8];
            final int count = group.enumerate(threads);
            assertThat(count).as("its threads are of the group").isGreaterThanOrEqualTo(4);
            final var times = ManagementFactory.getThreadMXBean();
            final long[] before = new long[count];
            for (int i = 0; i < count; i++) {
                before[i] = times.getThreadCpuTime(threads[i].getId());
            }
            final long endNs = System.nanoTime() + SPIN_TEST_NS;
            Await.until("time passes", () -> System.nanoTime() - endNs >= 0);
            for (int i = 0; i < count; i++) {
                assertThat(times.getThreadCpuTime(threads[i].getId()) - before[i])
                        .as(threads[i].getName())
                        .isLessThan(SPIN_TEST_NS / 4);
            }
        }
    }

    /** All threads of the log inherit the group from the one that opens it. */
    private WriteAheadLog openInGroup(final LogFixture fixture) throws Exception {
        final FutureTask<WriteAheadLog> opening =
                new FutureTask<>(
                        () -> {
                            final WriteAheadLog log = fixture.open();
                            log.recover((lsn, kind, buffer, offset, length) -> {});
                            return log;
                        });
        new Thread(group, opening, "opener").start();
        return opening.get(60, TimeUnit.SECONDS);
    }
}
