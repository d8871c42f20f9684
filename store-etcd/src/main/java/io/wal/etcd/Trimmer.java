package io.wal.etcd;

import io.wal.WalException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;

/**
 * Releases the space before the checkpoint, in the background: slice by slice, so that the cluster
 * is not held up.
 *
 * <p>Each slice is deleted from the very first key on. So a batch before the checkpoint that comes
 * back, by a copy of a transaction that was on its way for long, goes with the next trim; until
 * then nobody reads it. Any thread.
 */
final class Trimmer {
    private static final int SLICE = 1000;
    private static final long EPOCH_START_KEPT_MS = TimeUnit.DAYS.toMillis(1);

    private final EtcdKv kv;
    private final Timing timing;
    private final Writing writing;
    private final BatchIndex index;
    private final List<EpochStart> epochStarts;
    private final boolean compacts;
    private TrimPoint target;
    private long targetRevision;
    private boolean running;

    Trimmer(
            final EtcdKv kv,
            final Timing timing,
            final Writing writing,
            final BatchIndex index,
            final List<EpochStart> epochStarts,
            final boolean compacts) {
        this.kv = kv;
        this.timing = timing;
        this.writing = writing;
        this.index = index;
        this.epochStarts = epochStarts;
        this.compacts = compacts;
    }

    /**
     * Releases what lies before a point, sooner or later.
     *
     * @param point that was put.
     * @param revision at which it was put.
     */
    void trim(final TrimPoint point, final long revision) {
        synchronized (this) {
            target = point;
            targetRevision = revision;
            if (running) {
                return;
            }
            running = true;
        }
        deleteSlice();
    }

    private void deleteSlice() {
        final TrimPoint point;
        final long revision;
        synchronized (this) {
            point = target;
            revision = targetRevision;
        }
        final KeyLayout keys = writing.keys();
        final long endLsn = index.sliceEnd(point.batchLsn(), SLICE);
        final KvOp delete = new KvOp.Delete(keys.batchesBegin(), keys.batch(endLsn));
        deliver(
                writing.fence().txn(KvCompare.unchangedSince(keys.trim(), revision), delete),
                deletedRevision -> onSliceDeleted(endLsn, revision, deletedRevision));
    }

    private void onSliceDeleted(
            final long endLsn, final long revision, final long deletedRevision) {
        index.dropBelow(endLsn);
        final boolean done;
        synchronized (this) {
            // With a newer trim point the slice was not deleted: it begins anew, with the first
            // key.
            done = endLsn == target.batchLsn() && revision == targetRevision;
        }
        if (done) {
            deleteEpochStarts(revision, deletedRevision);
        } else {
            deleteSlice();
        }
    }

    /**
     * Of the epochs that ended before the trim point the record is kept for a day, and never is the
     * newest deleted.
     */
    private void deleteEpochStarts(final long trimRevision, final long deletedRevision) {
        final long oldMs = timing.currentTimeMillis() - EPOCH_START_KEPT_MS;
        int kept = 0;
        while (kept + 1 < epochStarts.size()
                && epochStarts.get(kept + 1).firstLsn() <= target().firstLsn()
                && epochStarts.get(kept + 1).startedMs() < oldMs) {
            kept++;
        }
        if (kept == 0) {
            finish(trimRevision, deletedRevision);
            return;
        }
        final KeyLayout keys = writing.keys();
        final KvOp delete =
                new KvOp.Delete(
                        keys.epochStartsBegin(), keys.epochStart(epochStarts.get(kept).epoch()));
        epochStarts.subList(0, kept).clear();
        deliver(
                writing.fence().txn(KvCompare.unchangedSince(keys.trim(), trimRevision), delete),
                revision -> finish(trimRevision, revision));
    }

    private void finish(final long trimRevision, final long revision) {
        if (compacts) {
            kv.compact(revision); // should it fail, the next one does
        }
        synchronized (this) {
            if (trimRevision == targetRevision) {
                running = false;
                return;
            }
        }
        deleteSlice(); // another checkpoint was finalized meanwhile
    }

    private synchronized TrimPoint target() {
        return target;
    }

    private synchronized long targetRevision() {
        return targetRevision;
    }

    private void deliver(final KvTxn txn, final LongConsumer next) {
        writing.courier()
                .deliver(
                        txn,
                        "trim",
                        new TxnCourier.Receiver() {
                            @Override
                            public void onVerdict(
                                    final Fence.Verdict verdict, final long revision) {
                                if (verdict == Fence.Verdict.DEPOSED) {
                                    stop(); // the successor goes on with it
                                } else {
                                    next.accept(Math.max(revision, targetRevision()));
                                }
                            }

                            @Override
                            public void onFailure(final WalException failure) {
                                stop(); // the next checkpoint or the next opening goes on with it
                            }
                        });
    }

    private synchronized void stop() {
        running = false;
    }
}
