package io.wal.etcd;

import io.wal.CorruptLogException;
import io.wal.WalException;
import io.wal.store.CommitProgress;
import java.util.ArrayDeque;

/**
 * The batches under way. They are stored in any order, and acknowledged strictly in the order of
 * their LSNs: what is acknowledged has no hole below it, and so no recovery cuts it off.
 *
 * <p>The store's thread offers batches; answers come on the threads of the client. The lock is held
 * while progress is reported, so one thread reports at a time.
 */
final class CommitWindow {
    private final int capacity;
    private final TxnCourier courier;
    private final Fence fence;
    private final KeyLayout keys;
    private final CommitProgress progress;
    private final Timing.Signal signal;
    private final BatchIndex index;
    private final Ending ending;
    private final ArrayDeque<Slot> slots = new ArrayDeque<>();
    private long durableLsn;
    private volatile long reportedLsn;
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
        private boolean applied;

        Slot(final long firstLsn, final long lastLsn) {
            this.firstLsn = firstLsn;
            this.lastLsn = lastLsn;
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
        reportedLsn = lastLsn;
        offeredLsn = lastLsn;
    }

    /**
     * Takes a batch if there is room. If there is none, the store's thread is woken when there is.
     *
     * @param lastLsn of the batch, which begins behind the one offered before.
     * @param value of the batch, made only when there is room.
     * @return whether it was taken.
     */
    boolean offer(final long lastLsn, final BatchValue value) {
        final Slot slot;
        final KvTxn txn;
        synchronized (this) {
            if (!open || slots.size() == capacity) {
                slotWanted = true;
                return false;
            }
            final long firstLsn = offeredLsn + 1;
            final String key = keys.batch(firstLsn);
            txn = fence.txn(KvCompare.absent(key), KvOp.put(key, value.encode(durableLsn)));
            slot = new Slot(firstLsn, lastLsn);
            slots.add(slot);
            index.add(firstLsn, lastLsn);
            offeredLsn = lastLsn;
        }
        courier.deliver(
                txn,
                "append to",
                new TxnCourier.Receiver() {
                    @Override
                    public void onVerdict(final Fence.Verdict verdict, final long revision) {
                        onAnswer(slot, verdict, txn);
                    }

                    @Override
                    public void onFailure(final WalException failure) {
                        ending.onFailure(failure);
                    }
                });
        return true;
    }

    /** Makes a batch's value when it is known how far the log is durable. */
    interface BatchValue {
        byte[] encode(long durableLsn);
    }

    /** Whether there is room for a batch. */
    synchronized boolean hasRoom() {
        return open && slots.size() < capacity;
    }

    synchronized boolean isEmpty() {
        return slots.isEmpty();
    }

    synchronized boolean isOpen() {
        return open;
    }

    synchronized long durableLsn() {
        return durableLsn;
    }

    /** How far it was reported that the log is durable: what readers beside the writer may see. */
    long reportedLsn() {
        return reportedLsn;
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
        durableLsn = lsn;
        progress.durable(lsn);
        reportedLsn = lsn;
    }

    private void onAnswer(final Slot slot, final Fence.Verdict verdict, final KvTxn txn) {
        switch (verdict) {
            case APPLIED -> onApplied(slot);
            case DEPOSED -> ending.onDeposed();
            case CONFLICT ->
                    ending.onFailure(
                            new CorruptLogException(
                                    txn.compares().get(1).key(),
                                    0,
                                    keys.firstLsnOf(txn.compares().get(1).key()),
                                    "the key was there before this writer was, though the log ended below it"));
        }
    }

    private void onApplied(final Slot slot) {
        Runnable task = null;
        boolean wakes = false;
        synchronized (this) {
            if (!open) {
                return; // whoever asks what is in flight counts on that it stays so
            }
            slot.applied = true;
            long lsn = durableLsn;
            while (!slots.isEmpty() && slots.peek().applied) {
                lsn = slots.poll().lastLsn;
            }
            if (lsn == durableLsn) {
                return;
            }
            report(lsn);
            wakes = slotWanted;
            slotWanted = false;
            if (awaitedBy != null && awaitedLsn <= lsn) {
                task = awaitedBy;
                awaitedBy = null;
            }
        }
        signal.raise();
        if (wakes) {
            progress.wake();
        }
        if (task != null) {
            task.run();
        }
    }
}
