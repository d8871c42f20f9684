package io.wal.etcd;

import java.util.List;

/**
 * The one place that builds transactions which change something. Each holds only while the epoch
 * key is as its owner left it, and only once.
 *
 * @param epochKey whose mod revision is compared.
 * @param revision that it must have.
 */
record Fence(String epochKey, long revision) {
    /** Behind the epoch's key it makes one that is never put. */
    private static final String NOWHERE = "?";

    /** What became of a transaction that was answered. */
    enum Verdict {
        /** It had its effect, now or when it was sent before. */
        APPLIED,
        /** Another has taken the epoch; whether it had its effect before is not known yet. */
        DEPOSED,
        /** The epoch is ours, and what the transaction found was not left by us. */
        CONFLICT
    }

    /**
     * Builds a transaction.
     *
     * @param once holds before the transaction and not after it, so that a copy of it that comes
     *     late does nothing.
     * @param ops what it does.
     * @return the transaction; may be sent any number of times.
     */
    KvTxn txn(final KvCompare once, final KvOp... ops) {
        return new KvTxn(
                List.of(KvCompare.unchangedSince(epochKey, revision), once),
                List.of(ops),
                List.of(KvOp.get(epochKey), new KvOp.Get(KvRange.of(once.key()).keys())));
    }

    /**
     * A transaction that changes nothing, and yet goes the way of those that do: a leader and a
     * majority of the members must take it, and it must be applied.
     */
    KvTxn feeler() {
        final String nowhere = epochKey + NOWHERE;
        return txn(KvCompare.absent(nowhere), new KvOp.Delete(nowhere, null));
    }

    /** The reads that say whether a transaction had its effect, alone. */
    KvTxn reads(final KvTxn txn) {
        return new KvTxn(List.of(), txn.otherwise(), List.of());
    }

    /** Reads the answer to a transaction built here. */
    Verdict verdict(final KvTxn txn, final KvAnswer answer) {
        return answer.succeeded() ? Verdict.APPLIED : verdictByReads(txn, answer);
    }

    /**
     * Reads the answer to the {@link #reads} of a transaction. The epoch comes first: who lost it
     * knows nothing else. Then comes whether the transaction could still have its effect, for then
     * it had none: a key that is replaced by one transaction after the other, as a checkpoint is,
     * may have been put by the one before.
     */
    Verdict verdictByReads(final KvTxn txn, final KvAnswer answer) {
        final KvEntry epoch = answer.read(0).entry();
        if (epoch == null || epoch.modRevision() != revision) {
            return Verdict.DEPOSED;
        }
        // While the epoch is ours nobody else writes: what is younger than it, we wrote.
        final KvEntry once = answer.read(1).entry();
        return once != null && once.modRevision() > revision && !holds(txn.compares().get(1), once)
                ? Verdict.APPLIED
                : Verdict.CONFLICT;
    }

    /** Whether a compare holds for a key that exists. */
    private static boolean holds(final KvCompare compare, final KvEntry entry) {
        return compare.target() == KvCompare.Target.MOD_REVISION
                && entry.modRevision() == compare.revision();
    }

    /** When a transaction that puts the key of its run-once compare had its effect. */
    long revisionOf(final KvAnswer answer) {
        final KvEntry once = answer.reads().size() < 2 ? null : answer.read(1).entry();
        return once == null ? answer.revision() : once.modRevision();
    }
}
