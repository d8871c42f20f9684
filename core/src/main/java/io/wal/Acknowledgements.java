package io.wal;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import io.wal.metrics.CommitMeter;
import io.wal.metrics.LogCounter;
import io.wal.record.RecordDescriptor;
import io.wal.store.AppendEvent;
import io.wal.store.CommitProgress;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * How far the log is written, durable and acknowledged. The store reports; the completion stage is
 * gated on {@link #sequence()}; callers wait for {@link #awaitDurable}, or for their own entry.
 *
 * <p>Who waits for its own entry is woken right here, by the thread that reports. The completion
 * stage is only woken when somebody is to be called back, or when it has fallen behind so far that
 * producers might soon lack slots: on a small machine one thread more that wants a processor at
 * each force costs as much as the force.
 */
final class Acknowledgements implements CommitProgress {
    private static final long NO_TIMEOUT = Long.MAX_VALUE;

    /** The stages may fall behind by this part of the ring before they are woken. */
    private static final int LAG_DIVISOR = 4;

    /** And by this one when they have more to let go of than slots. */
    private static final int LAG_DIVISOR_OF_EACH = 16;

    /** So long a caller gives way to whoever wants the processor, and only then parks. */
    private static final long YIELD_NS = 200_000;

    /** Nobody is forgotten; should it be, it looks by itself. */
    private static final long WAITER_PARK_NS = 1_000_000_000L;

    private final Sequence acknowledged = new Sequence();
    private final Sequence parkedCount = new Sequence(0);
    private long firstLsn = RecordDescriptor.NULL_LSN + 1; // set before any thread is started
    private volatile long writtenLsn;
    private volatile long durableLsn;
    private long settledWrittenLsn; // when the log failed
    private long settledDurableLsn;
    private volatile WalException failure;
    private volatile WalException stall;
    private volatile boolean closed;
    private volatile int waiterCount;
    private volatile long unparkedSequence = -1;
    private volatile boolean eager = true;
    private volatile boolean each = true;
    private Sequence lastStage; // null while the stages are woken each time
    private final RingBuffer<AppendEvent> ring;
    private final Signals signals;
    private final CommitMeter meter;

    Acknowledgements(
            final RingBuffer<AppendEvent> ring, final Signals signals, final CommitMeter meter) {
        this.ring = ring;
        this.signals = signals;
        this.meter = meter;
        meter.gauge(LogCounter.WRITTEN_LSN, this::writtenLsn);
        meter.gauge(LogCounter.DURABLE_LSN, this::durableLsn);
        meter.gauge(LogCounter.STALLED, () -> stall == null ? 0 : 1);
        meter.gauge(LogCounter.FAILED, () -> failure == null ? 0 : 1);
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

    /**
     * From now on the stages are only woken when there is something to tell, or they fall behind.
     * Called once, before any thread runs; without it they are woken each time.
     */
    void tellLazily(final Sequence lastStageSequence) {
        lastStage = lastStageSequence;
        eager = false;
        each = false;
    }

    /**
     * From now on the stages look at each entry: there are some with more to do than to wake who
     * waits. Called before the first of them is published.
     */
    void tellEach() {
        if (!each) {
            each = true;
        }
    }

    /** Whether the stages need not even look at acknowledged entries, up to the last of them. */
    boolean isTold(final long sequence) {
        return !each && isUnparked(sequence) && failure == null;
    }

    /**
     * From now on the stages are woken at each acknowledgement, and look at each entry: somebody
     * waits for them.
     */
    void tellEagerly() {
        tellEach();
        if (!eager) {
            eager = true;
            signals.wakeStages();
        }
    }

    /** Wakes the stages if they have work: somebody needs the slots. */
    void hurryStages() {
        if (lastStage != null && lastStage.get() < acknowledged.get()) {
            signals.wakeStages();
        }
    }

    /** Whether the thread that waits for an entry was woken with its acknowledgement. */
    boolean isUnparked(final long sequence) {
        return unparkedSequence >= sequence;
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

    @Override
    public CommitMeter meter() {
        return meter;
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
        return lsn <= (durability == Durability.FORCED ? settledDurableLsn : settledWrittenLsn)
                ? null
                : cause;
    }

    @Override
    public void written(final long lsn) {
        if (failure == null) {
            meter.notifyBegins();
            meter.acknowledges(lsn);
            advanceWritten(lsn);
            acknowledge(lsn);
            meter.notifyEnds();
        }
    }

    @Override
    public void durable(final long lsn) {
        if (failure == null) { // else closing gave up on the store, which answers all the same
            meter.notifyBegins();
            meter.acknowledges(lsn);
            advanceWritten(lsn);
            durableLsn = lsn;
            acknowledge(lsn);
            wakeWaiters();
            meter.notifyEnds();
        }
    }

    /**
     * Called on the store's thread, or on the one that closes the log when the store does not
     * answer; the first counts.
     */
    @Override
    public synchronized void failed(final WalException cause) {
        if (failure != null) {
            return;
        }
        settledWrittenLsn = writtenLsn;
        settledDurableLsn = durableLsn;
        failure = cause;
        final long reached = acknowledged.get();
        acknowledged.setVolatile(Long.MAX_VALUE);
        signals.letStagesFollowRing();
        unparkAll(reached + 1);
        notifyAll();
    }

    /** Nothing is reported any more: who still waits, waits in vain. */
    synchronized void closed() {
        closed = true;
        notifyAll();
    }

    @Override
    public void stalled(final WalException cause) {
        stall = cause;
    }

    @Override
    public void wake() {
        signals.wakeStore();
    }

    /**
     * Waits until an entry, whose slot names this thread as its waiter, is acknowledged or has
     * failed. Interrupts are kept for the caller and do not end the wait.
     */
    void awaitAcknowledged(final long lsn, final Object blocker) {
        if (yieldUntilAcknowledged(lsn)) {
            return;
        }
        boolean interrupted = false;
        parkedCount.incrementAndGet();
        VarHandle.fullFence(); // announce first, look second; who acknowledges does the reverse
        while (!isAcknowledged(lsn)) {
            LockSupport.parkNanos(blocker, WAITER_PARK_NS);
            interrupted |= Thread.interrupted();
        }
        parkedCount.addAndGet(-1);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Most forces are over before it would pay to park: that takes two calls of the system. */
    private boolean yieldUntilAcknowledged(final long lsn) {
        final long startNs = System.nanoTime();
        while (!isAcknowledged(lsn)) {
            if (System.nanoTime() - startNs > YIELD_NS) {
                return false;
            }
            Thread.yield();
        }
        return true;
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
                        throw failure.forCaller();
                    }
                    if (closed) {
                        throw new LogClosedException();
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

    private void advanceWritten(final long lsn) {
        if (lsn > writtenLsn) {
            writtenLsn = lsn;
        }
    }

    private void acknowledge(final long lsn) {
        final long sequence = lsn - firstLsn;
        final long current = acknowledged.get();
        if (sequence > current
                && acknowledged.compareAndSet(
                        current, sequence)) { // never back from the end of time
            VarHandle.fullFence();
            if (lastStage != null) { // else the stages do
                unparkWaiters(current + 1, sequence);
            }
            if (areStagesWanted(sequence)) {
                signals.wakeStages();
            }
        }
    }

    /**
     * A slot may be in other hands already, when the stage was quicker: then the stage has woken
     * its waiter, and another thread is woken for nothing.
     */
    private void unparkWaiters(final long from, final long to) {
        if (parkedCount.get() > 0) {
            for (long sequence = from; sequence <= to; sequence++) {
                final Thread waiter = ring.get(sequence).waiter();
                if (waiter != null) {
                    LockSupport.unpark(waiter);
                }
            }
        }
        unparkedSequence = to;
    }

    /**
     * The stages stop at a claim that is never ended; whoever waits behind it is woken here. Who
     * publishes later sees that the log has failed before it parks.
     */
    private void unparkAll(final long from) {
        VarHandle.fullFence();
        for (long sequence = from; sequence <= ring.getCursor(); sequence++) {
            if (ring.isAvailable(sequence)) {
                LockSupport.unpark(ring.get(sequence).waiter());
            }
        }
    }

    private boolean areStagesWanted(final long sequence) {
        return eager
                || sequence - lastStage.get()
                        >= ring.getBufferSize() / (each ? LAG_DIVISOR_OF_EACH : LAG_DIVISOR);
    }

    private void wakeWaiters() {
        if (waiterCount > 0) {
            synchronized (this) {
                notifyAll();
            }
        }
    }
}
