package io.wal.etcd;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/** The model of etcd in real time, for real threads: answers come on threads of its own. */
final class LocalKv implements EtcdKv {
    private static final ExecutorService ANSWERS =
            Executors.newFixedThreadPool(
                    4,
                    task -> {
                        final Thread thread = new Thread(task, "model-etcd");
                        thread.setDaemon(true);
                        return thread;
                    });

    private final ModelEtcd etcd;
    private volatile boolean closed;

    LocalKv(final ModelEtcd etcd) {
        this.etcd = etcd;
    }

    @Override
    public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
        return ask(() -> etcd.txn(txn));
    }

    @Override
    public CompletableFuture<KvPage> range(final KvRange range) {
        return ask(() -> etcd.range(range));
    }

    @Override
    public CompletableFuture<KvLease> grant(final long ttlS) {
        return ask(() -> etcd.grant(ttlS));
    }

    @Override
    public CompletableFuture<KvLease> keepAliveOnce(final long leaseId) {
        return ask(() -> etcd.keepAlive(leaseId));
    }

    @Override
    public CompletableFuture<KvLease> timeToLive(final long leaseId) {
        return ask(() -> etcd.timeToLive(leaseId));
    }

    @Override
    public CompletableFuture<Void> revoke(final long leaseId) {
        return ask(
                () -> {
                    etcd.revoke(leaseId);
                    return null;
                });
    }

    @Override
    public CompletableFuture<Void> compact(final long revision) {
        return ask(
                () -> {
                    etcd.compact(revision);
                    return null;
                });
    }

    @Override
    public CompletableFuture<KvSpace> space() {
        return ask(() -> new KvSpace(80, 20));
    }

    @Override
    public AutoCloseable watch(
            final String from,
            final String to,
            final long revision,
            final KvWatchListener listener) {
        final AutoCloseable watch;
        synchronized (etcd) {
            watch = etcd.watch(from, to, revision, listener);
        }
        return () -> {
            synchronized (etcd) {
                watch.close();
            }
        };
    }

    @Override
    public void close() {
        closed = true;
    }

    private <T> CompletableFuture<T> ask(final Supplier<T> request) {
        final CompletableFuture<T> answer = new CompletableFuture<>();
        ANSWERS.execute(
                () -> {
                    if (closed) {
                        answer.completeExceptionally(
                                new KvException(KvException.Kind.CLOSED, "closed", null));
                        return;
                    }
                    try {
                        final T value;
                        synchronized (etcd) {
                            value = request.get();
                        }
                        answer.complete(value);
                    } catch (final KvException e) {
                        answer.completeExceptionally(e);
                    }
                });
        return answer;
    }
}
