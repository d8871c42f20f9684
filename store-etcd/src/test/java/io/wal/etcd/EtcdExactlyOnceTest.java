package io.wal.etcd;

import static io.wal.etcd.EtcdFixture.appendMany;
import static io.wal.etcd.EtcdFixture.context;
import static io.wal.etcd.EtcdFixture.entries;
import static io.wal.etcd.EtcdFixture.open;
import static io.wal.etcd.EtcdFixture.recover;
import static io.wal.etcd.EtcdFixture.stealing;
import static io.wal.etcd.EtcdFixture.tampered;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.FencedException;
import io.wal.StorageException;
import io.wal.WriteAheadLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Answers that are lost, and requests that come late or twice, on a real server. */
class EtcdExactlyOnceTest {
    @RegisterExtension static final EtcdCluster CLUSTER = EtcdCluster.ofMembers(1);

    private static final long SEED = Long.getLong("wal.seed", System.nanoTime());

    @Test
    void lostAnswersAreFoundOutAndNothingIsStoredTwice() {
        final EtcdStoreContext context = context(CLUSTER);
        final Random random = new Random(SEED);
        final AtomicInteger lost = new AtomicInteger();
        final LogOracle oracle = new LogOracle();
        final EtcdStoreContext lossy =
                tampered(
                        context,
                        kv ->
                                new KvDelegate(kv) {
                                    @Override
                                    public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
                                        final boolean loses = random.nextInt(3) == 0;
                                        return super.txn(txn)
                                                .thenApply(
                                                        answer -> {
                                                            if (loses) {
                                                                lost.incrementAndGet();
                                                                throw unknown();
                                                            }
                                                            return answer;
                                                        });
                                    }
                                });
        try (LiveWriter writer = new LiveWriter("w", lossy, oracle)) {
            writer.awaitAcks(3000);
        }

        assertThat(lost.get()).as("seed " + SEED).isPositive();
        oracle.onEnd(recover(context));
    }

    @Test
    void requestsThatOvertakeEachOtherAreAcknowledgedInOrder() {
        final EtcdStoreContext context = context(CLUSTER);
        final Random random = new Random(SEED);
        final LogOracle oracle = new LogOracle();
        final EtcdStoreContext shuffled =
                tampered(
                        context,
                        kv ->
                                new KvDelegate(kv) {
                                    @Override
                                    public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
                                        final CompletableFuture<KvAnswer> answer =
                                                new CompletableFuture<>();
                                        later(random.nextInt(8))
                                                .thenCompose(nothing -> super.txn(txn))
                                                .whenComplete(
                                                        (value, failure) -> {
                                                            if (failure == null) {
                                                                answer.complete(value);
                                                            } else {
                                                                answer.completeExceptionally(
                                                                        failure);
                                                            }
                                                        });
                                        return answer;
                                    }
                                });
        try (LiveWriter writer = new LiveWriter("w", shuffled, oracle)) {
            writer.awaitAcks(3000);
        }

        oracle.onEnd(recover(context));
    }

    @Test
    void lateCopiesOfEveryTransactionDoNothing() {
        final EtcdStoreContext context = context(CLUSTER);
        final List<KvTxn> sent = new CopyOnWriteArrayList<>();
        final EtcdStoreContext recorded = tampered(context, kv -> new RecordingKv(kv, sent));
        try (WriteAheadLog log = open(recorded)) {
            appendMany(log, 50);
            log.startCheckpoint();
            appendMany(log, 50);
            log.finalizeCheckpoint();
            Waiting.until(
                    "trims", () -> sent.stream().anyMatch(EtcdExactlyOnceTest::deletesBatches));
            appendMany(log, 50);
        }
        try (WriteAheadLog log = open(recorded)) {
            appendMany(log, 50);
        }
        try (EtcdKv kv = EtcdFixture.connect(context.clientContext())) {
            final Map<String, Long> before = keys(kv, context);

            final List<KvTxn> copies = new ArrayList<>(sent);
            for (final String kind : List.of("/epoch", "/e/", "/b/", "/cp", "/trim", "/closed")) {
                assertThat(copies).as(kind).anyMatch(txn -> puts(txn, kind));
            }
            copies.forEach(txn -> kv.txn(txn).join());

            assertThat(keys(kv, context)).isEqualTo(before);
        }
        assertThat(recover(context)).isEqualTo(entries(51, 200));
    }

    @Test
    void batchThatComesBackBelowTheTrimPointIsNotReadAndGoesWithTheNextTrim() {
        final EtcdStoreContext context = context(CLUSTER);
        final List<KvTxn> sent = new CopyOnWriteArrayList<>();
        try (EtcdKv kv = EtcdFixture.connect(context.clientContext());
                WriteAheadLog log = open(tampered(context, each -> new RecordingKv(each, sent)))) {
            appendMany(log, 20);
            final KvTxn first = sent.stream().filter(BrokenKv::putsBatch).findFirst().orElseThrow();
            checkpoint(log);
            final KvRange batch = KvRange.of(context.keys().batch(1));
            Waiting.until("trimmed", () -> kv.range(batch).join().isEmpty());

            assertThat(kv.txn(first).join().succeeded()).as("it comes back").isTrue();

            appendMany(log, 20);
            try (EtcdLogInspector inspector = new EtcdLogInspector(context)) {
                assertThat(inspector.verify(length -> {}).damages()).isEmpty();
            }
            checkpoint(log);
            Waiting.until("trimmed again", () -> kv.range(batch).join().isEmpty());
            appendMany(log, 20);
        }
        assertThat(recover(context)).isEqualTo(entries(41, 60));
    }

    @Test
    void writerIsToldTheTruthThoughItsSuccessorDiesBeforeItBegins() {
        final EtcdStoreContext context = context(CLUSTER);
        final EtcdStoreContext impatient =
                stealing(context)
                        .clientContext(
                                new EtcdClientContext()
                                        .endpoints(CLUSTER.endpoints())
                                        .connectTimeout(Duration.ofMillis(200))
                                        .requestTimeout(Duration.ofMillis(300)));
        final LogOracle oracle = new LogOracle();
        final EtcdStoreContext dying =
                tampered(
                        impatient,
                        kv ->
                                new KvDelegate(kv) {
                                    private boolean dead;

                                    @Override
                                    public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
                                        if (dead) {
                                            return CompletableFuture.failedFuture(unknown());
                                        }
                                        dead = BrokenKv.putsEpoch(txn);
                                        return super.txn(txn);
                                    }

                                    @Override
                                    public CompletableFuture<KvPage> range(final KvRange range) {
                                        return dead
                                                ? CompletableFuture.failedFuture(unknown())
                                                : super.range(range);
                                    }
                                });
        try (LiveWriter first = new LiveWriter("first", context, oracle)) {
            first.awaitAcks(200);
            assertThatThrownBy(() -> open(dying)).isInstanceOf(StorageException.class);
            first.awaitFailure();
            assertThat(first.failure()).isInstanceOf(FencedException.class);
            final FencedException told = (FencedException) first.failure();
            assertThat(told.successorEpoch()).isEqualTo(2);
            assertThat(told.lastKeptLsn()).isEqualTo(first.log().durableLsn()).isPositive();

            try (LiveWriter third = new LiveWriter("third", stealing(context), oracle)) {
                assertThat(third.log().recovered().lastLsn()).isEqualTo(told.lastKeptLsn());
                third.awaitAcks(100);
            }
        }
        oracle.onEnd(recover(context));
    }

    private static void checkpoint(final WriteAheadLog log) {
        log.startCheckpoint();
        log.finalizeCheckpoint();
    }

    private static boolean puts(final KvTxn txn, final String kind) {
        return txn.then().stream()
                .anyMatch(op -> op instanceof KvOp.Put put && put.key().contains(kind));
    }

    private static boolean deletesBatches(final KvTxn txn) {
        return txn.then().stream()
                .anyMatch(op -> op instanceof KvOp.Delete delete && delete.from().endsWith("/b/"));
    }

    private static Map<String, Long> keys(final EtcdKv kv, final EtcdStoreContext context) {
        final Map<String, Long> revisions = new TreeMap<>();
        final KeyLayout keys = context.keys();
        kv.range(KvRange.of(keys.begin(), keys.end()).keys())
                .join()
                .entries()
                .forEach(entry -> revisions.put(entry.key(), entry.modRevision()));
        return revisions;
    }

    private static CompletableFuture<Void> later(final long delayMs) {
        return CompletableFuture.runAsync(
                () -> {}, CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS));
    }

    private static KvException unknown() {
        return new KvException(KvException.Kind.UNKNOWN_OUTCOME, "the answer is lost", null);
    }

    /** Keeps the transactions that change something. */
    private static final class RecordingKv extends KvDelegate {
        private final List<KvTxn> sent;

        RecordingKv(final EtcdKv kv, final List<KvTxn> sent) {
            super(kv);
            this.sent = sent;
        }

        @Override
        public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
            if (!txn.compares().isEmpty()) {
                sent.add(txn);
            }
            return super.txn(txn);
        }
    }
}
