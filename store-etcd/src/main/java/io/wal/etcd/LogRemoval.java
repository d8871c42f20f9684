package io.wal.etcd;

import io.wal.LogInUseException;

/**
 * Removes a log. The first transaction takes the epoch and the registration away: from then on
 * there is no log, and nobody writes. The rest is remains, which whoever creates a log of that name
 * removes as well, should this be cut short.
 */
final class LogRemoval {
    private LogRemoval() {}

    /**
     * Removes a log.
     *
     * @param calls to ask with.
     * @param keys of the log.
     * @param incarnation a new name for the remover.
     * @param epochRevision the epoch as the caller knows it; another one, and nothing is removed.
     */
    static void remove(
            final Calls calls,
            final KeyLayout keys,
            final String incarnation,
            final long epochRevision) {
        final LogState state = LogState.read(calls, keys);
        if (state.epochRevision() != epochRevision) {
            throw taken(calls);
        }
        final Fence seen = new Fence(keys.epoch(), epochRevision);
        final Epoch last = new Epoch(state.epoch().number() + 1, incarnation);
        final KvTxn txn =
                seen.txn(
                        KvCompare.unchangedSince(keys.epoch(), epochRevision),
                        KvOp.put(keys.epoch(), last.encode()),
                        new KvOp.Delete(keys.registration(), null),
                        new KvOp.Delete(keys.owner(), null));
        final KvAnswer answer = calls.call("remove", () -> calls.kv().txn(txn));
        final KvEntry epoch = answer.succeeded() ? null : answer.read(0).entry();
        if (!answer.succeeded() && !Epoch.of(epoch).equals(last)) {
            throw taken(calls);
        }
        sweep(
                calls,
                keys,
                new Fence(keys.epoch(), epoch == null ? answer.revision() : epoch.modRevision()));
    }

    private static LogInUseException taken(final Calls calls) {
        return new LogInUseException(
                calls.location(), "another that took it meanwhile; it was not removed");
    }

    private static void sweep(final Calls calls, final KeyLayout keys, final Fence fence) {
        final Sweep sweep = new Sweep(calls, fence);
        final KvCompare still = KvCompare.unchangedSince(keys.epoch(), fence.revision());
        sweep.delete(keys.batchesBegin(), keys.batchesEnd(), still);
        sweep.delete(keys.epochStartsBegin(), keys.epochStartsEnd(), still);
        final KvTxn rest =
                fence.txn(
                        still,
                        new KvOp.Delete(keys.checkpoint(), null),
                        new KvOp.Delete(keys.trim(), null),
                        new KvOp.Delete(keys.closed(), null),
                        new KvOp.Delete(keys.epoch(), null));
        calls.call(
                "remove",
                () -> calls.kv().txn(rest)); // if it was done before, or another came, that is
        // as well
    }
}
