package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.wal.Completion;
import io.wal.Durability;
import io.wal.WriteAheadLog;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Appending to real files, until the entries are forced and their completions called: no thread
 * that takes part allocates, and no producer ever waits for a lock, however many there are.
 */
@Timeout(180)
class AppendCostTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ATTEMPTS = 5;
    private static final int MOST_ENTRIES = 24_000;
    private static final int MOST_BYTES = 8 << 20;

    /** What the JVM allocates now and then on a thread, for all entries of an attempt. */
    private static final long NOISE = 2_000;

    @TempDir Path temporary;

    /** What a thread used: bytes, and how often it blocked on a monitor, waited, or parked. */
    private record Use(long bytes, long waits) {}

    @ParameterizedTest(name = "{1} producers, {2} bytes, {0}")
    @CsvSource({
        "MAPPED, 1, 64",
        "MAPPED, 2, 64",
        "MAPPED, 8, 64",
        "MAPPED, 1, 1024",
        "MAPPED, 8, 1024",
        "MAPPED, 1, 16384",
        "MAPPED, 2, 16384",
        "MAPPED, 8, 16384",
        "DIRECT, 2, 64",
        "DIRECT, 8, 16384"
    })
    void appendingAllocatesNothingAndTakesNoLock(
            final WriteMode mode, final int producers, final int length) throws Exception {
        if (mode == WriteMode.DIRECT) {
            DirectWriting.assumeSupported(temporary);
        }
        final int entries = Math.min(MOST_ENTRIES, MOST_BYTES / length) / producers;
        final LogFixture fixture =
                new LogFixture(temporary.resolve("log"))
                        .segmentLength(64 << 20)
                        .store(context -> context.writeMode(mode).touchAheadLength(0))
                        .wal(context -> context.ringCapacity(256).slotLength(2048));
        try (WriteAheadLog log = fixture.open()) {
            List<Use> uses = List.of(new Use(Long.MAX_VALUE, 0));
            for (int i = 0; i < ATTEMPTS && mostBytes(uses) > NOISE; i++) {
                uses = measure(log, fixture.directory(), producers, length, entries);
            }

            assertThat(mostBytes(uses))
                    .as("most bytes allocated by a thread for " + entries + " entries")
                    .isLessThanOrEqualTo(NOISE);
            assertThat(uses.subList(0, producers))
                    .allSatisfy(use -> assertThat(use.waits()).isZero());
        }
    }

    @Test
    void measurementSeesALock() throws Exception {
        final Object lock = new Object();
        final AtomicLong seen = new AtomicLong();
        final Thread thread =
                new Thread(
                        () -> {
                            final long before = waits();
                            synchronized (lock) {
                                seen.set(waits() - before);
                            }
                        });
        synchronized (lock) {
            thread.start();
            Await.until("it blocks", () -> thread.getState() == Thread.State.BLOCKED);
        }
        thread.join();

        assertThat(seen).hasPositiveValue();
    }

    private static long mostBytes(final List<Use> uses) {
        return uses.stream().mapToLong(Use::bytes).max().orElseThrow();
    }

    /** Warms up and measures: each producer, then the threads that store and that acknowledge. */
    private static List<Use> measure(
            final WriteAheadLog log,
            final Path directory,
            final int producers,
            final int length,
            final int entries)
            throws Exception {
        final long[] own =
                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().endsWith(directory.toString()))
                        .filter(thread -> thread.getName().matches("wal-(store|completion)-.*"))
                        .mapToLong(Thread::getId)
                        .toArray();
        assertThat(own).hasSize(2);
        final AtomicLong told = new AtomicLong();
        final Completion counting = (lsn, failure) -> told.lazySet(lsn);
        final Use[] used = new Use[producers];
        final CyclicBarrier barrier = new CyclicBarrier(producers + 1);
        final List<Thread> threads = new ArrayList<>();
        for (int p = 0; p < producers; p++) {
            final int number = p;
            threads.add(
                    new Thread(
                            () -> {
                                final UnsafeBuffer payload = new UnsafeBuffer(new byte[length]);
                                append(log, payload, counting, entries);
                                await(barrier);
                                await(barrier);
                                final long waits = waits();
                                final long before = THREADS.getCurrentThreadAllocatedBytes();
                                append(log, payload, counting, entries);
                                final long after = THREADS.getCurrentThreadAllocatedBytes();
                                used[number] = new Use(after - before, waits() - waits);
                            }));
        }
        threads.forEach(Thread::start);
        await(barrier);
        log.flush();
        final long[] before = THREADS.getThreadAllocatedBytes(own);
        await(barrier);
        for (final Thread thread : threads) {
            thread.join();
        }
        log.flush();
        final long[] after = THREADS.getThreadAllocatedBytes(own);
        final List<Use> uses = new ArrayList<>(List.of(used));
        for (int i = 0; i < own.length; i++) {
            uses.add(new Use(after[i] - before[i], 0));
        }
        return uses;
    }

    /** Without ever waiting for space: that is what producers may wait for. */
    private static void append(
            final WriteAheadLog log,
            final UnsafeBuffer payload,
            final Completion completion,
            final int entries) {
        for (int i = 0; i < entries; i++) {
            while (log.tryAppend(payload, 0, payload.capacity(), Durability.FORCED, completion)
                    < 0) {
                Thread.yield();
            }
        }
    }

    private static long waits() {
        final ThreadInfo info = THREADS.getThreadInfo(Thread.currentThread().getId());
        return info.getBlockedCount() + info.getWaitedCount();
    }

    private static void await(final CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (final Exception e) {
            throw new AssertionError(e);
        }
    }
}
