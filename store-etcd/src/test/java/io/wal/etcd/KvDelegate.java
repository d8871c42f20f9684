package io.wal.etcd;

import java.util.concurrent.CompletableFuture;

/** Passes everything on; tests override what they tamper with. */
class KvDelegate implements EtcdKv {
    private final EtcdKv kv;

    KvDelegate(final EtcdKv kv) {
        this.kv = kv;
    }

    @Override
    public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
        return kv.txn(txn);
    }

    @Override
    public CompletableFuture<KvPage> range(final KvRange range) {
        return kv.range(range);
    }

    @Override
    public CompletableFuture<KvLease> grant(final long ttlS) {
        return kv.grant(ttlS);
    }

    @Override
    public CompletableFuture<KvLease> keepAliveOnce(final long leaseId) {
        return kv.keepAliveOnce(leaseId);
    }

    @Override
    public CompletableFuture<KvLease> timeToLive(final long leaseId) {
        return kv.timeToLive(leaseId);
    }

    @Override
    public CompletableFuture<Void> revoke(final long leaseId) {
        return kv.revoke(leaseId);
    }

    @Override
    public CompletableFuture<Void> compact(final long revision) {
        return kv.compact(revision);
    }

    @Override
    public CompletableFuture<KvSpace> space() {
        return kv.space();
    }

    @Override
    public AutoCloseable watch(
            final String from,
            final String to,
            final long revision,
            final KvWatchListener listener) {
        return kv.watch(from, to, revision, listener);
    }

    @Override
    public void close() {
        kv.close();
    }
}
