package io.wal;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import io.wal.store.AppendEvent;
import io.wal.store.FinalizeRequest;
import io.wal.store.LogStore;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Ends a log: a last event in the ring, behind which nothing is written, then the stages are
 * stopped, then the store is let go of. Every append is told how it ended, also when the store
 * hangs or a claim was never ended.
 */
final class LogCloser {
    private static final long GRACE_NS = 1_000_000_000L;
    private static final int GRACE_MS = 1_000;

    private final long timeoutNs;
    private final LogStore store;
    private final RingBuffer<AppendEvent> ring;
    private final Acknowledgements acknowledgements;
    private final LogThreads threads;
    private final OverflowPool overflowPool;
    private volatile FinalizeRequest lastFinalize;
    private final CountDownLatch closed = new CountDownLatch(1);

    LogCloser(
            final Duration timeout,
            final LogStore store,
            final RingBuffer<AppendEvent> ring,
            final Acknowledgements acknowledgements,
            final LogThreads threads,
            final OverflowPool overflowPool) {
        this.timeoutNs = timeout.toNanos();
        this.store = store;
        this.ring = ring;
        this.acknowledgements = acknowledgements;
        this.threads = threads;
        this.overflowPool = overflowPool;
    }

    /**
     * Closes when this is the first call; else waits until the first one is done. The state must be
     * CLOSING.
     */
    void close(final boolean first, final Consumer<LogStore> ending) {
        if (threads.isOwnThread(Thread.currentThread())) {
            if (first) {
                final Thread thread =
                        new Thread(() -> closeQuietly(ending), "wal-close-" + store.name());
                thread.setDaemon(true);
                thread.start();
            }
        } else if (first) {
            closeNow(ending);
        } else {
            awaitClosed();
        }
    }

    /** A request that comes too late for the store's thread gets its answer here. */
    void answerWhenClosed(final FinalizeRequest request) {
        lastFinalize = request;
        if (closed.getCount() == 0) {
            request.failed(new LogClosedException());
        }
    }

    private void closeQuietly(final Consumer<LogStore> ending) {
        try {
            closeNow(ending);
        } catch (final WalException e) {
            System.getLogger("io.wal").log(System.Logger.Level.ERROR, "closing failed", e);
        }
    }

    private void closeNow(final Consumer<LogStore> ending) {
        try {
            final long deadlineNs = System.nanoTime() + timeoutNs;
            final long lastSequence = endRing(deadlineNs);
            if (!await(() -> isStoreDone(lastSequence), deadlineNs)) {
                store.abandon();
                acknowledgements.wake();
                if (!await(() -> isStoreDone(lastSequence), System.nanoTime() + GRACE_NS)) {
                    fail(
                            new TimeoutException(
                                    "closing took longer than "
                                            + Duration.ofNanos(timeoutNs)
                                            + ", "
                                            + whatIsMissing(lastSequence)));
                }
            }
            await(() -> threads.lastStageSequence() >= lastSequence - 1, deadlineNs);
            final boolean storeStopped = threads.stopStore(GRACE_MS);
            threads.stopStages(GRACE_MS);
            completeTheRest();
            if (storeStopped) {
                ending.accept(store);
            } // else the thread may still touch what would be released: leak it rather than crash
            // the JVM
        } finally {
            closed.countDown();
            answerLastFinalize();
        }
        if (acknowledgements.failure() != null) {
            throw acknowledgements.failure();
        }
    }

    /**
     * Publishes the last event; its sequence, or that of the last entry when there is no space or
     * no use for it.
     */
    private long endRing(final long deadlineNs) {
        int tries = 0;
        while (acknowledgements.failure() == null && System.nanoTime() - deadlineNs < 0) {
            try {
                final long sequence = ring.tryNext();
                ring.get(sequence).beginClose();
                ring.publish(sequence);
                return sequence;
            } catch (final InsufficientCapacityException e) {
                Backoff.pause(tries++);
            }
        }
        return ring.getCursor();
    }

    private boolean isStoreDone(final long lastSequence) {
        return threads.storeSequence() >= lastSequence || acknowledgements.failure() != null;
    }

    private String whatIsMissing(final long lastSequence) {
        for (long sequence = threads.storeSequence() + 1; sequence <= lastSequence; sequence++) {
            if (!ring.isAvailable(sequence)) {
                return "for the claim of LSN "
                        + acknowledgements.lsnOf(sequence)
                        + " was neither committed nor aborted";
            }
        }
        return "for the store did not answer";
    }

    private void fail(final Exception cause) {
        acknowledgements.failed(new LogFailedException(acknowledgements.durableLsn(), cause));
    }

    /**
     * What the completion stage could not reach, because a claim before it was never ended, is told
     * here.
     */
    private void completeTheRest() {
        final CompletionHandler handler =
                new CompletionHandler(acknowledgements, overflowPool, t -> {}, true);
        for (long sequence = threads.lastStageSequence() + 1;
                sequence <= ring.getCursor();
                sequence++) {
            if (ring.isAvailable(sequence) && acknowledgements.failure() != null) {
                handler.onEvent(ring.get(sequence), sequence, false);
            }
        }
    }

    private void answerLastFinalize() {
        final FinalizeRequest request = lastFinalize;
        if (request != null) {
            final WalException failure = acknowledgements.failure();
            request.failed(failure == null ? new LogClosedException() : failure);
        }
    }

    private void awaitClosed() {
        boolean interrupted = false;
        while (closed.getCount() > 0) {
            try {
                closed.await(1, TimeUnit.SECONDS);
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean await(final BooleanSupplier condition, final long deadlineNs) {
        int tries = 0;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs >= 0) {
                return false;
            }
            Backoff.pause(tries++);
        }
        return true;
    }
}
