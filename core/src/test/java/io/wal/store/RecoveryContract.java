package io.wal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.wal.AppendClaim;
import io.wal.Durability;
import io.wal.LogClosedException;
import io.wal.RecoveredLog;
import io.wal.WriteAheadLog;
import io.wal.store.LogHarness.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Opening a log that holds entries, after it was closed and after a crash. */
interface RecoveryContract extends Harnessed {
    @Test
    default void emptyLogNeedsNoRecovery() {
        final WriteAheadLog log = harness().openOnly(context -> context);

        assertThat(log.recovered().isEmpty()).isTrue();
        assertThat(log.recovered().tail()).isEqualTo(RecoveredLog.Tail.EMPTY);
        assertThat(log.recovered().lastLsn()).isZero();
        assertThat(log.lastLsn()).isZero();
        assertThat(log.durableLsn()).isZero();
        assertThat(log.flush()).as("nothing to make durable").isZero();
        assertThat(harness().append(3).lsn()).isEqualTo(1);
    }

    @Test
    default void appendBeforeRecoveryIsRefused() {
        harness().open();
        final Entry first = harness().append(10);
        harness().closeLog();
        final WriteAheadLog log = harness().openOnly(context -> context);
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[10]);
        final AppendClaim claim = new AppendClaim();

        final List<ThrowingCallable> appends =
                List.of(
                        () -> log.append(buffer, 0, 10),
                        () -> log.tryAppend(buffer, 0, 10, Durability.FORCED, null),
                        () -> log.appendAsync(buffer, 0, 10, Durability.FORCED),
                        () -> log.appendAndAwait(buffer, 0, 10, Durability.FORCED),
                        () -> log.tryClaim(10, Durability.FORCED, null, claim),
                        log::startCheckpoint);
        for (final ThrowingCallable append : appends) {
            assertThatThrownBy(append)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("recover");
        }

        assertThat(harness().recover()).containsExactly(first);
        assertThat(harness().append(10).lsn()).isEqualTo(2);
    }

    @Test
    default void recoveryRunsOnce() {
        harness().open();
        harness().append(10);
        final WriteAheadLog log = harness().reopen();

        assertThatThrownBy(() -> log.recover((lsn, kind, buffer, offset, length) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("already");
    }

    @Test
    default void recoveryWhoseHandlerThrewCanBeRunAgain() {
        harness().open();
        final List<Entry> appended = harness().appendMany(5);
        harness().closeLog();
        final WriteAheadLog log = harness().openOnly(context -> context);

        assertThatThrownBy(
                        () ->
                                log.recover(
                                        (lsn, kind, buffer, offset, length) -> {
                                            if (lsn == 3) {
                                                throw new IllegalArgumentException("at three");
                                            }
                                        }))
                .hasMessage("at three");

        assertThat(harness().recover()).isEqualTo(appended);
        assertThat(harness().append(1).lsn()).isEqualTo(6);
    }

    @Test
    default void everyRecoveryDeliversTheSame() {
        harness().open();
        final List<Entry> appended = harness().appendMany(100);

        for (int i = 0; i < 4; i++) {
            harness().reopen();
            assertThat(harness().recovered()).isEqualTo(appended);
        }
    }

    @Test
    default void closingWithoutRecoveryLosesNothing() {
        harness().open();
        final List<Entry> appended = harness().appendMany(20);
        harness().closeLog();

        harness().openOnly(context -> context);
        harness().closeLog();
        harness().open();

        assertThat(harness().recovered()).isEqualTo(appended);
        assertThat(harness().append(1).lsn()).isEqualTo(21);
    }

    @Test
    default void crashKeepsWhatWasAcknowledged() {
        assumeTrue(harness().contract().canCrash(), "this store cannot play a crash");
        final List<Entry> appended = new ArrayList<>();
        harness().open();

        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < 30; i++) {
                appended.add(
                        harness()
                                .append(
                                        i * 11,
                                        i % 3 == 0 ? Durability.WRITTEN : Durability.FORCED));
            }
            harness().crashAndReopen();
            assertThat(harness().recovered()).isEqualTo(appended);
        }

        harness().reopen();
        assertThat(harness().recovered()).isEqualTo(appended);
    }

    @Test
    default void tailTellsACloseFromACrash() {
        harness().open();
        harness().append(10);
        harness().reopen();
        assertThat(harness().log().recovered().tail()).isEqualTo(RecoveredLog.Tail.CLOSED);

        if (harness().contract().canCrash()) {
            harness().append(10);
            harness().crashAndReopen();
            assertThat(harness().log().recovered().tail())
                    .isIn(RecoveredLog.Tail.WHOLE, RecoveredLog.Tail.TORN);
        }
    }

    @Test
    default void generationGrowsWithEachOpening() {
        long generation = 0;

        for (int i = 0; i < 4; i++) {
            final WriteAheadLog log = harness().open();
            assertThat(log.recovered().generation()).isGreaterThan(generation);
            generation = log.recovered().generation();
            harness().append(i);
            if (i == 2 && harness().contract().canCrash()) {
                harness().crash();
            } else {
                harness().closeLog();
            }
        }
    }

    @Test
    default void recoveredLogSaysWhatIsThere() {
        harness().open();
        harness().appendMany(12);
        final WriteAheadLog log = harness().reopen();

        assertThat(log.recovered().startLsn()).isEqualTo(1);
        assertThat(log.recovered().lastLsn()).isEqualTo(12);
        assertThat(log.recovered().isEmpty()).isFalse();
        assertThat(log.lastLsn()).isEqualTo(12);
        assertThat(log.durableLsn()).as("what is delivered is durable").isEqualTo(12);
        assertThat(log.writtenLsn()).isEqualTo(12);
    }

    @Test
    default void closingEndsARecoveryOnAnotherThread() throws Exception {
        harness().open();
        final List<Entry> appended = harness().appendMany(50);
        harness().closeLog();
        final WriteAheadLog log = harness().openOnly(context -> context);
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        final AtomicReference<Throwable> thrown = new AtomicReference<>();

        final Thread recovering =
                new Thread(
                        () -> {
                            try {
                                log.recover(
                                        (lsn, kind, buffer, offset, length) -> {
                                            begun.countDown();
                                            await(goOn);
                                        });
                            } catch (final Throwable t) {
                                thrown.set(t);
                            }
                        });
        recovering.start();
        await(begun);
        final Thread closing = new Thread(harness()::closeLog);
        closing.start();
        Eventually.isTrue(
                "closing waits",
                () ->
                        closing.getState() == Thread.State.TIMED_WAITING
                                || closing.getState() == Thread.State.WAITING);
        goOn.countDown();
        recovering.join();
        closing.join();

        assertThat(thrown.get()).isInstanceOf(LogClosedException.class);
        harness().open();
        assertThat(harness().recovered()).isEqualTo(appended);
    }

    @Test
    default void closingWithinRecoveryIsRefused() {
        harness().open();
        harness().append(1);
        harness().closeLog();
        final WriteAheadLog log = harness().openOnly(context -> context);

        log.recover(
                (lsn, kind, buffer, offset, length) ->
                        assertThatThrownBy(log::close)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining("recover"));

        assertThat(harness().append(1).lsn()).isEqualTo(2);
    }

    private static void await(final CountDownLatch latch) {
        try {
            latch.await();
        } catch (final InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
