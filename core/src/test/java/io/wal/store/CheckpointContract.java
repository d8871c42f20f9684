package io.wal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.Checkpoint;
import io.wal.EntryKind;
import io.wal.LogClosedException;
import io.wal.WriteAheadLog;
import io.wal.store.LogHarness.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Checkpoints: what recovery begins with, and what counts when. */
interface CheckpointContract extends Harnessed {
    /** Ends the log in each way there is, and opens it again. */
    private void assertRecovered(final List<Entry> expected) {
        if (harness().contract().canCrash()) {
            harness().crashAndReopen();
            assertThat(harness().recovered()).as("after a crash").isEqualTo(expected);
        }
        harness().reopen();
        assertThat(harness().recovered()).as("after closing").isEqualTo(expected);
        harness().reopen();
        assertThat(harness().recovered()).as("after closing once more").isEqualTo(expected);
    }

    private Entry append(final Checkpoint checkpoint, final int length) {
        final Entry entry = harness().next(EntryKind.CHECKPOINT, length);
        assertThat(checkpoint.append(LogHarness.wrap(entry), 0, length)).isEqualTo(entry.lsn());
        return entry;
    }

    @Test
    default void recoveryBeginsAtTheFinalizedCheckpoint() {
        final WriteAheadLog log = harness().open();
        harness().appendMany(50);
        final List<Entry> expected = new ArrayList<>();

        final Checkpoint checkpoint = log.startCheckpoint();
        assertThat(checkpoint.startLsn()).isEqualTo(51);
        for (final int length : new int[] {0, 8, 231, 233, 3000}) {
            expected.add(append(checkpoint, length));
        }
        checkpoint.finalizeCheckpoint();
        expected.addAll(harness().appendMany(20));

        assertRecovered(expected);
        assertThat(harness().log().recovered().startLsn()).isEqualTo(51);
        assertThat(harness().append(1).lsn()).isEqualTo(76);
    }

    @Test
    default void dataAppendedWhileTheCheckpointIsOpenIsDeliveredWithIt() {
        final WriteAheadLog log = harness().open();
        harness().appendMany(10);
        final List<Entry> expected = new ArrayList<>();

        try (Checkpoint checkpoint = log.startCheckpoint()) {
            expected.addAll(harness().appendMany(3));
            expected.add(append(checkpoint, 40));
            expected.addAll(harness().appendMany(2));
            expected.add(append(checkpoint, 400));
            expected.addAll(harness().appendMany(1));
            checkpoint.finalizeCheckpoint();
        }

        assertRecovered(expected);
    }

    @Test
    default void checkpointThatWasInterruptedGoesOnInTheNextOpening() {
        WriteAheadLog log = harness().open();
        harness().appendMany(10);
        final List<Entry> expected = new ArrayList<>();
        final Checkpoint interrupted = log.startCheckpoint();
        final long startLsn = interrupted.startLsn();
        expected.add(append(interrupted, 40));
        expected.addAll(harness().appendMany(3));
        log = harness().reopen();

        final Checkpoint resumed = log.resumeCheckpoint(startLsn);
        assertThatThrownBy(log::startCheckpoint).isInstanceOf(IllegalStateException.class);
        expected.add(append(resumed, 400));
        resumed.finalizeCheckpoint();
        expected.addAll(harness().appendMany(2));

        assertThat(resumed.startLsn()).isEqualTo(startLsn);
        assertRecovered(expected);
        final WriteAheadLog last = harness().log();
        assertThat(last.recovered().startLsn()).isEqualTo(startLsn);
        assertThatThrownBy(() -> last.resumeCheckpoint(startLsn - 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("from " + startLsn);
        assertThatThrownBy(() -> last.resumeCheckpoint(last.lastLsn() + 2))
                .isInstanceOf(IllegalArgumentException.class);
        last.startCheckpoint().finalizeCheckpoint();
        assertThatThrownBy(() -> last.resumeCheckpoint(last.lastLsn()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    default void unfinalizedCheckpointDoesNotCount() {
        final WriteAheadLog log = harness().open();
        final List<Entry> expected = new ArrayList<>(harness().appendMany(10));

        final Checkpoint checkpoint = log.startCheckpoint();
        append(checkpoint, 10);
        expected.addAll(harness().appendMany(3));
        append(checkpoint, 1000);
        log.flush();

        assertRecovered(expected);
    }

    @Test
    default void discardedCheckpointDoesNotCountNorDoesItLater() {
        final WriteAheadLog log = harness().open();
        harness().appendMany(10);
        final Checkpoint finalized = log.startCheckpoint();
        final List<Entry> expected = new ArrayList<>();
        expected.add(append(finalized, 5));
        finalized.finalizeCheckpoint();
        expected.addAll(harness().appendMany(4));

        final Checkpoint discarded = log.startCheckpoint();
        append(discarded, 6);
        expected.addAll(harness().appendMany(2));
        discarded.discard();
        discarded.discard();
        discarded.close();
        expected.addAll(harness().appendMany(2));
        assertRecovered(expected);

        final Checkpoint last = harness().log().startCheckpoint();
        final List<Entry> later = List.of(append(last, 7));
        last.finalizeCheckpoint();
        assertRecovered(later);
    }

    @Test
    default void checkpointWithoutEntriesReleasesEverythingBeforeIt() {
        final WriteAheadLog log = harness().open();
        harness().appendMany(30);

        log.startCheckpoint();
        log.finalizeCheckpoint();

        assertRecovered(List.of());
        assertThat(harness().log().recovered().isEmpty()).isTrue();
        assertThat(harness().log().lastLsn()).as("LSNs are never used again").isEqualTo(30);
        final Entry next = harness().append(9);
        assertThat(next.lsn()).isEqualTo(31);
        assertRecovered(List.of(next));
    }

    @Test
    default void checkpointOfAnEmptyLogIsPossible() {
        final WriteAheadLog log = harness().open();

        final Checkpoint checkpoint = log.startCheckpoint();
        assertThat(checkpoint.startLsn()).isEqualTo(1);
        checkpoint.finalizeCheckpoint();
        final List<Entry> expected = harness().appendMany(2);

        assertRecovered(expected);
    }

    @Test
    default void theLastFinalizedCheckpointCounts() {
        harness().open();

        for (int round = 0; round < 5; round++) {
            harness().appendMany(7);
            final Checkpoint checkpoint = harness().log().startCheckpoint();
            final List<Entry> expected = new ArrayList<>();
            expected.add(append(checkpoint, round));
            expected.addAll(harness().appendMany(3));
            expected.add(append(checkpoint, 300));
            checkpoint.finalizeCheckpoint();
            expected.addAll(harness().appendMany(4));
            assertRecovered(expected);
        }
    }

    @Test
    default void checkpointsFollowEachOtherWithoutReopening() {
        final WriteAheadLog log = harness().open();
        List<Entry> expected = List.of();

        for (int i = 0; i < 50; i++) {
            final Checkpoint checkpoint = log.startCheckpoint();
            expected = List.of(append(checkpoint, i));
            checkpoint.finalizeCheckpoint();
        }

        assertRecovered(expected);
    }

    @Test
    default void secondStartIsRefusedUntilTheFirstHasEnded() {
        final WriteAheadLog log = harness().open();
        harness().append(10);

        final Checkpoint first = log.startCheckpoint();
        assertThatThrownBy(log::startCheckpoint)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("LSN 2");
        first.finalizeCheckpoint();
        final Checkpoint second = log.startCheckpoint();
        second.discard();
        final Checkpoint third = log.startCheckpoint();
        append(third, 4);
        third.discard();
    }

    @Test
    default void whatHasEndedCannotBeUsedAgain() {
        final WriteAheadLog log = harness().open();
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[8]);

        assertThatThrownBy(log::finalizeCheckpoint)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no checkpoint is open");
        for (final boolean finalize : new boolean[] {true, false}) {
            final Checkpoint checkpoint = log.startCheckpoint();
            if (finalize) {
                checkpoint.finalizeCheckpoint();
            } else {
                checkpoint.discard();
            }
            assertThatThrownBy(() -> checkpoint.append(buffer, 0, 8))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("has ended");
            assertThatThrownBy(checkpoint::finalizeCheckpoint)
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(checkpoint::finalizeAsync).isInstanceOf(IllegalStateException.class);
        }
        assertThatThrownBy(log::finalizeCheckpoint).isInstanceOf(IllegalStateException.class);
    }

    @Test
    default void finalizingAsynchronouslyTellsTheStartWhenItIsDurable() throws Exception {
        final WriteAheadLog log = harness().open();
        harness().appendMany(5);

        final Checkpoint checkpoint = log.startCheckpoint();
        final Entry entry = append(checkpoint, 50);
        final CompletableFuture<Long> future = checkpoint.finalizeAsync();
        assertThat(future.get(30, TimeUnit.SECONDS)).isEqualTo(6);

        assertThat(log.durableLsn()).isGreaterThanOrEqualTo(entry.lsn());
        assertRecovered(List.of(entry));
    }

    @Test
    default void checkpointIsFinalizedWhileOthersAppend() throws Exception {
        final WriteAheadLog log = harness().open();
        final AtomicBoolean stop = new AtomicBoolean();
        final UnsafeBuffer data = LogHarness.payloadBuffer(1, 100);
        final Thread producer =
                new Thread(
                        () -> {
                            while (!stop.get()) {
                                log.append(data, 0, 100);
                            }
                        });
        producer.start();

        long startLsn = 0;
        final UnsafeBuffer state = LogHarness.payloadBuffer(2, 200);
        for (int i = 0; i < 10; i++) {
            try (Checkpoint checkpoint = log.startCheckpoint()) {
                startLsn = checkpoint.startLsn();
                checkpoint.append(state, 0, 200);
                checkpoint.append(state, 0, 200);
                checkpoint.finalizeCheckpoint();
            }
        }
        stop.set(true);
        producer.join();
        final long lastLsn = log.lastLsn();
        harness().reopen();

        assertThat(harness().log().recovered().startLsn()).isEqualTo(startLsn);
        assertThat(harness().recovered()).hasSize((int) (lastLsn - startLsn + 1));
        assertThat(harness().recovered())
                .filteredOn(entry -> entry.kind() == EntryKind.CHECKPOINT)
                .hasSize(2);
        long lsn = startLsn;
        for (final Entry entry : harness().recovered()) {
            assertThat(entry.lsn()).isEqualTo(lsn++);
            assertThat(entry.payload())
                    .isEqualTo(
                            entry.kind() == EntryKind.DATA
                                    ? LogHarness.payload(1, 100)
                                    : LogHarness.payload(2, 200));
        }
    }

    @Test
    default void checkpointThatIsOpenWhenTheLogIsClosedIsDiscarded() {
        final WriteAheadLog log = harness().open();
        final List<Entry> expected = harness().appendMany(3);
        final Checkpoint checkpoint = log.startCheckpoint();
        append(checkpoint, 3);

        harness().closeLog();

        assertThatThrownBy(checkpoint::finalizeCheckpoint).isInstanceOf(LogClosedException.class);
        harness().open();
        assertThat(harness().recovered()).isEqualTo(expected);
        assertThat(harness().append(1).lsn()).isEqualTo(5);
    }
}
