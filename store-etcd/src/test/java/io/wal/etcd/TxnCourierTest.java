package io.wal.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.LogFullException;
import io.wal.WalException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** When copies are sent, and what is made of the answers; time passes when the test says so. */
class TxnCourierTest {
    private static final long FENCE = 7;
    private static final long CLUSTER = 1;

    private final ManualTiming timing = new ManualTiming();
    private final List<Request> requests = new ArrayList<>();
    private final List<Request> feelers = new ArrayList<>();
    private boolean clusterAnswersFeelers;
    private final List<String> told = new ArrayList<>();
    private final List<WalException> stalls = new ArrayList<>();
    private final EtcdStoreContext context =
            new EtcdStoreContext()
                    .name("log")
                    .endpoints("127.0.0.1:2379")
                    .giveUpAfter(Duration.ofSeconds(30))
                    .conclude();
    private final KeyLayout keys = context.keys();
    private final Fence fence = new Fence(keys.epoch(), FENCE);
    private final TxnCourier courier =
            new TxnCourier(
                    new KvDelegate(null) {
                        @Override
                        public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
                            final Request request =
                                    new Request(txn, timing.nowMs(), new CompletableFuture<>());
                            if (txn.equals(fence.feeler())) {
                                feelers.add(request);
                                if (clusterAnswersFeelers) {
                                    request.answer().complete(stored(CLUSTER, FENCE + 1));
                                }
                            } else {
                                requests.add(request);
                            }
                            return request.answer();
                        }
                    },
                    timing,
                    fence,
                    new ClusterLineage("here", CLUSTER, FENCE),
                    context,
                    stalls::add);

    private record Request(KvTxn txn, long atMs, CompletableFuture<KvAnswer> answer) {
        void fail(final KvException.Kind kind) {
            answer.completeExceptionally(new KvException(kind, "failed", null));
        }
    }

    private void deliver(final long lsn) {
        final String key = keys.batch(lsn);
        courier.deliver(
                fence.txn(KvCompare.absent(key), KvOp.put(key, new byte[1])),
                "append to",
                new TxnCourier.Receiver() {
                    @Override
                    public void onVerdict(final Fence.Verdict verdict, final long revision) {
                        told.add(lsn + " " + verdict + " at " + revision);
                    }

                    @Override
                    public void onFailure(final WalException failure) {
                        told.add(lsn + " " + failure.getClass().getSimpleName());
                    }
                });
    }

    /** Lets time pass; requests end by their deadline. */
    private void pass(final long timeMs) {
        final long untilMs = timing.nowMs() + timeMs;
        while (timing.nowMs() < untilMs) {
            timing.pass(10);
            for (final Request request : List.copyOf(requests)) {
                if (timing.nowMs() - request.atMs() >= 2_000) {
                    request.fail(KvException.Kind.UNKNOWN_OUTCOME);
                }
            }
        }
    }

    private static KvAnswer stored(final long cluster, final long revision) {
        return new KvAnswer(true, cluster, revision, List.of());
    }

    private KvAnswer found(final long cluster, final long batchRevision) {
        return new KvAnswer(
                false,
                cluster,
                FENCE + 20,
                List.of(page(keys.epoch(), FENCE), page(keys.batch(1), batchRevision)));
    }

    private static KvPage page(final String key, final long revision) {
        final List<KvEntry> entries =
                revision == 0 ? List.of() : List.of(new KvEntry(key, new byte[0], revision, 0));
        return new KvPage(entries, entries.size(), CLUSTER, FENCE + 20);
    }

    @Test
    void nothingIsSentAgainWhileTheClusterDoesNotAnswerAndAtOnceWhenItDoes() {
        deliver(1);
        deliver(2);

        pass(1_500);
        assertThat(requests).as("copies would be lost as well").hasSize(2);
        final Request last = feelers.get(feelers.size() - 1);
        assertThat(timing.nowMs() - last.atMs()).as("since the last feeler").isLessThan(110);
        last.answer().complete(stored(CLUSTER, FENCE + 1));

        assertThat(requests).hasSize(4);
        assertThat(requests.get(2).txn()).isEqualTo(requests.get(0).txn());
        assertThat(requests.get(3).txn()).isEqualTo(requests.get(1).txn());
    }

    @Test
    void feelersAreRareInALongOutage() {
        deliver(1);

        pass(1_000);
        assertThat(feelers).hasSizeBetween(15, 18);
        pass(29_000);

        assertThat(feelers).hasSizeBetween(60, 100);
    }

    @Test
    void whatALivingClusterDoesNotAnswerIsSentAgainAndAgain() {
        clusterAnswersFeelers = true;
        deliver(1);

        pass(1_000);

        assertThat(requests.get(1).atMs() - requests.get(0).atMs()).isBetween(250L, 270L);
        for (int i = 2; i < requests.size(); i++) {
            assertThat(requests.get(i).atMs() - requests.get(i - 1).atMs())
                    .as("interval before copy " + i)
                    .isBetween(50L, 120L);
        }
        assertThat(requests).hasSizeGreaterThan(8);
        assertThat(told).isEmpty();
    }

    @Test
    void feelerThatMayHaveOvertakenATransactionProvesNothing() {
        deliver(1);
        pass(210);
        requests.get(0).fail(KvException.Kind.UNKNOWN_OUTCOME);
        pass(50);
        assertThat(requests).as("sent again, for it failed").hasSize(2);
        final Request feeler = feelers.get(feelers.size() - 1);
        assertThat(feeler.atMs()).isGreaterThanOrEqualTo(requests.get(1).atMs());
        feeler.answer().complete(stored(CLUSTER, FENCE + 1));

        assertThat(requests).hasSize(2);
    }

    @Test
    void nothingIsFeltWhileAnswersComeInTime() {
        for (int lsn = 1; lsn <= 200; lsn++) {
            deliver(lsn);
            pass(20);
            requests.get(lsn - 1).answer().complete(stored(CLUSTER, FENCE + lsn));
        }

        assertThat(feelers).isEmpty();
        assertThat(requests).hasSize(200);
    }

    @Test
    void copiesOfMuchAreLimited() {
        clusterAnswersFeelers = true;
        for (int lsn = 1; lsn <= 60; lsn++) {
            deliver(lsn);
        }

        pass(1_000);

        assertThat(requests.size()).isBetween(60 + 16, 60 + 16 + 17);
    }

    @Test
    void slowAnswersAreWaitedForLonger() {
        deliver(1);
        pass(600);
        requests.get(0).answer().complete(stored(CLUSTER, FENCE + 1));

        clusterAnswersFeelers = true;
        deliver(2);
        pass(550);
        assertThat(requests).as("feelers sent later have not overtaken").hasSize(2);
        pass(150);

        assertThat(requests).hasSize(3);
    }

    @Test
    void firstAnswerCountsWhicheverCopyItIsTo() {
        clusterAnswersFeelers = true;
        deliver(1);
        pass(350);
        assertThat(requests).hasSize(3);

        requests.get(2).answer().complete(found(CLUSTER, FENCE + 5));
        requests.get(0).answer().complete(stored(CLUSTER, FENCE + 5));
        requests.get(1).fail(KvException.Kind.DENIED);
        pass(5_000);

        assertThat(told).containsExactly("1 APPLIED at " + (FENCE + 5));
        assertThat(requests).hasSize(3);
    }

    @Test
    void lostAnswerMakesTheNextCopyAtOnceAndOnlyWhenNoOtherIsUnderWay() {
        clusterAnswersFeelers = true;
        deliver(1);
        pass(260);
        clusterAnswersFeelers = false;
        assertThat(requests).hasSize(2);

        requests.get(0).fail(KvException.Kind.UNKNOWN_OUTCOME);
        pass(100);
        assertThat(requests).as("the other copy may tell").hasSize(2);
        requests.get(1).fail(KvException.Kind.UNKNOWN_OUTCOME);
        pass(60);

        assertThat(requests).hasSize(3);
    }

    @Test
    void isGivenUpInTime() {
        deliver(1);

        pass(33_000);

        assertThat(told).containsExactly("1 StorageException");
        final int sent = requests.size();
        pass(5_000);
        assertThat(requests).hasSize(sent);
    }

    @Test
    void whoMayNotIsAskedThreeTimes() {
        deliver(1);
        for (int i = 0; i < 3; i++) {
            requests.get(i).fail(KvException.Kind.DENIED);
            assertThat(told).hasSize(i / 2);
            pass(200);
        }

        assertThat(told).containsExactly("1 StorageException");
        assertThat(requests).hasSize(3);
    }

    @Test
    void withoutSpaceItWaitsForAsLongAsItTakes() {
        deliver(1);
        for (int i = 0; i < 60; i++) {
            final Request asked = requests.get(requests.size() - 1);
            asked.fail(KvException.Kind.NO_SPACE);
            final Request look = requests.get(requests.size() - 1);
            assertThat(look.txn().compares()).as("it looks whether it was stored").isEmpty();
            look.answer().complete(found(CLUSTER, 0));
            pass(1_010);
        }
        assertThat(told).isEmpty();
        assertThat(stalls).singleElement().isInstanceOf(LogFullException.class);

        requests.get(requests.size() - 1).answer().complete(stored(CLUSTER, FENCE + 30));

        assertThat(told).containsExactly("1 APPLIED at " + (FENCE + 30));
        assertThat(stalls).hasSize(2).last().isNull();
    }

    @Test
    void withoutSpaceItMayHaveBeenStored() {
        deliver(1);
        requests.get(0).fail(KvException.Kind.NO_SPACE);

        requests.get(1).answer().complete(found(CLUSTER, FENCE + 3));

        assertThat(told).containsExactly("1 APPLIED at " + (FENCE + 3));
        assertThat(stalls).hasSize(2).last().isNull();
    }

    @Test
    void withoutSpaceACheckpointIsNotTakenForTheOneBefore() {
        final long before = FENCE + 2;
        final KvCompare once = KvCompare.unchangedSince(keys.checkpoint(), before);
        courier.deliver(
                fence.txn(once, KvOp.put(keys.checkpoint(), new byte[1])),
                "finalize a checkpoint of",
                new TxnCourier.Receiver() {
                    @Override
                    public void onVerdict(final Fence.Verdict verdict, final long revision) {
                        told.add(verdict + " at " + revision);
                    }

                    @Override
                    public void onFailure(final WalException failure) {
                        told.add(failure.getMessage());
                    }
                });
        requests.get(0).fail(KvException.Kind.NO_SPACE);

        requests.get(1).answer().complete(found(CLUSTER, before));
        assertThat(told).as("the key is that of the checkpoint before").isEmpty();
        pass(1_010);
        requests.get(2).fail(KvException.Kind.NO_SPACE);
        requests.get(3).answer().complete(found(CLUSTER, FENCE + 4));

        assertThat(told).containsExactly("APPLIED at " + (FENCE + 4));
    }

    @Test
    void answersOfAnotherClusterAcknowledgeNothing() {
        deliver(1);
        requests.get(0).answer().complete(stored(CLUSTER + 1, FENCE + 1));
        deliver(1);
        requests.get(1).fail(KvException.Kind.NO_SPACE);
        requests.get(2).answer().complete(found(CLUSTER + 1, FENCE + 3));
        deliver(1);
        requests.get(3).answer().complete(stored(CLUSTER, FENCE - 1));

        assertThat(told).hasSize(3).containsOnly("1 CorruptLogException");
    }

    @Test
    void nobodyIsToldAnythingOnceItIsClosed() {
        deliver(1);
        courier.close();

        requests.get(0).answer().complete(stored(CLUSTER, FENCE + 1));
        deliver(2);
        pass(3_000);

        assertThat(told).isEmpty();
        assertThat(requests).hasSize(1);
    }

    private static final class ManualTiming implements Timing {
        private final PriorityQueue<Task> tasks =
                new PriorityQueue<>(Comparator.comparingLong(Task::atNs));
        private long nowNs = 1_000_000_000L;

        private record Task(long atNs, Runnable body) {}

        long nowMs() {
            return TimeUnit.NANOSECONDS.toMillis(nowNs);
        }

        void pass(final long timeMs) {
            nowNs += TimeUnit.MILLISECONDS.toNanos(timeMs);
            while (!tasks.isEmpty() && tasks.peek().atNs() <= nowNs) {
                tasks.poll().body().run();
            }
        }

        @Override
        public long nanoTime() {
            return nowNs;
        }

        @Override
        public long currentTimeMillis() {
            throw new AssertionError("the wall clock is no concern of a courier");
        }

        @Override
        public void schedule(final long delayNs, final Runnable task) {
            tasks.add(new Task(nowNs + delayNs, task));
        }

        @Override
        public Signal newSignal() {
            throw new AssertionError("a courier does not wait");
        }

        @Override
        public void close() {
            tasks.clear();
        }
    }
}
