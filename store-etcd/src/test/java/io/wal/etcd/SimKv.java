package io.wal.etcd;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * A simulated process's connection to the model: it delays, reorders, drops and doubles what goes
 * over it, by seed.
 */
final class SimKv implements EtcdKv {
    private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(2);
    private static final long TYPICAL_NS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long LATE_NS = TimeUnit.SECONDS.toNanos(12);

    private final SimScheduler scheduler;
    private final SimScheduler.Process process;
    private final ModelEtcd etcd;
    private final Random random;
    private final Network network;
    private boolean closed;

    /** How bad the network is, for all who share it. */
    static final class Network {
        private double faults;
        private boolean full;
        private final Set<SimScheduler.Process> cut = new HashSet<>();

        Network(final double faults) {
            this.faults = faults;
        }

        void faults(final double share) {
            faults = share;
        }

        /** Whether the servers are out of space. */
        void full(final boolean isFull) {
            full = isFull;
        }

        void cut(final SimScheduler.Process process, final boolean isCut) {
            if (isCut) {
                cut.add(process);
            } else {
                cut.remove(process);
            }
        }
    }

    SimKv(
            final SimScheduler scheduler,
            final SimScheduler.Process process,
            final ModelEtcd etcd,
            final Network network) {
        this.scheduler = scheduler;
        this.process = process;
        this.etcd = etcd;
        this.network = network;
        random = scheduler.random();
    }

    @Override
    public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
        return ask(() -> network.full && stores(txn) ? txnWithoutSpace(txn) : etcd.txn(txn));
    }

    private static boolean stores(final KvTxn txn) {
        return txn.then().stream().anyMatch(KvOp.Put.class::isInstance);
    }

    /** etcd looks for space before and after: what it refuses may have been done. */
    private KvAnswer txnWithoutSpace(final KvTxn txn) {
        if (random.nextInt(4) == 0) {
            etcd.txn(txn);
        }
        throw withoutSpace();
    }

    private static KvException withoutSpace() {
        return new KvException(KvException.Kind.NO_SPACE, "database space exceeded", null);
    }

    @Override
    public CompletableFuture<KvPage> range(final KvRange range) {
        if (range.revision() > 0 && random.nextDouble() < network.faults / 2) {
            return ask(
                    () -> {
                        throw new KvException(
                                KvException.Kind.FUTURE_REVISION, "this member lags", null);
                    });
        }
        return ask(() -> etcd.range(range));
    }

    @Override
    public CompletableFuture<KvLease> grant(final long ttlS) {
        return ask(
                () -> {
                    if (network.full) {
                        throw withoutSpace();
                    }
                    return etcd.grant(ttlS);
                });
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
        return ask(() -> new KvSpace(0, 0));
    }

    @Override
    public AutoCloseable watch(
            final String from,
            final String to,
            final long revision,
            final KvWatchListener listener) {
        final SimWatch watch = new SimWatch(listener);
        watch.upstream = etcd.watch(from, to, revision, watch);
        return watch;
    }

    @Override
    public void close() {
        closed = true;
    }

    private <T> CompletableFuture<T> ask(final Supplier<T> request) {
        final CompletableFuture<T> answer = new CompletableFuture<>();
        if (closed) {
            answer.completeExceptionally(new KvException(KvException.Kind.CLOSED, "closed", null));
            return answer;
        }
        scheduler.schedule(
                TIMEOUT_NS,
                process,
                () ->
                        answer.completeExceptionally(
                                new KvException(
                                        KvException.Kind.UNKNOWN_OUTCOME,
                                        "DEADLINE_EXCEEDED",
                                        null)));
        if (network.cut.contains(process)) {
            return answer;
        }
        final double fate = random.nextDouble();
        final double fault = network.faults / 5;
        if (fate < fault) {
            return answer; // the request is lost
        }
        if (fate < 2 * fault) {
            scheduler.schedule(
                    delayNs(),
                    process,
                    () ->
                            answer.completeExceptionally(
                                    new KvException(
                                            KvException.Kind.UNKNOWN_OUTCOME,
                                            "UNAVAILABLE: leader changed",
                                            null)));
        }
        final boolean answerLost = fate >= 2 * fault && fate < 3 * fault;
        final boolean doubled = fate >= 3 * fault && fate < 4 * fault;
        final boolean late = fate >= 4 * fault && fate < 5 * fault;
        arrive(
                request,
                answerLost ? null : answer,
                late ? (long) (random.nextDouble() * LATE_NS) : delayNs());
        if (doubled) {
            arrive(request, answer, (long) (random.nextDouble() * LATE_NS));
        }
        return answer;
    }

    private <T> void arrive(
            final Supplier<T> request, final CompletableFuture<T> answer, final long delayNs) {
        scheduler.schedule(
                delayNs,
                null,
                () -> {
                    final CompletableFuture<T> outcome = new CompletableFuture<>();
                    try {
                        outcome.complete(request.get());
                    } catch (final KvException e) {
                        outcome.completeExceptionally(e);
                    }
                    if (answer != null && !network.cut.contains(process)) {
                        scheduler.schedule(
                                delayNs(),
                                process,
                                () ->
                                        outcome.whenComplete(
                                                (value, failure) -> {
                                                    if (failure == null) {
                                                        answer.complete(value);
                                                    } else {
                                                        answer.completeExceptionally(failure);
                                                    }
                                                }));
                    }
                });
    }

    private long delayNs() {
        return (long) (-Math.log(1 - random.nextDouble()) * TYPICAL_NS) + 100_000;
    }

    /** Delivers in order, somewhat later; ends sometimes. */
    private final class SimWatch implements KvWatchListener, AutoCloseable {
        private final KvWatchListener listener;
        private AutoCloseable upstream;
        private long lastNs;
        private boolean ended;

        SimWatch(final KvWatchListener listener) {
            this.listener = listener;
        }

        @Override
        public void onChanges(final List<KvEntry> changes) {
            final boolean ends = random.nextDouble() < network.faults / 10;
            final long atNs = Math.max(lastNs, scheduler.nowNs() + delayNs());
            lastNs = atNs;
            scheduler.schedule(
                    atNs - scheduler.nowNs(),
                    process,
                    () -> {
                        if (ended) {
                            return;
                        }
                        if (ends) {
                            onEnd(
                                    new KvException(
                                            KvException.Kind.UNKNOWN_OUTCOME, "watch ended", null));
                        } else {
                            listener.onChanges(changes);
                        }
                    });
        }

        @Override
        public void onEnd(final KvException cause) {
            close();
            listener.onEnd(cause);
        }

        @Override
        public void close() {
            ended = true;
            try {
                if (upstream != null) {
                    upstream.close();
                }
            } catch (final Exception e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
