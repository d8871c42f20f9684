package io.wal.etcd;

import java.util.concurrent.CompletableFuture;

/**
 * What the store asks of etcd, and the seam at which tests put a model in its place.
 *
 * <p>No method waits. Every future ends within the request timeout and a little, also when nobody
 * answers; it fails with a {@link KvException} only. Answers come on any thread, and in any order:
 * requests overtake each other.
 */
interface EtcdKv extends AutoCloseable {
    /**
     * Runs a transaction, or does so later, or twice, or never; see {@link
     * KvException.Kind#UNKNOWN_OUTCOME}.
     */
    CompletableFuture<KvAnswer> txn(KvTxn txn);

    CompletableFuture<KvPage> range(KvRange range);

    /** Grants a lease. */
    CompletableFuture<KvLease> grant(long ttlS);

    /** Renews a lease once. */
    CompletableFuture<KvLease> keepAliveOnce(long leaseId);

    /** Looks at a lease. */
    CompletableFuture<KvLease> timeToLive(long leaseId);

    /** Ends a lease, and removes its keys. */
    CompletableFuture<Void> revoke(long leaseId);

    /** Forgets what was overwritten or deleted before a revision, in the whole cluster. */
    CompletableFuture<Void> compact(long revision);

    /** The space the fullest member takes. */
    CompletableFuture<KvSpace> space();

    /**
     * Reports the changes of keys.
     *
     * @param from first key.
     * @param to key behind the last one.
     * @param revision of the first change to report; never 0, for a watch from "now" may miss
     *     changes.
     * @param listener receives them.
     * @return ends the watch when closed; nothing is reported afterwards, not even the end.
     */
    AutoCloseable watch(String from, String to, long revision, KvWatchListener listener);

    /** Ends the connections that are this side's own. */
    @Override
    void close();
}
