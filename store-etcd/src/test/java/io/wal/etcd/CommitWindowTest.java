package io.wal.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.WalException;
import io.wal.store.CommitProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Batches under way, answered by hand. */
class CommitWindowTest {
    private static final long FENCE = 7;
    private static final long CLUSTER = 1;

    private final List<CompletableFuture<KvAnswer>> answers = new ArrayList<>();
    private final List<Long> reported = new ArrayList<>();
    private final List<Long> readable = new ArrayList<>(); // when that was reported
    private final List<String> endings = new ArrayList<>();
    private int wakings;
    private final SystemTiming timing = new SystemTiming("test");
    private final EtcdStoreContext context =
            new EtcdStoreContext().name("log").endpoints("127.0.0.1:2379").conclude();
    private final CommitWindow window = newWindow();

    private CommitWindow newWindow() {
        final EtcdKv kv =
                new KvDelegate(null) {
                    @Override
                    public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
                        final CompletableFuture<KvAnswer> answer = new CompletableFuture<>();
                        answers.add(answer);
                        return answer;
                    }
                };
        final KeyLayout keys = context.keys();
        final Fence fence = new Fence(keys.epoch(), FENCE);
        final ClusterLineage lineage = new ClusterLineage("here", CLUSTER, FENCE);
        final TxnCourier courier = new TxnCourier(kv, timing, fence, lineage, context, cause -> {});
        return new CommitWindow(
                2,
                10,
                new Writing(fence, courier, keys),
                new Progress(),
                timing.newSignal(),
                new BatchIndex(),
                new CommitWindow.Ending() {
                    @Override
                    public void onDeposed() {
                        endings.add("deposed");
                    }

                    @Override
                    public void onFailure(final Throwable cause) {
                        endings.add(cause.getMessage());
                    }
                });
    }

    @AfterEach
    void endTiming() {
        timing.close();
    }

    @AfterEach
    void whoIsToldFindsTheEntry() {
        assertThat(readable).isEqualTo(reported);
    }

    private boolean offer(final long lastLsn) {
        return window.offer(lastLsn, durableLsn -> new byte[1]);
    }

    private boolean enqueue(final long lastLsn) {
        return window.enqueue(lastLsn, durableLsn -> new byte[1]);
    }

    /** The batch that was offered as such-and-such was stored. */
    private void apply(final int index) {
        answers.get(index).complete(new KvAnswer(true, CLUSTER, FENCE + 1 + index, List.of()));
    }

    @Test
    void answersInAnyOrderAreReportedInTheOrderOfLsns() {
        assertThat(offer(12)).isTrue();
        assertThat(offer(15)).isTrue();
        assertThat(offer(16)).as("with two under way").isFalse();

        apply(1);
        assertThat(reported).isEmpty();
        apply(0);

        assertThat(reported).containsExactly(15L);
        assertThat(window.isEmpty()).isTrue();
        assertThat(offer(16)).isTrue();
    }

    @Test
    void batchThatIsLateLetsSomeOthersPassButNotTooMany() {
        offer(12);
        offer(15);
        assertThat(offer(16)).isFalse();

        apply(1);
        assertThat(offer(16)).as("one is under way").isTrue();
        apply(2);
        assertThat(offer(17)).isTrue();
        apply(3);

        assertThat(offer(18)).as("with four not acknowledged").isFalse();
        assertThat(reported).isEmpty();
        apply(0);
        assertThat(reported).containsExactly(17L);
        assertThat(wakings).as("of a thread that wanted room").isEqualTo(2);
        assertThat(offer(18)).isTrue();
    }

    @Test
    void oneBatchThatCannotGrowWaitsAndIsSentByWhoBringsAnAnswer() {
        offer(12);
        offer(15);
        assertThat(enqueue(16)).isTrue();
        assertThat(enqueue(17)).as("with one that waits").isFalse();
        assertThat(offer(17)).as("with one that waits").isFalse();
        assertThat(answers).hasSize(2);
        assertThat(window.hasRoom()).isFalse();

        apply(1);

        assertThat(answers).hasSize(3);
        assertThat(window.hasRoom()).isTrue();
        apply(0);
        apply(2);
        assertThat(reported).containsExactly(15L, 16L);
        assertThat(window.isEmpty()).isTrue();
    }

    @Test
    void batchThatWaitsIsNotSentOnceItIsClosed() {
        offer(12);
        offer(15);
        enqueue(16);
        window.close();

        apply(0);

        assertThat(answers).hasSize(2);
        assertThat(window.isEmpty()).isFalse();
        assertThat(window.inFlight().lastLsn()).as("of those that were sent").isEqualTo(15);
    }

    @Test
    void nothingIsReportedAndNothingForgottenOnceItIsClosed() {
        offer(12);
        offer(15);
        window.close();

        apply(0);

        assertThat(reported).isEmpty();
        final InFlight inFlight = window.inFlight();
        assertThat(inFlight.durableLsn()).isEqualTo(10);
        assertThat(inFlight.firstLsns()).containsExactly(11, 13);
        assertThat(inFlight.lastLsns()).containsExactly(12, 15);
        assertThat(offer(16)).isFalse();
    }

    @Test
    void whatADeposedWriterLearnsIsReportedOnceAndNotBeyondWhatItOffered() {
        offer(12);
        offer(15);
        window.close();

        window.acknowledgeKept(12);
        window.acknowledgeKept(11);
        window.acknowledgeKept(99);

        assertThat(reported).containsExactly(12L, 15L);
    }

    @Test
    void anotherEpochEndsItAndSoDoesAKeyThatWasThereBefore() {
        offer(12);
        offer(15);
        final KvEntry ours = new KvEntry(context.keys().epoch(), new byte[0], FENCE, 0);
        final KvEntry others = new KvEntry(context.keys().epoch(), new byte[0], FENCE + 5, 0);
        final KvEntry old = new KvEntry(context.keys().batch(11), new byte[0], FENCE - 1, 0);

        answers.get(0).complete(refused(ours, old));
        answers.get(1).complete(refused(others, null));

        assertThat(endings).hasSize(2).last().isEqualTo("deposed");
        assertThat(endings.get(0)).contains("was there before this writer was");
        assertThat(reported).isEmpty();
    }

    private static KvAnswer refused(final KvEntry epoch, final KvEntry batch) {
        return new KvAnswer(false, CLUSTER, FENCE + 9, List.of(page(epoch), page(batch)));
    }

    private static KvPage page(final KvEntry entry) {
        final List<KvEntry> entries = entry == null ? List.of() : List.of(entry);
        return new KvPage(entries, entries.size(), CLUSTER, FENCE + 9);
    }

    private final class Progress implements CommitProgress {
        @Override
        public void written(final long lsn) {
            throw new AssertionError("the store knows nothing weaker than durable");
        }

        @Override
        public void durable(final long lsn) {
            reported.add(lsn);
            readable.add(window.readableLsn());
        }

        @Override
        public void failed(final WalException cause) {
            throw new AssertionError("that is for the store's thread to say", cause);
        }

        @Override
        public void stalled(final WalException cause) {
            // nothing waits here
        }

        @Override
        public void wake() {
            wakings++;
        }
    }
}
