package io.wal.cli;

import io.wal.AppendClaim;
import io.wal.Completion;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Runs one case on a log, in one of two ways: each producer waits for each of its entries, or all
 * append as fast as the queue takes it. The first part of the time is for warming up.
 */
final class BenchRun {
    private static final double WARM_UP = 0.25;
    private static final long LOOK_AGAIN_NS = 2_000_000L;
    private static final long TRUNCATE_BYTES = 256L << 20;
    private static final int TIMES = 1 << 15; // more than the queue holds
    private static final int RECORD_OVERHEAD = 32;

    private final LogSession session;
    private final WriteAheadLog log;
    private final BenchCase benchCase;
    private final long[] startTimesNs = new long[TIMES];
    private final Histogram streamed = new Histogram(3);
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile long measureFromNs = Long.MAX_VALUE;
    private volatile long acknowledgedLsn;
    private volatile boolean stopping;

    BenchRun(final LogSession session, final BenchCase benchCase) {
        this.session = session;
        this.log = session.log();
        this.benchCase = benchCase;
    }

    /** One entry at a time: what a caller waits who needs the acknowledgement. */
    BenchPhase await(final long durationNs) throws InterruptedException {
        final List<Histogram> histograms = new ArrayList<>();
        final List<Runnable> producers = new ArrayList<>();
        for (int i = 0; i < benchCase.producerCount(); i++) {
            final Histogram histogram = new Histogram(3);
            histograms.add(histogram);
            producers.add(() -> appendAndAwait(histogram));
        }
        final Window window = run(producers, durationNs);
        final Histogram all = new Histogram(3);
        histograms.forEach(all::add);
        return window.phase(all);
    }

    /** As many as the queue takes: what the log is able to do. */
    BenchPhase stream(final long durationNs) throws InterruptedException {
        final List<Runnable> producers = new ArrayList<>();
        for (int i = 0; i < benchCase.producerCount(); i++) {
            producers.add(this::appendOnAndOn);
        }
        final Window window = run(producers, durationNs);
        while (acknowledgedLsn < log.lastLsn() && failure.get() == null) {
            LockSupport.parkNanos(LOOK_AGAIN_NS); // the last completions are still on their way
        }
        rethrow();
        return window.phase(streamed);
    }

    private Window run(final List<Runnable> producers, final long durationNs)
            throws InterruptedException {
        stopping = false;
        measureFromNs = Long.MAX_VALUE;
        final List<Thread> threads = new ArrayList<>();
        for (final Runnable producer : producers) {
            final Thread thread =
                    new Thread(() -> runProducer(producer), "wal-bench-" + threads.size());
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
        final long warmUpNs = (long) (durationNs * WARM_UP);
        pass(warmUpNs);
        final Window window = new Window(session.forceCount());
        measureFromNs = window.startNs;
        pass(durationNs - warmUpNs);
        window.end(session.forceCount());
        stopping = true;
        for (final Thread thread : threads) {
            thread.join();
        }
        rethrow();
        log.flush();
        return window;
    }

    /** Lets time pass, and keeps the log short meanwhile. */
    private void pass(final long durationNs) {
        final long endNs = System.nanoTime() + durationNs;
        long truncatedLsn = log.lastLsn();
        while (System.nanoTime() - endNs < 0 && failure.get() == null) {
            final long bytes =
                    (log.lastLsn() - truncatedLsn) * (benchCase.payloadLength() + RECORD_OVERHEAD);
            if (bytes > TRUNCATE_BYTES) {
                truncatedLsn = log.lastLsn();
                log.startCheckpoint().finalizeCheckpoint();
            }
            LockSupport.parkNanos(LOOK_AGAIN_NS);
        }
    }

    private void runProducer(final Runnable producer) {
        try {
            producer.run();
        } catch (final Throwable t) { // an Error too: told on the thread that waits
            failure.compareAndSet(null, t);
        }
    }

    private void appendAndAwait(final Histogram histogram) {
        final UnsafeBuffer payload = payload();
        while (!stopping) {
            final long startNs = System.nanoTime();
            log.appendAndAwait(payload, 0, payload.capacity(), benchCase.durability());
            acknowledged.incrementAndGet();
            if (startNs - measureFromNs >= 0 && measureFromNs != Long.MAX_VALUE) {
                histogram.recordValue(System.nanoTime() - startNs);
            }
        }
    }

    private void appendOnAndOn() {
        final UnsafeBuffer payload = payload();
        final AppendClaim claim = new AppendClaim();
        final Completion completion = this::onAcknowledged; // made once
        while (!stopping) {
            final long lsn =
                    log.tryClaim(payload.capacity(), benchCase.durability(), completion, claim);
            if (lsn > 0) {
                payload.getBytes(0, claim.buffer(), claim.offset(), payload.capacity());
                startTimesNs[(int) lsn & TIMES - 1] = System.nanoTime();
                claim.commit();
            } else if (lsn == WriteAheadLog.BACK_PRESSURED) {
                LockSupport.parkNanos(10_000);
            } else {
                stopping = true;
            }
        }
    }

    private void onAcknowledged(final long lsn, final WalException failed) {
        if (failed != null) {
            failure.compareAndSet(null, failed);
            stopping = true;
            return;
        }
        acknowledged.setRelease(
                acknowledged.getPlain() + 1); // the only thread that writes meanwhile
        final long startNs = startTimesNs[(int) lsn & TIMES - 1];
        if (measureFromNs != Long.MAX_VALUE && startNs - measureFromNs >= 0) {
            streamed.recordValue(System.nanoTime() - startNs);
        }
        acknowledgedLsn = lsn;
    }

    private UnsafeBuffer payload() {
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[benchCase.payloadLength()]);
        payload.setMemory(0, payload.capacity(), (byte) 'w');
        return payload;
    }

    private void rethrow() {
        final Throwable t = failure.get();
        if (t instanceof RuntimeException e) {
            throw e;
        }
        if (t instanceof Error e) {
            throw e;
        }
        if (log.failure() != null) {
            throw log.failure();
        }
    }

    private final class Window {
        private final long startNs = System.nanoTime();
        private final long startCount = acknowledged.get();
        private final long startForceCount;
        private long endNs;
        private long endCount;
        private long endForceCount;

        Window(final long forceCount) {
            startForceCount = forceCount;
        }

        void end(final long forceCount) {
            endNs = System.nanoTime();
            endCount = acknowledged.get();
            endForceCount = forceCount;
        }

        BenchPhase phase(final Histogram latencies) {
            return new BenchPhase(
                    endCount - startCount,
                    (endNs - startNs) / 1e9,
                    endForceCount < 0 ? -1 : endForceCount - startForceCount,
                    latencies);
        }
    }
}
