package io.wal.etcd;

import io.wal.CorruptLogException;
import io.wal.LogInUseException;
import io.wal.WalException;
import java.util.List;

/**
 * Deletes many keys in slices, each small enough not to hold up the cluster, and runs other fenced
 * steps, waiting.
 */
final class Sweep {
    /**
     * Keys to look at in a slice; few, because etcd reads their values even when only the keys are
     * wanted.
     */
    static final int SLICE = 100;

    private final Calls calls;
    private final Fence fence;

    Sweep(final Calls calls, final Fence fence) {
        this.calls = calls;
        this.fence = fence;
    }

    /**
     * Deletes a range.
     *
     * @param from first key.
     * @param to key behind the last one.
     * @param once holds as long as the sweep may go on.
     */
    void delete(final String from, final String to, final KvCompare once) {
        while (true) {
            final List<KvEntry> slice =
                    calls.read(KvRange.of(from, to).keys().first(SLICE)).entries();
            if (slice.isEmpty()) {
                return;
            }
            final String end = slice.get(slice.size() - 1).key() + '\0';
            run(fence.txn(once, new KvOp.Delete(from, end)));
        }
    }

    /**
     * Runs a transaction that the fence built, until it is known that it had its effect.
     *
     * @param txn the transaction.
     * @return the revision at which it had.
     * @throws WalException when it had none.
     */
    long run(final KvTxn txn) {
        final KvAnswer answer = calls.call("change", () -> calls.kv().txn(txn));
        return switch (fence.verdict(txn, answer)) {
            case APPLIED -> fence.revisionOf(answer);
            case DEPOSED ->
                    throw new LogInUseException(calls.location(), "another that took it meanwhile");
            case CONFLICT ->
                    throw new CorruptLogException(
                            txn.compares().get(1).key(),
                            0,
                            0,
                            "the key is not as this writer left it");
        };
    }
}
