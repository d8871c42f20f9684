package io.wal.etcd;

import io.wal.StorageException;
import io.wal.WalException;

/**
 * Finds out whether a checkpoint counts that a writer was finalizing when it was deposed.
 *
 * <p>As with entries nothing of the deposed writer has an effect any more. While no successor has
 * begun its epoch, the checkpoint that is there is the one that counts; after it, its record names
 * the one that it found.
 */
final class CheckpointFate {
    private final PatientReads reads;
    private final KeyLayout keys;
    private final long logId;
    private final long epoch;
    private final String location;

    /** Told what was found out, once, on any thread. */
    interface Listener {
        void onFinalized();

        void onNotFinalized();

        /**
         * It could not be found out.
         *
         * @param cause why.
         */
        void onUnknown(WalException cause);
    }

    CheckpointFate(
            final PatientReads reads,
            final KeyLayout keys,
            final long logId,
            final long epoch,
            final String location) {
        this.reads = reads;
        this.keys = keys;
        this.logId = logId;
        this.epoch = epoch;
        this.location = location;
    }

    /**
     * Asks, after the epoch was taken.
     *
     * @param revisionBefore at which the checkpoint before was put; 0 for none.
     * @param listener told the answer.
     */
    void find(final long revisionBefore, final Listener listener) {
        reads.ask(
                KvTxn.reads(
                        KvOp.get(keys.checkpoint()),
                        new KvOp.Get(
                                KvRange.of(keys.epochStart(epoch + 1), keys.epochStartsEnd())
                                        .first(1)),
                        KvOp.get(keys.registration())),
                answer -> conclude(revisionBefore, answer, listener),
                failure -> listener.onUnknown(unknown(failure)));
    }

    private void conclude(
            final long revisionBefore, final KvAnswer answer, final Listener listener) {
        final long revision;
        try {
            revision = revisionInTheEnd(answer);
        } catch (final WalException e) {
            listener.onUnknown(e);
            return;
        } catch (final RuntimeException e) { // or nobody would ever be told
            listener.onUnknown(unknown(e));
            return;
        }
        if (revision == EpochStart.UNKNOWN_REVISION) {
            listener.onUnknown(unknown(new IllegalStateException("the record of it is gone")));
        } else if (revision == revisionBefore) {
            listener.onNotFinalized();
        } else if (revision > revisionBefore) {
            listener.onFinalized(); // for nobody else could put one
        } else {
            listener.onUnknown(unknown(new IllegalStateException("the cluster was restored")));
        }
    }

    /** Of the checkpoint that counted when the epoch ended; 0 for none. */
    private long revisionInTheEnd(final KvAnswer answer) {
        final KvEntry entry = answer.read(0).entry();
        final KvEntry startEntry = answer.read(1).entry();
        final Registration registration = Registration.of(answer.read(2).entry());
        if (registration == null || registration.logId() != logId) {
            throw unknown(new IllegalStateException("the log was removed"));
        }
        if (startEntry == null || FinalizedCheckpoint.of(entry).epoch() <= epoch) {
            return entry == null ? 0 : entry.modRevision();
        }
        final EpochStart start = EpochStart.of(startEntry, keys);
        return start.previous() == epoch ? start.checkpointRevision() : EpochStart.UNKNOWN_REVISION;
    }

    private StorageException unknown(final Throwable cause) {
        return new StorageException(location, "find out whether a checkpoint counts of", cause);
    }
}
