package io.wal.etcd;

import java.util.ArrayList;
import java.util.List;

/**
 * The small values of a log, all of one moment.
 *
 * @param registration null when there is no log.
 * @param epoch who may write.
 * @param epochRevision of its last change; 0 when there never was one.
 * @param owner who writes; null when nobody is known to.
 * @param ownerLeaseId the lease that the owner lives on; 0 when there is none.
 * @param checkpoint the finalized checkpoint.
 * @param checkpointRevision of its last change, 0 for none.
 * @param trim where the log begins.
 * @param trimRevision of its last change, 0 for none.
 * @param closed the clean end; null when there is none.
 * @param epochStarts where the epochs begin, in their order; old ones are forgotten.
 * @param clusterId of the cluster.
 * @param revision of the store at that moment.
 */
record LogState(
        Registration registration,
        Epoch epoch,
        long epochRevision,
        Owner owner,
        long ownerLeaseId,
        FinalizedCheckpoint checkpoint,
        long checkpointRevision,
        TrimPoint trim,
        long trimRevision,
        CleanEnd closed,
        List<EpochStart> epochStarts,
        long clusterId,
        long revision) {
    /** Reads the values. */
    static LogState read(final Calls calls, final KeyLayout keys) {
        final KvAnswer answer =
                calls.read(
                        KvOp.get(keys.registration()),
                        KvOp.get(keys.epoch()),
                        KvOp.get(keys.owner()),
                        KvOp.get(keys.checkpoint()),
                        KvOp.get(keys.trim()),
                        KvOp.get(keys.closed()),
                        new KvOp.Get(KvRange.of(keys.epochStartsBegin(), keys.epochStartsEnd())));
        final KvEntry owner = answer.read(2).entry();
        final List<EpochStart> starts = new ArrayList<>();
        for (final KvEntry entry : answer.read(6).entries()) {
            if (keys.epochOf(entry.key()) > 0) { // others are foreign, and no concern of the writer
                starts.add(EpochStart.of(entry, keys));
            }
        }
        return new LogState(
                Registration.of(answer.read(0).entry()),
                Epoch.of(answer.read(1).entry()),
                revisionOf(answer.read(1)),
                Owner.of(owner),
                owner == null ? 0 : owner.leaseId(),
                FinalizedCheckpoint.of(answer.read(3).entry()),
                revisionOf(answer.read(3)),
                TrimPoint.of(answer.read(4).entry()),
                revisionOf(answer.read(4)),
                CleanEnd.of(answer.read(5).entry()),
                starts,
                answer.clusterId(),
                answer.revision());
    }

    /** The newest epoch that has begun; {@link EpochStart#NONE} before the first. */
    EpochStart lastStart() {
        return epochStarts.isEmpty() ? EpochStart.NONE : epochStarts.get(epochStarts.size() - 1);
    }

    /** The epoch that an LSN belongs to; 0 when that is forgotten. */
    long epochOf(final long lsn) {
        for (int i = epochStarts.size() - 1; i >= 0; i--) {
            if (epochStarts.get(i).firstLsn() <= lsn) {
                return epochStarts.get(i).epoch();
            }
        }
        return 0;
    }

    /** The last LSN that these values prove to have been acknowledged or kept. */
    long provenLsn() {
        final long closedLsn = closed == null ? 0 : closed.lastLsn();
        return Math.max(
                Math.max(closedLsn, checkpoint.endLsn()),
                Math.max(trim.firstLsn() - 1, lastStart().firstLsn() - 1));
    }

    private static long revisionOf(final KvPage page) {
        return page.isEmpty() ? 0 : page.entry().modRevision();
    }
}
