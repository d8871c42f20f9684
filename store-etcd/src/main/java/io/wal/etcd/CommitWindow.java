package io.wal.etcd;

import io.wal.CorruptLogException;
import io.wal.WalException;
import io.wal.store.CommitProgress;
import java.util.ArrayDeque;

/**
 * The batches under way. They are stored in any order, and acknowledged strictly in the order of
 * their LSNs: what is acknowledged has no hole below it, and so no recovery cuts it off.
 *
 * <p>A batch that was stored before those ahead of it makes room for the next, up to a limit: one
 * answer that takes long does not make the others wait. And one batch that has grown as far as it
 * may can wait behind those under way: who brings an answer sends it at once, and the store's
 * thread need not be woken first.
 *
 * <p>The store's thread offers batches; answers come on the threads of the client. The lock is held
 * while progress is reported, so one thread reports at a time.
 */
final class CommitWindow {
    /** Batches that are not acknowledged, for each that may be under way. */
    private static final int SLOTS_PER_BATCH_UNDER_WAY = 2;

    private final int capacity;
    private final TxnCourier courier;
    private final Fence fence;
    private final KeyLayout keys;
    private final CommitProgress progress;
    private final Timing.Signal signal;
    private final BatchIndex index;
    private final Ending ending;
    private final ArrayDeque<Slot> slots = new ArrayDeque<>();
    private Slot waiting;
    private int underWayCount;
    private volatile long durableLsn; // changed under the lock
    private long offeredLsn;
    private boolean open = true;
    private boolean slotWanted;
    private long awaitedLsn;
    private Runnable awaitedBy;

    /** Told how the writer ends, on any thread. */
    interface Ending {
        /** Another has taken the epoch. */
        void onDeposed();

        /** Something went wrong that only opening the log again recovers from. */
        void onFailure(Throwable cause);
    }

    private static final class Slot {
        private final long firstLsn;
        private final long lastLsn;
        private KvTxn txn;

        Slot(final long firstLsn, final long lastLsn, final KvTxn txn) {
            this.firstLsn = firstLsn;
            this.lastLsn = lastLsn;
            this.txn = txn;
        }

        /** What was stored is not held here any more. */
        boolean isApplied() {
            return txn == null;
        }
    }

    CommitWindow(
            final int capacity,
            final long lastLsn,
            final Writing writing,
            final CommitProgress progress,
            final Timing.Signal signal,
            final BatchIndex index,
            final Ending ending) {
        this.capacity = capacity;
        this.courier = writing.courier();
        this.fence = writing.fence();
        this.keys = writing.keys();
        this.progress = progress;
        this.signal = signal;
        this.index = index;
        this.ending = ending;
        durableLsn = lastLsn;
        offeredLsn = lastLsn;
    }

    /**
     * Takes a batch if there is room, and sends it. If there is none, the store's thread is woken
     * when there is.
     *
     * @param lastLsn of the batch, which begins behind the one offered before.
     * @param value of the batch, made only when there is room.
     * @return whether it was taken.
     */
    boolean offer(final long lastLsn, final BatchValue value) {
        return take(lastLsn, value, false);
    }

    /**
     * As {@link #offer}, for a batch that cannot grow: one such may wait for room here.
     *
     * @param lastLsn of the batch, which begins behind the one offered before.
     * @param value of the batch, made only when there is room.
     * @return whether it was taken.
     */
    boolean enqueue(final long lastLsn, final BatchValue value) {
        return take(lastLsn, value, true);
    }

    private boolean take(final long lastLsn, final BatchValue value, final boolean mayWait) {
        final Slot slot;
        synchronized (this) {
            final boolean sends = mayBeSent();
            if (!open || waiting != null || !sends && !mayWait) {
                slotWanted = true;
                return false;
            }
            final long firstLsn = offeredLsn + 1;
            slot = new Slot(firstLsn, lastLsn, putting(firstLsn, value.encode(durableLsn)));
            index.add(firstLsn, lastLsn);
            offeredLsn = lastLsn;
            if (!sends) {
                waiting = slot;
                return true;
            }
            begin(slot);
        }
        send(slot);
        return true;
    }

    private KvTxn putting(final long firstLsn, final byte[] value) {
        final String key = keys.batch(firstLsn);
        return fence.txn(KvCompare.absent(key), KvOp.put(key, value));
    }

    private boolean mayBeSent() {
        return underWayCount < capacity && slots.size() < SLOTS_PER_BATCH_UNDER_WAY * capacity;
    }

    private void begin(final Slot slot) {
        slots.add(slot);
        underWayCount++;
    }

    private void send(final Slot slot) {
        courier.deliver(
                slot.txn,
                "append to",
                new TxnCourier.Receiver() {
                    @Override
                    public void onVerdict(final Fence.Verdict verdict, final long revision) {
                        onAnswer(slot, verdict);
                    }

                    @Override
                    public void onFailure(final WalException failure) {
                        ending.onFailure(failure);
                    }
                });
    }

    /** Makes a batch's value when it is known how far the log is durable. */
    interface BatchValue {
        byte[] encode(long durableLsn);
    }

    /** Whether there is room for a batch that cannot grow. */
    synchronized boolean hasRoom() {
        return open && waiting == null;
    }

    /** Whether all that was taken is acknowledged. */
    synchronized boolean isEmpty() {
        return slots.isEmpty() && waiting == null;
    }

    synchronized boolean isOpen() {
        return open;
    }

    synchronized long durableLsn() {
        return durableLsn;
    }

    /**
     * How far readers beside the writer may see: as {@link #durableLsn()}, but it does not wait for
     * a report under way.
     */
    long readableLsn() {
        return durableLsn;
    }

    /**
     * Runs a task when all up to an LSN is acknowledged, on the thread that does so, or now. One
     * task at a time.
     */
    void whenDurable(final long lsn, final Runnable task) {
        synchronized (this) {
            if (durableLsn < lsn) {
                awaitedLsn = lsn;
                awaitedBy = task;
                return;
            }
        }
        task.run();
    }

    /** Acknowledges nothing any more, whatever answers come. */
    void close() {
        synchronized (this) {
            open = false;
        }
        signal.raise();
    }

    /** What is under way, which does not change once the window is closed. */
    synchronized InFlight inFlight() {
        final long[] firstLsns = new long[slots.size()];
        final long[] lastLsns = new long[slots.size()];
        int i = 0;
        for (final Slot slot : slots) {
            firstLsns[i] = slot.firstLsn;
            lastLsns[i++] = slot.lastLsn;
        }
        return new InFlight(durableLsn, firstLsns, lastLsns);
    }

    /**
     * What a deposed writer learned in the end: up to an LSN its entries are in the log for good.
     */
    synchronized void acknowledgeKept(final long lsn) {
        final long keptLsn = Math.min(lsn, offeredLsn);
        if (keptLsn > durableLsn) {
            report(keptLsn);
        }
    }

    private void report(final long lsn) {
        durableLsn = lsn; // before anybody is told, who might look
        progress.durable(lsn);
    }

    private void onAnswer(final Slot slot, final Fence.Verdict verdict) {
        switch (verdict) {
            case APPLIED -> onApplied(slot);
            case DEPOSED -> ending.onDeposed();
            case CONFLICT ->
                    ending.onFailure(
                            new CorruptLogException(
                                    keys.batch(slot.firstLsn),
                                    0,
                                    slot.firstLsn,
                                    "the key was there before this writer was, though the log ended below it"));
        }
    }

    private void onApplied(final Slot slot) {
        final Slot next;
        final boolean wakes;
        final Runnable task;
        synchronized (this) {
            if (!open) {
                return; // whoever asks what is in flight counts on that it stays so
            }
            slot.txn = null;
            underWayCount--;
            long lsn = durableLsn;
            while (!slots.isEmpty() && slots.peek().isApplied()) {
                lsn = slots.poll().lastLsn;
            }
            if (lsn > durableLsn) {
                report(lsn);
            }
            next = takeWaiting();
            wakes = slotWanted && waiting == null && mayBeSent();
            slotWanted &= !wakes;
            task = takeAwaitedBy();
        }
        if (next != null) {
            send(next);
        }
        signal.raise();
        if (wakes) {
            progress.wake();
        }
        if (task != null) {
            task.run();
        }
    }

    /** The batch that waits, when it may be sent now. */
    private Slot takeWaiting() {
        final Slot slot = waiting;
        if (slot == null || !mayBeSent()) {
            return null;
        }
        waiting = null;
        begin(slot);
        return slot;
    }

    /** The task that waits for what is acknowledged now. */
    private Runnable takeAwaitedBy() {
        final Runnable task = awaitedBy;
        if (task == null || awaitedLsn > durableLsn) {
            return null;
        }
        awaitedBy = null;
        return task;
    }
}
