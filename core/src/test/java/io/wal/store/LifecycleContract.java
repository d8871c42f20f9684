package io.wal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.wal.AppendClaim;
import io.wal.Durability;
import io.wal.LogClosedException;
import io.wal.LogInUseException;
import io.wal.RecoveredLog;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import io.wal.store.LogHarness.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Owning, closing and removing a log. */
interface LifecycleContract extends Harnessed {
    @Test
    default void secondOpenerIsRefusedAndTheFirstIsUndisturbed() {
        assumeTrue(
                harness().contract().refusesSecondWriter(), "this store lets a writer take over");
        final WriteAheadLog log = harness().open();
        final List<Entry> appended = new ArrayList<>(harness().appendMany(10));

        for (int i = 0; i < 3; i++) {
            final LogStore second = harness().contract().newStore();
            assertThatThrownBy(
                            () -> WriteAheadLog.open(harness().contract().settings().store(second)))
                    .isInstanceOfSatisfying(
                            LogInUseException.class,
                            e -> {
                                assertThat(e.owner()).isNotBlank();
                                assertThat(e).hasMessageContaining(e.owner());
                            });
            second.close();
            appended.addAll(harness().appendMany(10));
        }
        harness().contract().newStore().close();
        log.flush();

        assertThat(harness().read(1, 40)).isEqualTo(appended);
        harness().reopen();
        assertThat(harness().recovered()).isEqualTo(appended);
    }

    @Test
    default void removingLeavesAPristineLog() {
        final WriteAheadLog log = harness().open();
        harness().appendMany(50);
        log.startCheckpoint();
        log.finalizeCheckpoint();
        harness().appendMany(50);

        harness().removeLog();
        final WriteAheadLog again = harness().open();

        assertThat(again.recovered().isEmpty()).isTrue();
        assertThat(again.recovered().tail()).isEqualTo(RecoveredLog.Tail.EMPTY);
        assertThat(again.recovered().lastLsn()).isZero();
        assertThat(again.reader(1).poll((lsn, kind, buffer, offset, length) -> {}, 1)).isZero();
        final List<Entry> appended = harness().appendMany(10);
        assertThat(appended.get(0).lsn()).isEqualTo(1);
        harness().reopen();
        assertThat(harness().recovered()).as("nothing old comes back").isEqualTo(appended);
    }

    @Test
    default void emptyLogCanBeRemovedAndRemovingTwiceDoesNothing() {
        final WriteAheadLog log = harness().open();

        harness().removeLog();
        log.remove();
        log.close();

        harness().open();
        assertThat(harness().append(1).lsn()).isEqualTo(1);
    }

    @Test
    default void closedLogIsNotRemoved() {
        final WriteAheadLog log = harness().open();
        final List<Entry> appended = harness().appendMany(3);
        harness().closeLog();

        assertThatThrownBy(log::remove).isInstanceOf(LogClosedException.class);

        harness().open();
        assertThat(harness().recovered()).isEqualTo(appended);
    }

    @Test
    default void closedLogSaysSo() throws Exception {
        final WriteAheadLog log = harness().open();
        harness().appendMany(3);
        harness().closeLog();
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[8]);

        log.close();
        assertThatThrownBy(() -> log.append(buffer, 0, 8)).isInstanceOf(LogClosedException.class);
        assertThatThrownBy(() -> log.appendAsync(buffer, 0, 8, Durability.FORCED))
                .isInstanceOf(LogClosedException.class);
        assertThatThrownBy(() -> log.appendAndAwait(buffer, 0, 8, Durability.WRITTEN))
                .isInstanceOf(LogClosedException.class);
        assertThat(log.tryAppend(buffer, 0, 8, Durability.FORCED, null))
                .isEqualTo(WriteAheadLog.CLOSED);
        assertThat(log.tryClaim(8, Durability.FORCED, null, new AppendClaim()))
                .isEqualTo(WriteAheadLog.CLOSED);
        assertThatThrownBy(log::startCheckpoint).isInstanceOf(LogClosedException.class);
        assertThatThrownBy(() -> log.recover((lsn, kind, payload, offset, length) -> {}))
                .isInstanceOf(LogClosedException.class);
        assertThat(log.lastLsn()).isEqualTo(3);
        assertThat(log.durableLsn()).isEqualTo(3);
        log.awaitDurable(3);
        assertThat(log.flush()).isEqualTo(3);
    }

    @Test
    default void closingFromManyThreadsClosesOnce() throws Exception {
        for (int round = 0; round < 5; round++) {
            final WriteAheadLog log = harness().open();
            harness().appendMany(20);
            harness().forgetLog();
            final ConcurrentLinkedQueue<Throwable> thrown = new ConcurrentLinkedQueue<>();
            final List<Thread> closers = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                closers.add(
                        new Thread(
                                () -> {
                                    try {
                                        log.close();
                                        assertThat(log.durableLsn()).isEqualTo(log.lastLsn());
                                    } catch (final Throwable t) {
                                        thrown.add(t);
                                    }
                                }));
            }
            closers.forEach(Thread::start);
            for (final Thread closer : closers) {
                closer.join();
            }
            assertThat(thrown).isEmpty();
        }
        harness().open();
        assertThat(harness().recovered()).hasSize(100);
    }

    @Test
    default void logCanBeClosedFromACompletion() throws Exception {
        final WriteAheadLog log = harness().open();
        final CountDownLatch called = new CountDownLatch(1);
        final UnsafeBuffer buffer = LogHarness.payloadBuffer(1, 10);

        log.append(
                buffer,
                0,
                10,
                Durability.FORCED,
                (lsn, failure) -> {
                    log.close();
                    called.countDown();
                });
        assertThat(called.await(30, TimeUnit.SECONDS)).isTrue();
        harness().closeLog();

        harness().open();
        assertThat(harness().recovered()).hasSize(1);
    }

    @Test
    default void everyAppendUnderWayWhenTheLogIsClosedIsAnswered() throws Exception {
        final TreeMap<Long, Long> expected = new TreeMap<>();
        for (int round = 0; round < 5; round++) {
            final WriteAheadLog log = harness().open();
            final ConcurrentLinkedQueue<long[]> given = new ConcurrentLinkedQueue<>();
            final ConcurrentLinkedQueue<Long> acknowledged = new ConcurrentLinkedQueue<>();
            final AtomicLong answers = new AtomicLong();
            final ConcurrentLinkedQueue<Throwable> thrown = new ConcurrentLinkedQueue<>();
            final List<Thread> producers = new ArrayList<>();
            for (int p = 0; p < 3; p++) {
                final long number = round * 10L + p;
                producers.add(
                        new Thread(
                                () -> {
                                    final UnsafeBuffer buffer = new UnsafeBuffer(new byte[16]);
                                    try {
                                        for (long i = 0; ; i++) {
                                            buffer.putLong(0, number * 1_000_000 + i);
                                            final long lsn =
                                                    log.append(
                                                            buffer,
                                                            0,
                                                            16,
                                                            Durability.FORCED,
                                                            (told, failure) -> {
                                                                answers.incrementAndGet();
                                                                if (failure == null) {
                                                                    acknowledged.add(told);
                                                                }
                                                            });
                                            given.add(new long[] {lsn, buffer.getLong(0)});
                                        }
                                    } catch (final LogClosedException expectedEnd) {
                                        // closed
                                    } catch (final Throwable t) {
                                        thrown.add(t);
                                    }
                                }));
            }
            producers.forEach(Thread::start);
            Eventually.isTrue("it runs", () -> given.size() > 30);
            harness().closeLog();
            for (final Thread producer : producers) {
                producer.join();
            }

            assertThat(thrown).isEmpty();
            assertThat(answers.get()).isEqualTo(given.size());
            assertThat(acknowledged).hasSize(given.size());
            given.forEach(each -> expected.put(each[0], each[1]));
        }

        harness().open();
        final TreeMap<Long, Long> found = new TreeMap<>();
        harness()
                .recovered()
                .forEach(entry -> found.put(entry.lsn(), LogHarness.wrap(entry).getLong(0)));
        assertThat(found).isEqualTo(expected);
    }

    @Test
    default void nothingIsLeftBehindByClosing() {
        final Set<Thread> before = Thread.getAllStackTraces().keySet();
        for (int i = 0; i < 10; i++) {
            harness().open();
            harness().append(i);
            harness().closeLog();
        }

        Eventually.isTrue(
                () -> "threads end: " + logThreads(before), () -> logThreads(before).isEmpty());
    }

    private static Set<String> logThreads(final Set<Thread> before) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> !before.contains(thread))
                .map(Thread::getName)
                .filter(name -> name.startsWith("wal-"))
                .collect(Collectors.toSet());
    }

    @Test
    default void logIsOpenedAndClosedManyTimes() {
        harness().open();
        for (int i = 1; i <= 20; i++) {
            harness().append(i);
            harness().reopen();
            assertThat(harness().recovered()).hasSize(i);
        }
    }

    @Test
    default void mediaAreApart() {
        harness().open();
        harness().appendMany(5);
        harness().closeLog();

        harness().contract().useNewMedium();
        final WriteAheadLog other = harness().open();

        assertThat(other.recovered().isEmpty()).isTrue();
        assertThat(harness().append(1).lsn()).isEqualTo(1);
    }

    @Test
    default void storeThatWasNeverOpenedIsClosedWithoutHarm() {
        final LogStore store = harness().contract().newStore();
        assertThat(store.name()).isNotBlank();
        assertThat(store.maxPayloadLength()).isPositive();
        store.close();
        store.close();
    }

    /** Closes in any state, whatever the store thinks of it. */
    static void closeQuietly(final WriteAheadLog log) {
        try {
            log.close();
        } catch (final WalException expected) {
            // the tests that use this broke the log on purpose
        }
    }
}
