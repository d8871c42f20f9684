package io.wal.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.Watch;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.maintenance.StatusResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.LeaseOption;
import io.etcd.jetcd.options.PutOption;
import io.etcd.jetcd.options.WatchOption;
import io.etcd.jetcd.watch.WatchEvent;
import io.etcd.jetcd.watch.WatchResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;

/** The seam to etcd, by jetcd. Knows nothing of logs. Any thread. */
final class JetcdKv implements EtcdKv {
    private static final long GRACE_MS = 500;

    private final Client client;
    private final boolean ownsClient;
    private final LargeValues largeValues;
    private final long timeoutMs;
    private final List<URI> uris;

    /**
     * Creates it.
     *
     * @param client to use.
     * @param ownsClient whether closing this closes the client.
     * @param largeValues through which the client's requests go; null when they do not.
     * @param requestTimeoutMs after which an answer is not waited for; the client's own deadline
     *     should come first.
     * @param uris of the members; empty when they are not known.
     */
    JetcdKv(
            final Client client,
            final boolean ownsClient,
            final LargeValues largeValues,
            final long requestTimeoutMs,
            final List<URI> uris) {
        this.client = client;
        this.ownsClient = ownsClient;
        this.largeValues = largeValues;
        timeoutMs = requestTimeoutMs + GRACE_MS;
        this.uris = uris;
    }

    @Override
    public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
        final List<ByteSequence> tokens = new ArrayList<>(1);
        return ask(
                () ->
                        client.getKVClient()
                                .txn()
                                .If(compares(txn.compares()))
                                .Then(ops(txn.then(), tokens))
                                .Else(ops(txn.otherwise(), null)) // is not filled in
                                .commit()
                                .whenComplete((response, failure) -> drop(tokens)),
                JetcdKv::answer);
    }

    @Override
    public CompletableFuture<KvPage> range(final KvRange range) {
        return ask(
                () -> client.getKVClient().get(bytes(range.from()), option(range)),
                response ->
                        page(
                                response,
                                response.getHeader().getClusterId(),
                                response.getHeader().getRevision()));
    }

    @Override
    public CompletableFuture<KvLease> grant(final long ttlS) {
        return ask(
                () -> client.getLeaseClient().grant(ttlS),
                response -> new KvLease(response.getID(), response.getTTL(), response.getTTL()));
    }

    @Override
    public CompletableFuture<KvLease> keepAliveOnce(final long leaseId) {
        return ask(
                () -> client.getLeaseClient().keepAliveOnce(leaseId),
                response -> new KvLease(response.getID(), response.getTTL(), response.getTTL()));
    }

    @Override
    public CompletableFuture<KvLease> timeToLive(final long leaseId) {
        return ask(
                () -> client.getLeaseClient().timeToLive(leaseId, LeaseOption.DEFAULT),
                response -> new KvLease(leaseId, response.getGrantedTTL(), response.getTTL()));
    }

    @Override
    public CompletableFuture<Void> revoke(final long leaseId) {
        return ask(() -> client.getLeaseClient().revoke(leaseId), response -> null);
    }

    @Override
    public CompletableFuture<Void> compact(final long revision) {
        return ask(() -> client.getKVClient().compact(revision), response -> null);
    }

    @Override
    public CompletableFuture<KvSpace> space() {
        CompletableFuture<KvSpace> fullest =
                CompletableFuture.failedFuture(
                        new KvException(
                                KvException.Kind.REFUSED, "the endpoints are not known", null));
        for (final URI uri : uris) {
            final CompletableFuture<KvSpace> next =
                    ask(
                            () -> client.getMaintenanceClient().statusMember(uri.toString()),
                            JetcdKv::space);
            fullest =
                    fullest.handle((space, failure) -> space)
                            .thenCombine(next.handle((space, failure) -> space), JetcdKv::fuller)
                            .thenApply(
                                    space -> {
                                        if (space == null) {
                                            throw new KvException(
                                                    KvException.Kind.UNKNOWN_OUTCOME,
                                                    "no member answers",
                                                    null);
                                        }
                                        return space;
                                    });
        }
        return fullest;
    }

    @Override
    public AutoCloseable watch(
            final String from,
            final String to,
            final long revision,
            final KvWatchListener listener) {
        final WatchOption option =
                WatchOption.builder().withRange(bytes(to)).withRevision(revision).build();
        try {
            return client.getWatchClient().watch(bytes(from), option, new WatchAdapter(listener));
        } catch (final RuntimeException e) { // the client was closed meanwhile
            listener.onEnd(JetcdFailures.of(e));
            return () -> {};
        }
    }

    @Override
    public void close() {
        if (ownsClient) {
            client.close();
        }
    }

    private <R, T> CompletableFuture<T> ask(
            final Supplier<CompletableFuture<R>> call, final Function<R, T> convert) {
        final CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            call.get()
                    .whenComplete(
                            (response, failure) -> {
                                try {
                                    if (failure == null) {
                                        answer.complete(convert.apply(response));
                                        return;
                                    }
                                    answer.completeExceptionally(JetcdFailures.of(failure));
                                } catch (final RuntimeException e) {
                                    answer.completeExceptionally(
                                            new KvException(
                                                    KvException.Kind.UNKNOWN_OUTCOME,
                                                    "an answer that makes no sense",
                                                    e));
                                }
                            });
        } catch (final RuntimeException e) {
            answer.completeExceptionally(JetcdFailures.of(e));
        }
        return answer.orTimeout(timeoutMs, TimeUnit.MILLISECONDS);
    }

    private static Cmp compare(final KvCompare compare) {
        return new Cmp(
                bytes(compare.key()),
                Cmp.Op.EQUAL,
                compare.target() == KvCompare.Target.CREATE_REVISION
                        ? CmpTarget.createRevision(compare.revision())
                        : CmpTarget.modRevision(compare.revision()));
    }

    private static Cmp[] compares(final List<KvCompare> compares) {
        return compares.stream().map(JetcdKv::compare).toArray(Cmp[]::new);
    }

    private Op[] ops(final List<KvOp> ops, final List<ByteSequence> tokens) {
        return ops.stream().map(op -> op(op, tokens)).toArray(Op[]::new);
    }

    private Op op(final KvOp op, final List<ByteSequence> tokens) {
        if (op instanceof KvOp.Put put) {
            final PutOption option = PutOption.builder().withLeaseId(put.leaseId()).build();
            return Op.put(bytes(put.key()), value(put.value(), tokens), option);
        }
        if (op instanceof KvOp.Delete delete) {
            final DeleteOption.Builder option = DeleteOption.builder();
            return Op.delete(
                    bytes(delete.from()),
                    delete.to() == null
                            ? option.build()
                            : option.withRange(bytes(delete.to())).build());
        }
        final KvRange range = ((KvOp.Get) op).range();
        return Op.get(bytes(range.from()), option(range));
    }

    private ByteSequence value(final byte[] value, final List<ByteSequence> tokens) {
        if (largeValues == null || tokens == null || !LargeValues.isLarge(value)) {
            return ByteSequence.from(value);
        }
        final ByteSequence token = largeValues.leave(value);
        tokens.add(token);
        return token;
    }

    private void drop(final List<ByteSequence> tokens) {
        for (final ByteSequence token : tokens) {
            largeValues.drop(token);
        }
    }

    private static GetOption option(final KvRange range) {
        final GetOption.Builder option =
                GetOption.builder()
                        .withLimit(range.limit())
                        .withRevision(range.revision())
                        .withSerializable(range.revision() > 0)
                        .withKeysOnly(range.content() == KvRange.Content.KEYS)
                        .withCountOnly(range.content() == KvRange.Content.COUNT);
        return range.to() == null ? option.build() : option.withRange(bytes(range.to())).build();
    }

    private static KvAnswer answer(final TxnResponse response) {
        final long clusterId = response.getHeader().getClusterId();
        final long revision = response.getHeader().getRevision();
        final List<KvPage> reads = new ArrayList<>();
        for (final GetResponse read : response.getGetResponses()) {
            reads.add(page(read, clusterId, revision));
        }
        return new KvAnswer(response.isSucceeded(), clusterId, revision, reads);
    }

    private static KvPage page(
            final GetResponse response, final long clusterId, final long revision) {
        final List<KvEntry> entries = new ArrayList<>(response.getKvs().size());
        for (final KeyValue kv : response.getKvs()) {
            entries.add(
                    new KvEntry(
                            text(kv.getKey()),
                            kv.getValue().getBytes(),
                            kv.getModRevision(),
                            kv.getLease()));
        }
        return new KvPage(entries, response.getCount(), clusterId, revision);
    }

    private static KvSpace space(final StatusResponse response) {
        return new KvSpace(response.getDbSize(), response.getDbSizeInUse());
    }

    private static KvSpace fuller(final KvSpace one, final KvSpace other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.length() >= other.length() ? one : other;
    }

    private static ByteSequence bytes(final String key) {
        return ByteSequence.from(key, StandardCharsets.ISO_8859_1);
    }

    private static String text(final ByteSequence key) {
        return key.toString(StandardCharsets.ISO_8859_1);
    }

    /** Hands changes on until the watch ends or is closed. */
    private static final class WatchAdapter implements Watch.Listener {
        private final KvWatchListener listener;

        WatchAdapter(final KvWatchListener listener) {
            this.listener = listener;
        }

        @Override
        public void onNext(final WatchResponse response) {
            final List<KvEntry> changes = new ArrayList<>(response.getEvents().size());
            for (final WatchEvent event : response.getEvents()) {
                final KeyValue kv = event.getKeyValue();
                final boolean put = event.getEventType() == WatchEvent.EventType.PUT;
                changes.add(
                        new KvEntry(
                                text(kv.getKey()),
                                put ? kv.getValue().getBytes() : null,
                                kv.getModRevision(),
                                kv.getLease()));
            }
            listener.onChanges(changes);
        }

        @Override
        public void onError(final Throwable failure) {
            listener.onEnd(JetcdFailures.of(failure));
        }

        @Override
        public void onCompleted() {
            listener.onEnd(
                    new KvException(KvException.Kind.UNKNOWN_OUTCOME, "the watch has ended", null));
        }
    }
}
