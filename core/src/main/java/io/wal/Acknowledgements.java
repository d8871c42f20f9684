package io.wal;

import com.lmax.disruptor.Sequence;
import io.wal.record.RecordDescriptor;
import io.wal.store.CommitProgress;

/**
 * How far the log is written, durable and acknowledged. The store reports; the completion stage is
 * gated on {@link #sequence()}; callers wait for {@link #awaitDurable}.
 */
final class Acknowledgements implements CommitProgress {
    private static final long NO_TIMEOUT = Long.MAX_VALUE;

    private final Sequence acknowledged = new Sequence();
    private long firstLsn = RecordDescriptor.NULL_LSN + 1; // set before any thread is started
    private volatile long writtenLsn;
    private volatile long durableLsn;
    private volatile WalException failure;
    private volatile WalException stall;
    private volatile int waiterCount;
    private final CommitWaitStrategy waitStrategy;

    Acknowledgements(final CommitWaitStrategy waitStrategy) {
        this.waitStrategy = waitStrategy;
    }

    /**
     * The LSN of ring sequence 0 follows the last one recovered. Called once, before any thread
     * runs.
     */
    void start(final long lastLsn) {
        firstLsn = lastLsn + 1;
        writtenLsn = lastLsn;
        durableLsn = lastLsn;
    }

    /** Acknowledged ring sequence; runs ahead to the end of time when the log has failed. */
    Sequence sequence() {
        return acknowledged;
    }

    long lsnOf(final long sequence) {
        return firstLsn + sequence;
    }

    long writtenLsn() {
        return writtenLsn;
    }

    long durableLsn() {
        return durableLsn;
    }

    WalException failure() {
        return failure;
    }

    WalException stall() {
        return stall;
    }

    boolean isAcknowledged(final long lsn) {
        return acknowledged.get() >= lsn - firstLsn;
    }

    /**
     * Why an entry that is acknowledged or failed did not become as durable as asked; null when it
     * did.
     */
    WalException failureOf(final long lsn, final Durability durability) {
        final WalException cause = failure;
        if (cause == null) {
            return null;
        }
        return lsn <= (durability == Durability.FORCED ? durableLsn : writtenLsn) ? null : cause;
    }

    @Override
    public void written(final long lsn) {
        writtenLsn = lsn;
        acknowledge(lsn);
    }

    @Override
    public void durable(final long lsn) {
        if (lsn > writtenLsn) {
            writtenLsn = lsn;
        }
        durableLsn = lsn;
        acknowledge(lsn);
        wakeWaiters();
    }

    @Override
    public void failed(final WalException cause) {
        failure = cause;
        acknowledged.setVolatile(Long.MAX_VALUE);
        waitStrategy.signalStages();
        wakeWaiters();
    }

    @Override
    public void stalled(final WalException cause) {
        stall = cause;
    }

    @Override
    public void wake() {
        waitStrategy.wakeStore();
    }

    /**
     * Waits until an LSN is durable. Interrupts are kept for the caller and do not end the wait.
     */
    boolean awaitDurable(final long lsn, final long timeoutNs) {
        if (durableLsn >= lsn) {
            return true;
        }
        final long deadlineNs = timeoutNs == NO_TIMEOUT ? 0 : System.nanoTime() + timeoutNs;
        boolean interrupted = false;
        synchronized (this) {
            waiterCount++;
            try {
                while (durableLsn < lsn) {
                    if (failure != null) {
                        throw failure;
                    }
                    final long remainingNs =
                            timeoutNs == NO_TIMEOUT ? 0 : deadlineNs - System.nanoTime();
                    if (timeoutNs != NO_TIMEOUT && remainingNs <= 0) {
                        return false;
                    }
                    try {
                        wait(remainingNs / 1_000_000, (int) (remainingNs % 1_000_000));
                    } catch (final InterruptedException e) {
                        interrupted = true;
                    }
                }
            } finally {
                waiterCount--;
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
        return true;
    }

    private void acknowledge(final long lsn) {
        final long sequence = lsn - firstLsn;
        if (sequence > acknowledged.get()) {
            acknowledged.setVolatile(sequence);
            waitStrategy.signalStages();
        }
    }

    private void wakeWaiters() {
        if (waiterCount > 0) {
            synchronized (this) {
                notifyAll();
            }
        }
    }
}
