package io.wal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.Durability;
import io.wal.FencedException;
import io.wal.LogClosedException;
import io.wal.LogFailedException;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class GroupCommitStoreTest {
    private static final long HOUR_NS = 3_600_000_000_000L;
    private static final StoreLimits NO_INTERVAL =
            new StoreLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, 0, HOUR_NS);

    private final FakeStore store = new FakeStore();
    private StoreDriver driver;

    private void open(final StoreLimits limits) {
        driver = new StoreDriver(store, limits);
    }

    private void send(final Durability durability, final boolean endOfBatch) {
        driver.send(RecordKind.DATA, durability, ByteBuffer.allocate(40), endOfBatch);
    }

    private void send(final boolean endOfBatch) {
        send(Durability.FORCED, endOfBatch);
    }

    @Test
    void batchIsCommittedOnceAtItsEnd() {
        open(NO_INTERVAL);

        send(false);
        send(false);
        assertThat(store.commits).hasValue(0);
        send(true);

        assertThat(store.commits).hasValue(1);
        assertThat(store.forces).hasValue(1);
        assertThat(driver.progress().durableLsn()).isEqualTo(3);
    }

    @Test
    void batchWithOneForcedEntryIsForcedAndOneWithoutIsNot() {
        open(NO_INTERVAL);

        send(Durability.WRITTEN, true);
        assertThat(store.forces).hasValue(0);
        assertThat(driver.progress().writtenLsn()).isEqualTo(1);
        assertThat(driver.progress().durableLsn()).isZero();
        send(Durability.WRITTEN, false);
        send(Durability.FORCED, false);
        send(Durability.WRITTEN, true);
        assertThat(store.forces).hasValue(1);
        assertThat(driver.progress().durableLsn()).isEqualTo(4);
        send(Durability.WRITTEN, true);

        assertThat(store.forces).as("the batch before does not rub off").hasValue(1);
    }

    @Test
    void voidAsksForNoForce() {
        open(NO_INTERVAL);

        driver.send(RecordKind.VOID, Durability.FORCED, ByteBuffer.allocate(8), true);

        assertThat(store.forces).hasValue(0);
        assertThat(driver.progress().writtenLsn()).isEqualTo(1);
    }

    @Test
    void fullBatchIsCommittedAtOnce() {
        open(new StoreLimits(Integer.MAX_VALUE, 2, 0, HOUR_NS));
        for (int i = 1; i <= 5; i++) {
            send(false);
            assertThat(store.commits).hasValue(i / 2);
        }
    }

    @Test
    void longBatchIsCommittedAtOnce() {
        open(new StoreLimits(64 + 32, Integer.MAX_VALUE, 0, HOUR_NS));

        send(false);
        assertThat(store.commits).hasValue(0);
        send(false);
        assertThat(store.commits).as("two frames of 64 bytes").hasValue(1);
        driver.send(RecordKind.DATA, Durability.FORCED, ByteBuffer.allocate(1000), false);

        assertThat(store.commits).as("a large one makes a batch of its own").hasValue(2);
    }

    @Test
    void batchWaitsForMoreNoLongerThanItsDelay() {
        open(new StoreLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, 20_000_000, HOUR_NS));
        final long beganNs = System.nanoTime();

        send(true);
        send(true);
        assertThat(store.commits).hasValue(0);
        assertThat(store.deadlineNs() - beganNs).isBetween(20_000_000L, HOUR_NS);
        driver.await("it is committed", () -> store.commits.get() == 1);

        assertThat(System.nanoTime() - beganNs).isGreaterThanOrEqualTo(20_000_000);
        assertThat(driver.progress().durableLsn()).isEqualTo(2);
        assertThat(store.deadlineNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void delayEndsWithTheFirstEntryBehindIt() {
        open(new StoreLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, 5_000_000, HOUR_NS));

        send(true);
        awaitTime(store.deadlineNs());
        send(true);

        assertThat(store.commits).hasValue(1);
        assertThat(driver.progress().durableLsn()).isEqualTo(2);
    }

    @Test
    void requestedForceAndFinalizeDoNotWaitForTheDelay() {
        open(new StoreLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, HOUR_NS, HOUR_NS));
        store.requestForce(1);
        send(Durability.WRITTEN, true);
        assertThat(store.forces).hasValue(1);

        final FinalizeRequest request = new FinalizeRequest(1, 2);
        store.requestFinalize(request);
        send(Durability.WRITTEN, true);

        assertThat(store.forces).hasValue(2);
        assertThat(request.future()).isCompletedWithValue(1L);
    }

    @Test
    void writtenEntriesAreForcedAfterTheInterval() {
        open(new StoreLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, 0, 300_000_000));
        assertThat(store.deadlineNs()).isEqualTo(Long.MAX_VALUE);

        send(Durability.WRITTEN, true);
        final long deadlineNs = store.deadlineNs();
        assertThat(deadlineNs - System.nanoTime()).isLessThanOrEqualTo(300_000_000);
        send(Durability.WRITTEN, true);
        assertThat(store.deadlineNs()).as("the first one counts").isEqualTo(deadlineNs);
        awaitTime(deadlineNs);
        driver.timeout();

        assertThat(store.forces).hasValue(1);
        assertThat(driver.progress().durableLsn()).isEqualTo(2);
        assertThat(store.deadlineNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void writtenEntriesAreForcedAfterTheIntervalThoughNoTimeoutComes() {
        open(new StoreLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, 0, 2_000_000));

        send(Durability.WRITTEN, true);
        awaitTime(store.deadlineNs());
        send(Durability.WRITTEN, true);

        assertThat(store.forces).hasValue(1);
        assertThat(driver.progress().durableLsn()).isEqualTo(2);
    }

    @Test
    void forceIsDoneWhenRequestedAndNotAgain() {
        open(NO_INTERVAL);
        send(Durability.WRITTEN, true);

        driver.timeout();
        assertThat(store.forces).hasValue(0);
        store.requestForce(1);
        driver.timeout();
        assertThat(store.forces).hasValue(1);
        store.requestForce(1);
        driver.timeout();
        assertThat(store.commits).as("nothing new to force").hasValue(2);

        store.requestForce(3);
        driver.timeout();
        assertThat(store.commits).as("not there yet").hasValue(2);
        send(Durability.WRITTEN, false);
        send(Durability.WRITTEN, true);
        assertThat(driver.progress().durableLsn()).isEqualTo(3);
    }

    @Test
    void finalizeComesWithTheBatchThatBringsItsLastEntry() {
        open(NO_INTERVAL);
        final FinalizeRequest request = new FinalizeRequest(1, 2);
        store.requestFinalize(request);

        send(Durability.WRITTEN, true);
        assertThat(request.future()).isNotDone();
        assertThat(store.forces).hasValue(0);
        driver.timeout();
        assertThat(store.forces).as("nothing to finalize yet").hasValue(0);
        send(Durability.WRITTEN, true);

        assertThat(request.future()).isCompletedWithValue(1L);
        assertThat(store.forces).hasValue(1);
        store.requestFinalize(new FinalizeRequest(3, 2));
    }

    @Test
    void anyFailureOfWriteIsFinal() {
        for (final Throwable cause :
                new Throwable[] {
                    new IOException("disk gone"),
                    new IllegalStateException(),
                    new InternalError("a fault occurred in an unsafe memory access"),
                    new OutOfMemoryError("played"),
                    new StackOverflowError()
                }) {
            final FakeStore failing = new FakeStore();
            final StoreDriver failed = new StoreDriver(failing, NO_INTERVAL);
            failed.send(RecordKind.DATA, Durability.FORCED, ByteBuffer.allocate(8), true);
            failing.failNextWrite.set(cause);
            failed.send(RecordKind.DATA, Durability.FORCED, ByteBuffer.allocate(8), true);
            assertFailed(failing, failed, cause);
        }
    }

    @Test
    void anyFailureOfCommitIsFinal() {
        for (final Throwable cause :
                new Throwable[] {new IOException("no space"), new OutOfMemoryError("played")}) {
            final FakeStore failing = new FakeStore();
            final StoreDriver failed = new StoreDriver(failing, NO_INTERVAL);
            failed.send(RecordKind.DATA, Durability.FORCED, ByteBuffer.allocate(8), true);
            failing.failNextCommit.set(cause);
            failed.send(RecordKind.DATA, Durability.FORCED, ByteBuffer.allocate(8), true);
            assertFailed(failing, failed, cause);
        }
    }

    private static void assertFailed(
            final FakeStore store, final StoreDriver driver, final Throwable cause) {
        assertThat(driver.progress().failure())
                .isInstanceOfSatisfying(
                        LogFailedException.class, e -> assertThat(e.lastDurableLsn()).isEqualTo(1))
                .hasCause(cause);
        final long commits = store.commits.get();
        final long writes = store.writes.get();
        driver.send(RecordKind.DATA, Durability.FORCED, ByteBuffer.allocate(8), true);
        store.requestForce(10);
        driver.timeout();
        driver.sendClose();

        assertThat(store.commits).as("no commit after the failure").hasValue(commits);
        assertThat(store.writes).hasValue(writes);
        assertThat(store.closedCleanly).isFalse();
        assertThat(driver.progress().durableLsn()).isEqualTo(1);
        assertThat(driver.progress().complaints()).isEmpty();
        assertThat(store.deadlineNs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void failureFromAnotherThreadEndsTheLogAtTheNextEvent() {
        open(NO_INTERVAL);
        send(true);

        store.fail(new IOException("connection lost"));
        assertThat(driver.progress().takeWake()).as("the store's thread is woken").isTrue();
        store.fail(new IOException("and again"));
        send(true);

        assertThat(driver.progress().failure()).hasRootCauseMessage("connection lost");
        assertThat(store.writes).hasValue(1);
        assertThat(driver.progress().complaints()).isEmpty();
    }

    @Test
    void failureFromAnotherThreadEndsTheLogWithoutAnEvent() {
        open(NO_INTERVAL);

        store.fail(new IOException("connection lost"));
        driver.timeout();

        assertThat(driver.progress().failure()).hasRootCauseMessage("connection lost");
    }

    @Test
    void deposedWriterFailsAsSuch() {
        open(NO_INTERVAL);
        final FencedException fenced = new FencedException(3, 4, 17, "taken over");

        store.fail(fenced);
        driver.timeout();

        assertThat(driver.progress().failure()).isSameAs(fenced);
    }

    @Test
    void failureAnswersTheCheckpointThatWaits() {
        open(NO_INTERVAL);
        final FinalizeRequest waiting = new FinalizeRequest(1, 100);
        store.requestFinalize(waiting);

        store.failNextCommit.set(new IOException("gone"));
        send(true);

        assertThat(waiting.future()).isCompletedExceptionally();
        final FinalizeRequest late = new FinalizeRequest(1, 1);
        store.requestFinalize(late);
        driver.timeout();
        assertThat(late.future()).isCompletedExceptionally();
    }

    @Test
    void failureAnswersTheCheckpointThatIsBeingFinalized() {
        open(NO_INTERVAL);
        final FinalizeRequest request = new FinalizeRequest(1, 0);
        store.requestFinalize(request);

        store.failNextCommit.set(new IOException("gone"));
        driver.timeout();

        assertThat(request.future()).isCompletedExceptionally();
        assertThatThrownBy(() -> request.future().join())
                .hasCauseInstanceOf(LogFailedException.class);
    }

    @Test
    void closeCommitsForcesAndLeavesTheProof() {
        open(NO_INTERVAL);
        send(Durability.WRITTEN, false);

        driver.sendClose();

        assertThat(driver.progress().durableLsn()).isEqualTo(1);
        assertThat(store.closedCleanly).isTrue();
        assertThat(driver.progress().failure()).isNull();
        final FinalizeRequest late = new FinalizeRequest(1, 1);
        store.requestFinalize(late);
        driver.timeout();
        assertThatThrownBy(() -> late.future().join()).hasCauseInstanceOf(LogClosedException.class);
    }

    @Test
    void closeThatFailsIsAFailure() {
        open(NO_INTERVAL);
        send(true);
        store.failClose.set(new IOException("no proof"));

        driver.sendClose();

        assertThat(driver.progress().failure()).hasRootCauseMessage("no proof");
        assertThat(driver.progress().durableLsn()).isEqualTo(1);
    }

    @Test
    void skippedLsnIsAFailureNotAHole() {
        open(NO_INTERVAL);
        send(true);

        driver.send(
                StoreDriver.event(3, RecordKind.DATA, Durability.FORCED, ByteBuffer.allocate(1)),
                true);

        assertThat(driver.progress().failure()).hasMessageContaining("LSN 3 follows LSN 1");
        assertThat(driver.progress().durableLsn()).isEqualTo(1);
    }

    @Test
    void storeThatDoesNotAnswerYetAcknowledgesNothing() {
        open(NO_INTERVAL);
        store.answersLate();

        send(true);
        send(true);
        assertThat(driver.progress().durableLsn()).isZero();
        store.answer(1);
        assertThat(driver.progress().durableLsn()).isEqualTo(1);
        store.answer(2);

        assertThat(driver.progress().durableLsn()).isEqualTo(2);
    }

    @Test
    void limitsMustMakeSense() {
        for (final Runnable wrong :
                new Runnable[] {
                    () -> new StoreLimits(0, 1, 0, 1),
                    () -> new StoreLimits(1, 0, 0, 1),
                    () -> new StoreLimits(1, 1, -1, 1),
                    () -> new StoreLimits(1, 1, 0, 0)
                }) {
            assertThatThrownBy(wrong::run)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("maxBatchLength=");
        }
    }

    private static void awaitTime(final long deadlineNs) {
        while (System.nanoTime() - deadlineNs < 0) {
            LockSupport.parkNanos(deadlineNs - System.nanoTime());
        }
    }
}
