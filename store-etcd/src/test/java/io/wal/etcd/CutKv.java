package io.wal.etcd;

import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * A connection that can be cut, by name: nothing goes out, as if the process were dead or the cable
 * out.
 */
final class CutKv extends KvDelegate {
    private static final Set<String> CUT = ConcurrentHashMap.newKeySet();

    private final String name;

    CutKv(final EtcdKv kv, final String name) {
        super(kv);
        this.name = name;
    }

    static void cut(final String name) {
        CUT.add(name);
    }

    static void mend(final String name) {
        CUT.remove(name);
    }

    @Override
    public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
        return ask(() -> super.txn(txn));
    }

    @Override
    public CompletableFuture<KvPage> range(final KvRange range) {
        return ask(() -> super.range(range));
    }

    @Override
    public CompletableFuture<KvLease> grant(final long ttlS) {
        return ask(() -> super.grant(ttlS));
    }

    @Override
    public CompletableFuture<KvLease> keepAliveOnce(final long leaseId) {
        return ask(() -> super.keepAliveOnce(leaseId));
    }

    @Override
    public CompletableFuture<Void> revoke(final long leaseId) {
        return ask(() -> super.revoke(leaseId));
    }

    private <T> CompletableFuture<T> ask(final Supplier<CompletableFuture<T>> request) {
        return CUT.contains(name)
                ? CompletableFuture.failedFuture(
                        new KvException(KvException.Kind.UNKNOWN_OUTCOME, "cut off", null))
                : request.get();
    }
}
