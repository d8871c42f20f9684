package io.wal;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.wal.store.Eventually;
import io.wal.store.FakeStore;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An append, and everything behind it, allocates nothing: measured for the producers and for the
 * log's threads. What the JVM allocates on a thread now and then, say when it compiles, is allowed
 * for.
 */
@Timeout(120)
class AllocationTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ATTEMPTS = 5;

    /** For a thread and all its operations of one attempt. */
    private static final long NOISE = 2_000;

    /** One way to append. */
    private interface Operation {
        void run(WriteAheadLog log, UnsafeBuffer payload, int length, AppendClaim claim);
    }

    private static Operation operation(final String name) {
        final AtomicLong told = new AtomicLong();
        final Completion counting = (lsn, failure) -> told.lazySet(lsn);
        return switch (name) {
            case "append" -> (log, payload, length, claim) -> log.append(payload, 0, length);
            case "written" ->
                    (log, payload, length, claim) ->
                            log.append(payload, 0, length, Durability.WRITTEN, null);
            case "completion" ->
                    (log, payload, length, claim) ->
                            log.append(payload, 0, length, Durability.FORCED, counting);
            case "tryAppend" ->
                    (log, payload, length, claim) -> {
                        while (log.tryAppend(payload, 0, length, Durability.FORCED, counting) < 0) {
                            Thread.onSpinWait();
                        }
                    };
            case "tryClaim" ->
                    (log, payload, length, claim) -> {
                        while (log.tryClaim(length, Durability.FORCED, counting, claim) < 0) {
                            Thread.onSpinWait();
                        }
                        claim.buffer().putBytes(claim.offset(), payload, 0, length);
                        claim.commit();
                    };
            case "appendAndAwait" ->
                    (log, payload, length, claim) ->
                            log.appendAndAwait(payload, 0, length, Durability.FORCED);
            case "awaitDurable" ->
                    (log, payload, length, claim) ->
                            log.awaitDurable(
                                    log.append(payload, 0, length, Durability.WRITTEN, null));
            default -> throw new IllegalArgumentException(name);
        };
    }

    @ParameterizedTest(name = "{0}, {1} producers, {2} bytes")
    @CsvSource({
        "append, 1, 64",
        "append, 2, 1024",
        "append, 8, 64",
        "append, 2, 16384",
        "written, 2, 64",
        "completion, 1, 64",
        "completion, 8, 1024",
        "completion, 2, 16384",
        "tryAppend, 2, 64",
        "tryAppend, 2, 16384",
        "tryClaim, 1, 64",
        "tryClaim, 8, 1024",
        "tryClaim, 2, 16384",
        "appendAndAwait, 1, 64",
        "appendAndAwait, 2, 1024",
        "appendAndAwait, 8, 64",
        "appendAndAwait, 1, 16384",
        "awaitDurable, 2, 64"
    })
    void appendingAllocatesNothing(final String name, final int producers, final int length)
            throws Exception {
        final boolean waits = name.startsWith("a") && name.contains("wait");
        final int operations = (waits ? 8_000 : 40_000) / producers;
        try (WriteAheadLog log =
                WriteAheadLog.open(
                        new WalContext()
                                .store(new FakeStore())
                                .ringCapacity(256)
                                .slotLength(2048)
                                .forceInterval(Duration.ofMillis(2))
                                .applyHandler((lsn, kind, buffer, offset, size) -> {}))) {
            long[] allocated = {Long.MAX_VALUE};
            for (int i = 0; i < ATTEMPTS && worst(allocated) > NOISE; i++) {
                allocated = measure(log, operation(name), producers, length, operations);
            }

            assertThat(worst(allocated))
                    .as("most bytes allocated by a thread in " + operations + " operations")
                    .isLessThanOrEqualTo(NOISE);
        }
    }

    private static long worst(final long[] allocated) {
        long worst = 0;
        for (final long each : allocated) {
            worst = Math.max(worst, each);
        }
        return worst;
    }

    /** Warms up and measures: bytes allocated by each producer and by each thread of the log. */
    private static long[] measure(
            final WriteAheadLog log,
            final Operation operation,
            final int producers,
            final int length,
            final int operations)
            throws Exception {
        final List<Thread> own = FakeLog.threads().stream().map(FakeLog::thread).toList();
        assertThat(own).hasSize(3);
        final long[] allocated = new long[producers + own.size()];
        final CyclicBarrier barrier = new CyclicBarrier(producers + 1);
        final List<Thread> threads = new ArrayList<>();
        for (int p = 0; p < producers; p++) {
            final int number = p;
            threads.add(
                    new Thread(
                            () -> {
                                final UnsafeBuffer payload = new UnsafeBuffer(new byte[length]);
                                final AppendClaim claim = new AppendClaim();
                                for (int i = 0; i < operations; i++) {
                                    operation.run(log, payload, length, claim);
                                }
                                await(barrier);
                                await(barrier);
                                final long before = THREADS.getCurrentThreadAllocatedBytes();
                                for (int i = 0; i < operations; i++) {
                                    operation.run(log, payload, length, claim);
                                }
                                allocated[number] =
                                        THREADS.getCurrentThreadAllocatedBytes() - before;
                            }));
        }
        threads.forEach(Thread::start);
        await(barrier);
        final long[] before = new long[own.size()];
        for (int i = 0; i < before.length; i++) {
            before[i] = THREADS.getThreadAllocatedBytes(own.get(i).getId());
        }
        await(barrier);
        for (final Thread thread : threads) {
            thread.join();
        }
        log.flush();
        for (int i = 0; i < before.length; i++) {
            allocated[producers + i] =
                    THREADS.getThreadAllocatedBytes(own.get(i).getId()) - before[i];
        }
        return allocated;
    }

    @Test
    void abortedClaimsAllocateNothing() throws Exception {
        try (WriteAheadLog log =
                WriteAheadLog.open(
                        new WalContext()
                                .store(new FakeStore())
                                .applyHandler((lsn, kind, buffer, offset, size) -> {}))) {
            final Operation abort =
                    (opened, payload, length, claim) -> {
                        while (opened.tryClaim(length, Durability.FORCED, null, claim) < 0) {
                            Thread.onSpinWait();
                        }
                        claim.abort();
                    };
            long[] allocated = {Long.MAX_VALUE};
            for (int i = 0; i < ATTEMPTS && worst(allocated) > NOISE; i++) {
                allocated = measure(log, abort, 2, 100, 20_000);
            }

            assertThat(worst(allocated)).isLessThanOrEqualTo(NOISE);
        }
    }

    @Test
    void refusalsOfTheFormsThatDoNotWaitAllocateNothing() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            fake.appendAndHang();
            while (fake.log.tryAppend(fake.payload, 0, 8, Durability.FORCED, null) > 0) {
                // until the ring is full
            }
            long allocated = Long.MAX_VALUE;
            for (int attempt = 0; attempt < ATTEMPTS && allocated > NOISE; attempt++) {
                final long before = THREADS.getCurrentThreadAllocatedBytes();
                for (int i = 0; i < 20_000; i++) {
                    fake.log.tryAppend(fake.payload, 0, 8, Durability.FORCED, null);
                    fake.log.tryAppend(fake.payload, 0, 10_000, Durability.FORCED, null);
                }
                allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
            }

            assertThat(allocated).isLessThanOrEqualTo(NOISE);
        }
    }

    @Test
    void measurementSeesWhatIsAllocated() throws Exception {
        try (WriteAheadLog log =
                WriteAheadLog.open(
                        new WalContext()
                                .store(new FakeStore())
                                .applyHandler((lsn, kind, buffer, offset, size) -> {}))) {
            final Operation future =
                    (opened, payload, length, claim) ->
                            opened.appendAsync(payload, 0, length, Durability.FORCED);

            assertThat(measure(log, future, 1, 64, 10_000)[0]).isGreaterThan(10_000 * 16L);
            Eventually.isTrue("all are durable", () -> log.durableLsn() == log.lastLsn());
        }
    }

    private static void await(final CyclicBarrier barrier) {
        try {
            barrier.await();
        } catch (final Exception e) {
            throw new AssertionError(e);
        }
    }
}
