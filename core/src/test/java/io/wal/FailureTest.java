package io.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.store.Eventually;
import io.wal.store.FakeStore;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FailureTest {
    @Test
    void failedForceFailsEveryPendingAppendAndNoneBefore() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            fake.append();
            fake.append();
            fake.log.awaitDurable(2);
            fake.appendAndHang();
            fake.append();
            final CompletableFuture<Long> waiting =
                    FakeLog.supply(
                            () -> fake.log.appendAndAwait(fake.payload, 0, 8, Durability.WRITTEN));
            Eventually.isTrue("it has its LSN", () -> fake.log.lastLsn() == 5);
            fake.store.failNextCommit.set(new IOException("force failed"));
            fake.store.goOn();
            fake.awaitTold(4);

            assertThat(fake.told)
                    .containsExactly("1", "2", "3 LogFailedException", "4 LogFailedException");
            assertThat(waiting)
                    .failsWithin(30, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withCauseInstanceOf(LogFailedException.class)
                    .withRootCauseInstanceOf(IOException.class);
            assertThat(fake.log.durableLsn()).isEqualTo(2);
        }
    }

    @Test
    void everyLaterCallFailsAtOnceWithTheSameCause() {
        try (FakeLog fake = new FakeLog()) {
            fake.append();
            fake.log.awaitDurable(1);
            final IOException cause = new IOException("gone");
            fake.store.failNextCommit.set(cause);
            fake.append();
            fake.awaitTold(2);

            assertThat(fake.log.failure()).hasCause(cause);
            assertThatThrownBy(fake::append)
                    .isInstanceOfSatisfying(
                            LogFailedException.class,
                            e -> assertThat(e.lastDurableLsn()).isEqualTo(1))
                    .hasCause(cause)
                    .hasMessageContaining("the last surely durable LSN is 1")
                    .hasMessageContaining("gone")
                    .isNotSameAs(fake.log.failure());
            assertThatThrownBy(() -> fake.log.appendAndAwait(fake.payload, 0, 8, Durability.FORCED))
                    .hasCause(cause);
            assertThatThrownBy(() -> fake.log.appendAsync(fake.payload, 0, 8, Durability.FORCED))
                    .hasCause(cause);
            assertThat(fake.tryAppend()).isEqualTo(WriteAheadLog.FAILED);
            assertThat(fake.log.tryClaim(8, Durability.FORCED, null, new AppendClaim()))
                    .isEqualTo(WriteAheadLog.FAILED);
            assertThatThrownBy(fake.log::startCheckpoint).hasCause(cause);
            assertThatThrownBy(fake.log::flush).hasCause(cause);
            assertThatThrownBy(() -> fake.log.awaitDurable(2, Duration.ofHours(1))).hasCause(cause);
            assertThat(fake.log.awaitDurable(1, Duration.ZERO)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void errorInTheStoreFailsTheLog(final boolean inWrite) {
        try (FakeLog fake = new FakeLog()) {
            (inWrite ? fake.store.failNextWrite : fake.store.failNextCommit)
                    .set(new OutOfMemoryError("played"));
            fake.append();
            fake.awaitTold(1);

            assertThat(fake.told).containsExactly("1 LogFailedException");
            assertThat(fake.log.failure()).hasCauseInstanceOf(OutOfMemoryError.class);
            final long commits = fake.store.commits.get();
            assertThat(fake.tryAppend()).isEqualTo(WriteAheadLog.FAILED);
            assertThat(fake.store.commits).as("nothing is committed any more").hasValue(commits);
        }
    }

    @Test
    void failureOfTheStoreOnItsOwnEndsTheLogThoughNothingIsAppended() {
        try (FakeLog fake = new FakeLog()) {
            fake.append();
            fake.log.awaitDurable(1);

            fake.store.fail(new IOException("connection lost"));

            Eventually.isTrue("it has failed", () -> fake.log.failure() != null);
            assertThat(fake.log.failure()).hasRootCauseMessage("connection lost");
        }
    }

    @Test
    void answerAfterTheFailureAcknowledgesNothing() {
        final FakeStore store = new FakeStore().answersLate();
        try (FakeLog fake = new FakeLog(store, context -> context)) {
            fake.append();
            fake.append();
            Eventually.isTrue("both are committed", () -> store.writes.get() == 2);
            store.answer(1);
            fake.awaitTold(1);
            store.fail(new IOException("gone"));
            fake.awaitTold(2);

            store.answer(2);

            assertThat(fake.log.durableLsn()).isEqualTo(1);
            assertThat(fake.told).containsExactly("1", "2 LogFailedException");
        }
    }

    @Test
    void checkpointOfAFailedLogIsAnswered() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            final Checkpoint checkpoint = fake.log.startCheckpoint();
            checkpoint.append(fake.payload, 0, 100);
            fake.log.flush();
            fake.store.failNextCommit.set(new IOException("gone"));

            assertThatThrownBy(checkpoint::finalizeCheckpoint)
                    .isInstanceOf(LogFailedException.class)
                    .hasRootCauseMessage("gone");
        }
    }

    @Test
    void failureDuringFinalizeDoesNotBlockOtherThreads() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            fake.appendAndHang();
            final Checkpoint checkpoint = fake.log.startCheckpoint();
            final CompletableFuture<Long> future = checkpoint.finalizeAsync();
            final CompletableFuture<String> thread =
                    future.handle((lsn, failure) -> Thread.currentThread().getName());
            fake.store.failNextCommit.set(new IOException("gone"));
            fake.store.goOn();

            assertThat(future).failsWithin(30, TimeUnit.SECONDS);
            assertThat(thread.get(30, TimeUnit.SECONDS))
                    .as("the log's threads have no time for it")
                    .doesNotStartWith("wal-");
        }
    }

    @Test
    void storeThatThrowsFromItsHandlerFailsTheLog() {
        final FakeStore inner = new FakeStore();
        try (WriteAheadLog log =
                WriteAheadLog.open(new WalContext().store(new ThrowingStore(inner)))) {
            log.append(new UnsafeBuffer(new byte[8]), 0, 8);

            Eventually.isTrue("it has failed", () -> log.failure() != null);
            assertThat(log.failure()).hasRootCauseMessage("a careless store");
            assertThat(log.durableLsn()).isZero();
        } catch (final LogFailedException expected) {
            assertThat(expected).hasRootCauseMessage("a careless store");
        }
    }
}
