package io.wal;

import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.EventProcessor;
import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import io.wal.store.AppendEvent;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * Feeds a stage behind the store with what the stage before it is done with, on a thread of its
 * own.
 *
 * <p>The processor that comes with the Disruptor hands over one entry after the other, and its wait
 * strategies spin while a sequence other than the cursor lags, which here would be for as long as
 * each force takes. This one parks, and passes over entries that the stage has nothing to do for.
 */
final class StageProcessor implements EventProcessor {
    /**
     * A signaller that dies between two steps, for lack of stack for instance, costs no more than
     * this.
     */
    private static final long LONGEST_SLEEP_NS = 1_000_000_000;

    private final RingBuffer<AppendEvent> ring;
    private final Sequence dependent;
    private final Stage stage;
    private final WaitMode mode;
    private final ExceptionHandler<AppendEvent> lastResort;
    private final Sequence sequence = new Sequence();
    private StageProcessor behind;
    private volatile boolean followsRing;
    private volatile boolean halted;
    private volatile boolean parked;
    private volatile Thread thread;

    /** What is done for each entry behind the store. */
    interface Stage extends EventHandler<AppendEvent> {
        /**
         * Whether there is nothing to be done for the next entries.
         *
         * @param last sequence of the last of them; all of them are acknowledged.
         */
        default boolean isDone(final long last) {
            return false;
        }
    }

    StageProcessor(
            final RingBuffer<AppendEvent> ring,
            final Sequence dependent,
            final Stage stage,
            final WaitMode mode,
            final ExceptionHandler<AppendEvent> lastResort) {
        this.ring = ring;
        this.dependent = dependent;
        this.stage = stage;
        this.mode = mode;
        this.lastResort = lastResort;
    }

    /** The stage that waits for this one. Called once, before any thread runs. */
    void isFollowedBy(final StageProcessor follower) {
        behind = follower;
    }

    /** How far the stage has come; exact when its thread has ended. */
    @Override
    public Sequence getSequence() {
        return sequence;
    }

    @Override
    public boolean isRunning() {
        final Thread running = thread;
        return running != null && running.isAlive();
    }

    /** The stage ends behind the entry that it is at. */
    @Override
    public void halt() {
        halted = true;
        signal();
    }

    /**
     * From now on the stage is told of each entry that is published, for it waits for those rather
     * than for the store: the log has failed, or is being closed.
     */
    void followRing() {
        followsRing = true;
        signal();
    }

    /** An entry was published. */
    void published() {
        if (followsRing) {
            signalIfSeen();
        }
    }

    /** Makes the stage look again. Any thread. */
    void signal() {
        VarHandle.fullFence();
        signalIfSeen();
    }

    private void signalIfSeen() {
        if (parked) {
            parked = false; // whoever signals meanwhile need not
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        int spins = 0;
        while (!halted) {
            final long next = sequence.get() + 1;
            if (isReady(next)) {
                process(next);
                spins = 0;
            } else if (spins < StoreProcessor.SPINS_BEFORE_IDLE) {
                spins++;
                Thread.onSpinWait();
            } else if (mode == WaitMode.PARK) {
                park(next);
            } else {
                mode.pause();
            }
        }
    }

    /** Announces itself first and looks once more: one of signaller and thread sees the other. */
    private void park(final long next) {
        parked = true;
        VarHandle.fullFence(); // a sequence is read with less than volatile order
        if (!isReady(next) && !halted) {
            // who publishes to the ring looks for the parked thread without a fence
            LockSupport.parkNanos(
                    this, followsRing ? StoreProcessor.LONGEST_PARK_NS : LONGEST_SLEEP_NS);
            Thread.interrupted(); // means nothing to a thread of the log, and would make it spin
        }
        parked = false;
    }

    /** A failed log lets the dependent sequence run ahead to the end of time. */
    private boolean isReady(final long next) {
        return dependent.get() >= next && ring.isAvailable(next);
    }

    private void process(final long next) {
        final long last = Math.min(dependent.get(), next + ring.getBufferSize() - 1);
        if (stage.isDone(last)) {
            sequence.set(last);
        } else {
            long each = next;
            while (each <= last && !halted && ring.isAvailable(each)) {
                handle(each, each == last);
                each++;
            }
            sequence.set(each - 1);
        }
        if (behind != null) {
            behind.signal();
        }
    }

    private void handle(final long each, final boolean endOfBatch) {
        final AppendEvent event = ring.get(each);
        try {
            stage.onEvent(event, each, endOfBatch);
        } catch (final Throwable t) {
            lastResort.handleEventException(t, each, event);
        }
    }
}
