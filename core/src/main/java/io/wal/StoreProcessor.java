package io.wal;

import com.lmax.disruptor.EventProcessor;
import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import io.wal.store.AppendEvent;
import io.wal.store.LogStore;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/**
 * Feeds the store with what was published: on the store's thread, or, while that one is parked, on
 * the thread of a caller that would wait for its entry anyway. A lone caller so pays for no
 * hand-over: it writes and forces itself.
 *
 * <p>Whoever feeds the store holds it alone. Running, the store's thread has it. Parked, it has
 * announced that anybody may take it: a producer takes it for the store's thread, and wakes that; a
 * caller borrows it, and gives it back when its batch is committed. Each of these is one change of
 * {@link #state}, which also hands over all that the store has in memory.
 *
 * <p>Producers look at the state without a fence between publishing and looking, for it would cost
 * them as much as all the rest of an append. So one that publishes at the very moment at which the
 * thread parks may take it for running. Therefore the first park is short: within that time any
 * store reaches memory, and from then on everybody sees the parked thread.
 */
final class StoreProcessor implements EventProcessor {
    /** Of each processor, before it parks. */
    static final int SPINS_BEFORE_IDLE = 200;

    private static final long SETTLE_NS = 100_000;

    /** Then it looks up now and then; that costs nothing that could be measured. */
    static final long LONGEST_PARK_NS = 50_000_000;

    private static final long NEVER = Long.MAX_VALUE;

    /** The store's thread has the store, or has been woken to. */
    private static final int RUNNING = 0;

    /** Nobody has the store. */
    private static final int PARKED = 1;

    /** A caller has the store. */
    private static final int LENT = 2;

    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(StoreProcessor.class, "state", int.class);
        } catch (final ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final RingBuffer<AppendEvent> ring;
    private final LogStore store;
    private final WaitMode mode;
    private final ExceptionHandler<AppendEvent> lastResort;
    private final boolean lends;
    private final Sequence sequence = new Sequence();
    private volatile int state = RUNNING;
    private volatile boolean wakeRequested;
    private volatile boolean halted;
    private volatile Thread storeThread;
    private volatile Thread borrower;
    private long parkedUntilNs; // whoever has the store

    StoreProcessor(
            final RingBuffer<AppendEvent> ring,
            final LogStore store,
            final WaitMode mode,
            final boolean lends,
            final ExceptionHandler<AppendEvent> lastResort) {
        this.ring = ring;
        this.store = store;
        this.mode = mode;
        this.lends = lends;
        this.lastResort = lastResort;
    }

    /** How far the store has come. */
    @Override
    public Sequence getSequence() {
        return sequence;
    }

    @Override
    public boolean isRunning() {
        final Thread thread = storeThread;
        return thread != null && thread.isAlive();
    }

    /** The store's thread ends when nobody has the store any more. */
    @Override
    public void halt() {
        halted = true;
        signal();
    }

    @Override
    public void run() {
        storeThread = Thread.currentThread();
        int spins = 0;
        boolean timeoutOwed = false; // under load it comes between two batches
        while (!halted) {
            final long next = sequence.get() + 1;
            if (!timeoutOwed && ring.isAvailable(next)) {
                process(next);
                timeoutOwed = wakeRequested || isOver(deadlineNs());
                spins = 0;
            } else if (timeoutOwed || wakeRequested) {
                timeoutOwed = false;
                timeout();
                spins = 0;
            } else if (spins < SPINS_BEFORE_IDLE) {
                spins++;
                Thread.onSpinWait();
            } else {
                timeoutOwed = idle();
            }
        }
    }

    /** Makes the store's thread call the store, though there may be no entry. Any thread. */
    void wake() {
        wakeRequested = true;
        signal();
    }

    /** Wakes the store's thread if it is parked. Any thread. */
    private void signal() {
        VarHandle.fullFence();
        signalIfSeen();
    }

    /** As {@link #signal()}, but may miss a thread that parks at this very moment. */
    void signalIfSeen() {
        int seen = state;
        while (seen != RUNNING) {
            if (seen == PARKED && STATE.compareAndSet(this, PARKED, RUNNING)) {
                LockSupport.unpark(storeThread);
                return;
            }
            VarHandle.fullFence();
            seen = state;
            if (seen == LENT) { // who has it sees what we published when giving it back
                return;
            }
        }
    }

    /**
     * Whether it is worth trying to {@link #borrow()}: nobody has the store, and this thread is fit
     * to have it. Asked before anything is claimed.
     */
    boolean mayBorrow() {
        if (!lends || state != PARKED || ThreadFitness.isVirtual()) {
            return false;
        }
        ThreadFitness.requireStack();
        return true;
    }

    /**
     * Takes the store if nobody has it; {@link #commitBorrowed()} must follow. For a thread that is
     * about to publish an entry, and will wait for it.
     */
    boolean borrow() {
        if (wakeRequested || halted || !STATE.compareAndSet(this, PARKED, LENT)) {
            return false;
        }
        borrower = Thread.currentThread();
        return true;
    }

    /** Feeds the borrowed store with what is published by now, and gives it back. */
    void commitBorrowed() {
        boolean interrupted = false;
        boolean isEarlier = true;
        try {
            interrupted = Thread.interrupted(); // it must not reach the store
            final long next = sequence.get() + 1;
            if (ring.isAvailable(next)) {
                process(next);
            }
            isEarlier = isEarlier(deadlineNs(), parkedUntilNs);
        } finally {
            borrower = null;
            state = PARKED; // before anything that might fail
            VarHandle.fullFence();
            if (isEarlier || hasWork()) {
                signalIfSeen();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Whether a thread has borrowed the store. */
    boolean isBorrower(final Thread thread) {
        return borrower == thread;
    }

    private void process(final long first) {
        long last = first;
        while (ring.isAvailable(last + 1)) {
            last++;
        }
        store.onBatchStart(last - first + 1, last - first + 1);
        for (long each = first; each <= last; each++) {
            final AppendEvent event = ring.get(each);
            try {
                store.onEvent(event, each, each == last);
            } catch (final Throwable t) {
                sequence.set(each); // never again, whatever comes of this
                lastResort.handleEventException(t, each, event);
            }
        }
        sequence.set(last);
    }

    private void timeout() {
        wakeRequested = false; // before the store looks at what was asked
        try {
            store.onTimeout(sequence.get());
        } catch (final Throwable t) {
            lastResort.handleEventException(t, sequence.get(), null);
        }
    }

    /** Waits for work or for the store's deadline; says whether the latter has come. */
    private boolean idle() {
        final long deadlineNs = deadlineNs();
        if (isOver(deadlineNs)) {
            return true;
        }
        if (mode == WaitMode.PARK) {
            parkedUntilNs = deadlineNs;
            state = PARKED;
            VarHandle.fullFence();
            park(deadlineNs);
        } else {
            mode.pause();
        }
        return false;
    }

    /** Returns when this thread has the store again. */
    private void park(final long deadlineNs) {
        final long startNs = System.nanoTime();
        while (state != RUNNING) {
            final long nowNs = System.nanoTime();
            final boolean over = isOver(deadlineNs);
            if (over || hasWork()) {
                if (STATE.compareAndSet(this, PARKED, RUNNING)) {
                    return;
                }
                if (over) {
                    wakeRequested = true; // whoever has it shall not borrow it again
                }
                if (state != LENT) {
                    continue;
                }
            }
            long longestNs = nowNs - startNs < SETTLE_NS ? SETTLE_NS : LONGEST_PARK_NS;
            if (!over && deadlineNs != NEVER) {
                longestNs = Math.min(longestNs, deadlineNs - nowNs);
            }
            LockSupport.parkNanos(this, longestNs);
            Thread.interrupted(); // means nothing to a thread of the log, and would make it spin
        }
    }

    private boolean hasWork() {
        return ring.isAvailable(sequence.get() + 1) || wakeRequested || halted;
    }

    private long deadlineNs() {
        try {
            return store.deadlineNs();
        } catch (final Throwable t) {
            lastResort.handleEventException(t, sequence.get(), null);
            return NEVER;
        }
    }

    private static boolean isOver(final long deadlineNs) {
        return deadlineNs != NEVER && deadlineNs - System.nanoTime() <= 0;
    }

    private static boolean isEarlier(final long deadlineNs, final long thanNs) {
        return deadlineNs != NEVER && (thanNs == NEVER || deadlineNs - thanNs < 0);
    }
}
