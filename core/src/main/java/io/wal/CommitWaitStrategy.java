package io.wal;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutException;
import com.lmax.disruptor.WaitStrategy;
import io.wal.store.AppendEvent;
import io.wal.store.LogStore;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * How the store's thread waits for entries, and the stages behind it for their acknowledgement.
 *
 * <p>The strategies that come with the Disruptor either spin while they wait for a sequence other
 * than the cursor, which here would be for as long as each force takes, or spin while a claimed
 * slot is unpublished. This one does neither, and lets the store's thread be woken without an
 * event: the wait then ends with a timeout, as the processor knows it. Under load, when there is
 * always an entry to hand out, that timeout comes between two batches.
 */
final class CommitWaitStrategy implements WaitStrategy {
    private static final int SPINS_BEFORE_IDLE = 200;

    /**
     * The first park is short. Producers look for the parked thread without a fence, which would
     * cost them as much as all the rest of an append, so one that publishes at the very moment at
     * which the thread parks may not see it. What it published is seen after this time, in which
     * any store reaches memory, and from then on everybody sees the parked thread.
     */
    private static final long SETTLE_NS = 100_000;

    /** Then it looks up now and then; that costs nothing that could be measured. */
    private static final long LONGEST_PARK_NS = 50_000_000;

    private final WaitMode mode;
    private final LogStore store;
    private final Parking storeParking = new Parking();
    private final Parking[] stageParkings;
    private RingBuffer<AppendEvent> ring;
    private volatile boolean wakeRequested;
    private volatile boolean stagesFollowRing;
    private boolean timeoutOwed; // store's thread alone

    CommitWaitStrategy(final WaitMode mode, final LogStore store, final int stageCount) {
        this.mode = mode;
        this.store = store;
        stageParkings = new Parking[stageCount];
        for (int i = 0; i < stageCount; i++) {
            stageParkings[i] = new Parking();
        }
    }

    /**
     * The ring needs the strategy and the strategy the ring; called once, before any thread runs.
     */
    void ring(final RingBuffer<AppendEvent> appendRing) {
        ring = appendRing;
    }

    @Override
    public long waitFor(
            final long sequence,
            final Sequence cursor,
            final Sequence dependent,
            final SequenceBarrier barrier)
            throws AlertException, TimeoutException {
        return cursor == dependent
                ? waitForEntry(sequence, cursor, barrier)
                : waitForStage(sequence, dependent, barrier);
    }

    /** Called when an entry was published, and when a stage is halted. */
    @Override
    public void signalAllWhenBlocking() {
        storeParking.signalIfSeen();
        if (stagesFollowRing) {
            signalStages();
        }
    }

    /** Makes the store's thread look up from waiting. Any thread. */
    void wakeStore() {
        wakeRequested = true;
        storeParking.signal();
    }

    /**
     * From now on the stages wait for the ring rather than for the store: the log has failed, or is
     * being closed.
     */
    void letStagesFollowRing() {
        stagesFollowRing = true;
        signalStages();
    }

    /** Tells the stages behind the store that the sequence they wait for has moved. */
    void signalStages() {
        for (final Parking parking : stageParkings) {
            parking.signal();
        }
    }

    private long waitForEntry(
            final long sequence, final Sequence cursor, final SequenceBarrier barrier)
            throws AlertException, TimeoutException {
        int spins = 0;
        while (!ring.isAvailable(sequence)) {
            barrier.checkAlert();
            if (wakeRequested) {
                throw timeout();
            }
            if (spins < SPINS_BEFORE_IDLE) {
                spins++;
                Thread.onSpinWait();
            } else {
                idleStore(sequence, barrier);
            }
        }
        if (timeoutOwed) {
            throw timeout();
        }
        timeoutOwed = wakeRequested || isStoreOverdue();
        return cursor.get();
    }

    private boolean isStoreOverdue() {
        final long deadlineNs = store.deadlineNs();
        return deadlineNs != Long.MAX_VALUE && deadlineNs - System.nanoTime() <= 0;
    }

    private TimeoutException timeout() {
        timeoutOwed = false;
        wakeRequested = false;
        return TimeoutException.INSTANCE;
    }

    private void idleStore(final long sequence, final SequenceBarrier barrier)
            throws TimeoutException {
        final long deadlineNs = store.deadlineNs();
        final long timeoutNs =
                deadlineNs == Long.MAX_VALUE ? Long.MAX_VALUE : deadlineNs - System.nanoTime();
        if (timeoutNs <= 0) {
            throw timeout();
        }
        if (mode == WaitMode.PARK) {
            storeParking.prepare();
            if (isStoreIdle(sequence, barrier)) {
                final long startNs = System.nanoTime();
                storeParking.park(Math.min(timeoutNs, SETTLE_NS));
                if (timeoutNs > SETTLE_NS
                        && System.nanoTime() - startNs >= SETTLE_NS // not woken before its time
                        && storeParking.isAnnounced()
                        && isStoreIdle(sequence, barrier)) {
                    storeParking.park(Math.min(timeoutNs - SETTLE_NS, LONGEST_PARK_NS));
                }
            }
            storeParking.done();
        } else {
            mode.pause();
        }
    }

    private boolean isStoreIdle(final long sequence, final SequenceBarrier barrier) {
        return !ring.isAvailable(sequence) && !wakeRequested && !barrier.isAlerted();
    }

    /**
     * A stage waits for the sequence it depends on, and for its slot: a failed log lets the former
     * run ahead.
     */
    private long waitForStage(
            final long sequence, final Sequence dependent, final SequenceBarrier barrier)
            throws AlertException {
        if (stageParkings.length > 1) {
            signalStages(); // this stage has moved on, and the one behind it waits for that
        }
        Parking parking = null;
        int spins = 0;
        while (!isReady(sequence, dependent)) {
            barrier.checkAlert();
            if (spins < SPINS_BEFORE_IDLE) {
                spins++;
                Thread.onSpinWait();
            } else if (mode == WaitMode.PARK) {
                if (parking == null) {
                    parking = parkingOfThisThread();
                }
                parking.prepare();
                if (!isReady(sequence, dependent) && !barrier.isAlerted()) {
                    // who publishes to stages that follow the ring looks for them without a fence
                    parking.park(stagesFollowRing ? LONGEST_PARK_NS : Long.MAX_VALUE);
                }
                parking.done();
            } else {
                mode.pause();
            }
        }
        return dependent.get();
    }

    private boolean isReady(final long sequence, final Sequence dependent) {
        return dependent.get() >= sequence && ring.isAvailable(sequence);
    }

    private Parking parkingOfThisThread() {
        final Thread thread = Thread.currentThread();
        for (final Parking parking : stageParkings) {
            if (parking.belongsTo(thread)) {
                return parking;
            }
        }
        throw new IllegalStateException("more stages wait than were announced");
    }

    /**
     * Where one thread parks. The thread announces itself, looks once more, and only then parks; a
     * signaller acts first and looks for the announcement second. So one of the two always sees the
     * other, if the signaller has a fence between the two.
     */
    private static final class Parking {
        private static final VarHandle PARKED;

        static {
            try {
                PARKED =
                        MethodHandles.lookup().findVarHandle(Parking.class, "parked", Thread.class);
            } catch (final ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private volatile Thread parked;
        private volatile Thread owner;

        synchronized boolean belongsTo(final Thread thread) {
            if (owner == null) {
                owner = thread;
            }
            return owner == thread;
        }

        void prepare() {
            parked = Thread.currentThread();
            VarHandle.fullFence();
        }

        void park(final long timeoutNs) {
            if (timeoutNs == Long.MAX_VALUE) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, timeoutNs);
            }
            Thread.interrupted(); // means nothing to a thread of the log, and would make it spin
        }

        void done() {
            parked = null;
        }

        /** Whether whoever signals still sees the thread. */
        boolean isAnnounced() {
            return parked != null;
        }

        void signal() {
            VarHandle.fullFence();
            signalIfSeen();
        }

        /** Without a fence: may miss a thread that parks at this very moment. */
        void signalIfSeen() {
            final Thread thread = parked;
            if (thread != null && PARKED.compareAndSet(this, thread, null)) {
                LockSupport.unpark(thread);
            }
        }
    }
}
