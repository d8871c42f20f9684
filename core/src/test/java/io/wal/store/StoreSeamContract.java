package io.wal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.Durability;
import io.wal.EntryKind;
import io.wal.LogReader;
import io.wal.RecoveredLog;
import io.wal.record.RecordKind;
import io.wal.store.LogHarness.Entry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the log relies on, event by event, without the log around it. */
interface StoreSeamContract extends Harnessed {
    private LogStore newStore() {
        return harness().contract().newStore();
    }

    private static ByteBuffer payload(final int length) {
        return LogHarness.payload(length, length);
    }

    private static Entry data(final long lsn, final int length) {
        return new Entry(lsn, EntryKind.DATA, payload(length));
    }

    private static Entry checkpoint(final long lsn, final int length) {
        return new Entry(lsn, EntryKind.CHECKPOINT, payload(length));
    }

    /** Ends the log and lets go of the store. */
    private static void end(final StoreDriver driver, final LogStore store) {
        driver.sendClose();
        driver.await("all is durable", () -> driver.progress().durableLsn() == driver.lastLsn());
        assertThat(driver.progress().failure()).isNull();
        assertThat(driver.progress().complaints()).isEmpty();
        store.close();
        store.close();
    }

    @Test
    default void batchIsDurableWhenItHasEnded() {
        final LogStore store = newStore();
        final StoreDriver driver = new StoreDriver(store);

        assertThat(driver.recovered().tail()).isEqualTo(RecoveredLog.Tail.EMPTY);
        assertThat(driver.replay()).isEmpty();
        driver.send(RecordKind.DATA, Durability.FORCED, payload(10), false);
        driver.send(RecordKind.DATA, Durability.WRITTEN, payload(1000), false);
        driver.send(RecordKind.DATA, Durability.FORCED, payload(0), true);
        driver.await("the batch is durable", () -> driver.progress().durableLsn() == 3);
        driver.send(RecordKind.DATA, Durability.FORCED, payload(5), true);
        driver.await("the next is durable", () -> driver.progress().durableLsn() == 4);

        end(driver, store);
        final LogStore again = newStore();
        final StoreDriver reopened = new StoreDriver(again);
        assertThat(reopened.recovered().lastLsn()).isEqualTo(4);
        assertThat(reopened.replay())
                .containsExactly(data(1, 10), data(2, 1000), data(3, 0), data(4, 5));
        assertThat(reopened.replay()).as("as often as one likes").hasSize(4);
        end(reopened, again);
    }

    @Test
    default void writtenBatchIsReportedAndForcedWhenAsked() {
        final LogStore store = newStore();
        final StoreDriver driver =
                new StoreDriver(
                        store,
                        new StoreLimits(
                                Integer.MAX_VALUE, Integer.MAX_VALUE, 0, 3_600_000_000_000L));

        driver.send(RecordKind.DATA, Durability.WRITTEN, payload(10), false);
        driver.send(RecordKind.DATA, Durability.WRITTEN, payload(20), true);
        driver.await("both are written", () -> driver.progress().writtenLsn() == 2);
        store.requestForce(2);
        driver.timeout();
        driver.await("both are durable", () -> driver.progress().durableLsn() == 2);

        end(driver, store);
    }

    @Test
    default void writtenBatchIsForcedWhenItsTimeHasCome() {
        final LogStore store = newStore();
        final StoreDriver driver =
                new StoreDriver(
                        store, new StoreLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, 0, 5_000_000));

        driver.send(RecordKind.DATA, Durability.WRITTEN, payload(10), true);

        driver.await("it is durable", () -> driver.progress().durableLsn() == 1);
        end(driver, store);
    }

    @Test
    default void forceAskedForAheadComesWithTheEntry() {
        final LogStore store = newStore();
        final StoreDriver driver =
                new StoreDriver(
                        store,
                        new StoreLimits(
                                Integer.MAX_VALUE, Integer.MAX_VALUE, 0, 3_600_000_000_000L));

        store.requestForce(2);
        driver.timeout();
        driver.send(RecordKind.DATA, Durability.WRITTEN, payload(10), true);
        driver.send(RecordKind.DATA, Durability.WRITTEN, payload(10), true);

        driver.await("it is durable", () -> driver.progress().durableLsn() == 2);
        end(driver, store);
    }

    @Test
    default void kindsComeBackAsTheyWere() {
        final LogStore store = newStore();
        final StoreDriver driver = new StoreDriver(store);

        driver.send(RecordKind.DATA, Durability.FORCED, payload(1), false);
        driver.send(RecordKind.VOID, Durability.FORCED, payload(700), false);
        driver.send(RecordKind.CHECKPOINT, Durability.FORCED, payload(2), false);
        driver.send(RecordKind.VOID, Durability.FORCED, payload(3), false);
        driver.send(RecordKind.DATA, Durability.FORCED, payload(4), true);
        driver.await("the batch is durable", () -> driver.progress().durableLsn() == 5);

        final List<Entry> read = new ArrayList<>();
        try (LogReader reader = store.reader(1)) {
            driver.await(
                    "all are read",
                    () -> {
                        reader.poll(
                                (lsn, kind, buffer, offset, length) ->
                                        read.add(
                                                LogHarness.entry(
                                                        lsn, kind, buffer, offset, length)),
                                10);
                        return reader.nextLsn() == 6;
                    });
        }
        assertThat(read).containsExactly(data(1, 1), checkpoint(3, 2), data(5, 4));
        end(driver, store);
        final LogStore again = newStore();
        final StoreDriver reopened = new StoreDriver(again);
        assertThat(reopened.replay()).containsExactly(data(1, 1), data(5, 4));
        end(reopened, again);
    }

    @Test
    default void checkpointIsFinalizedBehindItsEntries() {
        final LogStore store = newStore();
        final StoreDriver driver = new StoreDriver(store);
        driver.send(RecordKind.DATA, Durability.FORCED, payload(1), true);

        final FinalizeRequest request = new FinalizeRequest(2, 3);
        store.requestFinalize(request);
        driver.timeout();
        driver.send(RecordKind.CHECKPOINT, Durability.FORCED, payload(2), true);
        driver.await("the entry is durable", () -> driver.progress().durableLsn() == 2);
        assertThat(request.future()).as("its last entry is still to come").isNotDone();
        driver.send(RecordKind.DATA, Durability.WRITTEN, payload(3), true);
        driver.await("it is finalized", request.future()::isDone);

        assertThat(request.future().join()).isEqualTo(2);
        assertThat(driver.progress().durableLsn()).isEqualTo(3);
        end(driver, store);
        final LogStore again = newStore();
        final StoreDriver reopened = new StoreDriver(again);
        assertThat(reopened.recovered().startLsn()).isEqualTo(2);
        assertThat(reopened.replay()).containsExactly(checkpoint(2, 2), data(3, 3));
        end(reopened, again);
    }

    @Test
    default void checkpointIsFinalizedWithoutAnyEvent() {
        final LogStore store = newStore();
        final StoreDriver driver = new StoreDriver(store);
        driver.send(RecordKind.DATA, Durability.FORCED, payload(1), true);

        for (int i = 0; i < 3; i++) {
            final FinalizeRequest request = new FinalizeRequest(2, 1);
            store.requestFinalize(request);
            driver.timeout();
            driver.await("it is finalized", request.future()::isDone);
            assertThat(request.future().join()).isEqualTo(2);
        }

        end(driver, store);
        final LogStore again = newStore();
        final StoreDriver reopened = new StoreDriver(again);
        assertThat(reopened.recovered().isEmpty()).isTrue();
        assertThat(reopened.recovered().lastLsn()).isEqualTo(1);
        end(reopened, again);
    }

    @Test
    default void onlyOneCheckpointIsFinalizedAtATime() {
        final LogStore store = newStore();
        final StoreDriver driver = new StoreDriver(store);
        store.requestFinalize(new FinalizeRequest(1, 1));

        assertThatThrownBy(() -> store.requestFinalize(new FinalizeRequest(1, 1)))
                .isInstanceOf(IllegalStateException.class);

        end(driver, store);
    }

    @Test
    default void closingEndsWhatIsPendingAndNothingIsTakenBehindIt() {
        final LogStore store = newStore();
        final StoreDriver driver = new StoreDriver(store);
        driver.send(RecordKind.DATA, Durability.WRITTEN, payload(1), false);
        final FinalizeRequest never = new FinalizeRequest(1, 100);
        store.requestFinalize(never);

        driver.sendClose();
        driver.await("the rest is durable", () -> driver.progress().durableLsn() == 1);
        assertThat(never.future()).isCompletedExceptionally();
        driver.send(StoreDriver.event(2, RecordKind.DATA, Durability.FORCED, payload(2)), true);
        driver.timeout();

        assertThat(driver.progress().durableLsn()).isEqualTo(1);
        store.close();
        final LogStore again = newStore();
        final StoreDriver reopened = new StoreDriver(again);
        assertThat(reopened.replay()).containsExactly(data(1, 1));
        end(reopened, again);
    }

    @Test
    default void hugeAndTinyEntriesShareABatch() {
        final int largest = harness().contract().largestPayload();
        final LogStore store = newStore();
        final StoreDriver driver = new StoreDriver(store);
        final int[] lengths = {0, largest / 2, 1, largest, 7, largest / 3, 0};

        for (int i = 0; i < lengths.length; i++) {
            driver.send(
                    RecordKind.DATA,
                    Durability.FORCED,
                    payload(lengths[i]),
                    i == lengths.length - 1);
        }
        driver.await("all is durable", () -> driver.progress().durableLsn() == lengths.length);

        end(driver, store);
        final LogStore again = newStore();
        final StoreDriver reopened = new StoreDriver(again);
        final List<Entry> replayed = reopened.replay();
        assertThat(replayed).hasSize(lengths.length);
        for (int i = 0; i < lengths.length; i++) {
            assertThat(replayed.get(i)).isEqualTo(data(i + 1, lengths[i]));
        }
        end(reopened, again);
    }
}
