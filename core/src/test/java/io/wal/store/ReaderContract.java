package io.wal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.AppendClaim;
import io.wal.Checkpoint;
import io.wal.Durability;
import io.wal.EntryHandler;
import io.wal.EntryKind;
import io.wal.LogClosedException;
import io.wal.LogReader;
import io.wal.LogTrimmedException;
import io.wal.WriteAheadLog;
import io.wal.store.LogHarness.Entry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Readers beside the writer. */
interface ReaderContract extends Harnessed {
    private static EntryHandler into(final List<Entry> entries) {
        return (lsn, kind, buffer, offset, length) ->
                entries.add(LogHarness.entry(lsn, kind, buffer, offset, length));
    }

    @Test
    default void readerBeginsAtAnyLsn() {
        final WriteAheadLog log = harness().open();
        final List<Entry> appended = harness().appendMany(40);
        log.flush();

        for (int from = 1; from <= 41; from++) {
            assertThat(harness().read(from, 40)).isEqualTo(appended.subList(from - 1, 40));
        }
        harness().reopen();
        for (int from = 1; from <= 41; from += 8) {
            assertThat(harness().read(from, 40)).isEqualTo(appended.subList(from - 1, 40));
        }
    }

    @Test
    default void readerDeliversNoMoreThanAskedForAndKnowsWhereItStands() {
        final WriteAheadLog log = harness().open();
        final List<Entry> appended = harness().appendMany(10);
        log.flush();
        final List<Entry> read = new ArrayList<>();

        try (LogReader reader = log.reader(3)) {
            assertThat(reader.nextLsn()).isEqualTo(3);
            assertThat(reader.poll(into(read), 1)).isEqualTo(1);
            assertThat(reader.nextLsn()).isEqualTo(4);
            Eventually.isTrue(
                    "the rest",
                    () -> {
                        assertThat(reader.poll(into(read), 4)).isLessThanOrEqualTo(4);
                        return reader.nextLsn() == 11;
                    });
            assertThat(reader.poll(into(read), 4)).isZero();
            assertThat(reader.nextLsn()).isEqualTo(11);
        }

        assertThat(read).isEqualTo(appended.subList(2, 10));
    }

    @Test
    default void readerFollowsTheWriter() {
        final WriteAheadLog log = harness().open();
        final List<Entry> read = new ArrayList<>();
        final List<Entry> appended = new ArrayList<>();

        try (LogReader reader = log.reader(1)) {
            assertThat(reader.poll(into(read), 10)).isZero();
            for (int i = 0; i < 20; i++) {
                appended.add(harness().append(i * 50));
                log.flush();
                Eventually.isTrue(
                        "the entry is seen",
                        () -> {
                            reader.poll(into(read), 10);
                            return reader.nextLsn() > log.durableLsn();
                        });
                assertThat(read).isEqualTo(appended);
            }
        }
    }

    @Test
    default void readerBeyondTheEndWaitsForItsEntry() {
        final WriteAheadLog log = harness().open();
        final List<Entry> read = new ArrayList<>();

        try (LogReader reader = log.reader(4)) {
            assertThat(reader.poll(into(read), 10)).isZero();
            final List<Entry> appended = harness().appendMany(5);
            log.flush();
            Eventually.isTrue(
                    "the fourth entry",
                    () -> {
                        reader.poll(into(read), 10);
                        return reader.nextLsn() == 6;
                    });
            assertThat(read).isEqualTo(appended.subList(3, 5));
        }
    }

    @Test
    default void readerSeesOnlyWhatIsDurable() {
        final WriteAheadLog log =
                harness().open(context -> context.forceInterval(Duration.ofHours(1)));
        final List<Entry> read = new ArrayList<>();

        try (LogReader reader = log.reader(1)) {
            for (int i = 0; i < 50; i++) {
                harness().append(20, i % 5 == 0 ? Durability.FORCED : Durability.WRITTEN);
                reader.poll(into(read), 100);
                assertThat(reader.nextLsn() - 1).isLessThanOrEqualTo(log.durableLsn());
            }
        }
    }

    @Test
    default void readerPassesVoidsOver() {
        final WriteAheadLog log = harness().open();
        final AppendClaim claim = new AppendClaim();
        final Entry first = harness().append(10);
        log.tryClaim(100, Durability.FORCED, null, claim);
        claim.abort();
        final Entry third = harness().append(10);
        log.tryClaim(1, Durability.FORCED, null, claim);
        claim.abort();
        log.flush();

        assertThat(harness().read(1, 4)).containsExactly(first, third);
        assertThat(harness().read(2, 4)).containsExactly(third);
        assertThat(harness().read(4, 4)).isEmpty();
    }

    @Test
    default void readerDeliversCheckpointEntriesAsTheyStand() {
        final WriteAheadLog log = harness().open();
        final List<Entry> expected = new ArrayList<>(harness().appendMany(2));
        try (Checkpoint checkpoint = log.startCheckpoint()) {
            final Entry entry = harness().next(EntryKind.CHECKPOINT, 50);
            checkpoint.append(LogHarness.wrap(entry), 0, 50);
            expected.add(entry);
        }
        expected.addAll(harness().appendMany(2));
        log.flush();

        assertThat(harness().read(1, 5)).isEqualTo(expected);
    }

    @Test
    default void readersAreIndependent() {
        final WriteAheadLog log = harness().open();
        final List<Entry> appended = harness().appendMany(30);
        log.flush();
        final List<Entry> one = new ArrayList<>();
        final List<Entry> other = new ArrayList<>();

        final LogReader first = log.reader(1);
        try (LogReader second = log.reader(11)) {
            Eventually.isTrue(
                    "both are done",
                    () -> {
                        first.poll(into(one), 3);
                        second.poll(into(other), 2);
                        return first.nextLsn() == 31 && second.nextLsn() == 31;
                    });
            first.close();
            first.close();
            assertThat(second.poll(into(other), 1)).isZero();
        }

        assertThat(one).isEqualTo(appended);
        assertThat(other).isEqualTo(appended.subList(10, 30));
    }

    @Test
    default void trimmedEntriesAreReportedOrStillRightButNeverWrong() {
        final WriteAheadLog log = harness().open();
        final List<Entry> appended = new ArrayList<>(harness().appendMany(100));
        log.flush();
        final List<Entry> read = new ArrayList<>();

        try (LogReader early = log.reader(1)) {
            assertThat(early.poll(into(read), 5)).isPositive();
            for (int i = 0; i < 5; i++) {
                log.startCheckpoint();
                log.finalizeCheckpoint();
                appended.addAll(harness().appendMany(100));
                log.flush();
            }
            readOnUnlessTrimmed(early, read);
        }
        assertThat(read).isEqualTo(appended.subList(0, read.size()));

        for (final int from : new int[] {1, 50, 101, 350, 500, 501, 600}) {
            final List<Entry> later = new ArrayList<>();
            try (LogReader reader = log.reader(from)) {
                readOnUnlessTrimmed(reader, later);
                assertThat(reader.nextLsn()).isEqualTo(601);
                assertThat(later).isEqualTo(appended.subList(from - 1, 600));
            } catch (final LogTrimmedException e) {
                assertTrimmed(e, 501);
                assertThat(e.lsn()).isEqualTo(from);
                assertThat(from).as("after the last checkpoint").isLessThan(501);
            }
        }
    }

    private static void readOnUnlessTrimmed(final LogReader reader, final List<Entry> read) {
        try {
            Eventually.isTrue(
                    () -> "reader goes on at " + reader.nextLsn(),
                    () -> {
                        reader.poll(into(read), 50);
                        return reader.nextLsn() == 601;
                    });
        } catch (final LogTrimmedException e) {
            assertTrimmed(e, 501);
            assertThat(e.lsn()).isEqualTo(reader.nextLsn());
        }
    }

    private static void assertTrimmed(final LogTrimmedException e, final long startLsn) {
        assertThat(e.firstLsn()).isGreaterThan(e.lsn()).isLessThanOrEqualTo(startLsn);
    }

    @Test
    default void readersBesideABusyWriterSeeWhatWasAppended() throws Exception {
        final WriteAheadLog log = harness().open();
        final int count = harness().contract().manyEntries();
        final AtomicBoolean stop = new AtomicBoolean();
        final AtomicReference<Throwable> wrong = new AtomicReference<>();
        final List<Thread> readers = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            final Thread reader =
                    new Thread(
                            () -> {
                                try {
                                    long from = 1;
                                    while (!stop.get()) {
                                        from = readSome(log, from, stop);
                                    }
                                } catch (final Throwable t) {
                                    wrong.set(t);
                                }
                            });
            readers.add(reader);
            reader.start();
        }

        for (int i = 0; i < count; i++) {
            harness().append(i % 500);
            if (i % (count / 5) == count / 10) {
                log.startCheckpoint();
                log.finalizeCheckpoint();
            }
        }
        log.flush();
        stop.set(true);
        for (final Thread reader : readers) {
            reader.join();
        }

        assertThat(wrong.get()).isNull();
    }

    /** Reads on and checks each entry, until the log was trimmed beneath or the writer is done. */
    private static long readSome(
            final WriteAheadLog log, final long from, final AtomicBoolean stop) {
        try (LogReader reader = log.reader(from)) {
            final long[] last = {from - 1};
            while (!stop.get()) {
                reader.poll(
                        (lsn, kind, buffer, offset, length) -> {
                            assertThat(lsn).isEqualTo(last[0] + 1);
                            Eventually.isTrue(
                                    "LSN " + lsn + " was read, so it is durable",
                                    () -> log.durableLsn() >= lsn);
                            last[0] = lsn;
                            assertThat(LogHarness.entry(lsn, kind, buffer, offset, length))
                                    .isEqualTo(
                                            new Entry(
                                                    lsn,
                                                    EntryKind.DATA,
                                                    LogHarness.payload(lsn, length)));
                        },
                        20);
                assertThat(reader.nextLsn()).isEqualTo(last[0] + 1);
            }
            return reader.nextLsn();
        } catch (final LogTrimmedException e) {
            return e.firstLsn();
        }
    }

    @Test
    default void readerNeedsASensibleStartAndAnOpenLog() {
        final WriteAheadLog log = harness().open();

        for (final long from : new long[] {0, -1, Long.MIN_VALUE}) {
            assertThatThrownBy(() -> log.reader(from))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Long.toString(from));
        }
        harness().closeLog();
        assertThatThrownBy(() -> log.reader(1)).isInstanceOf(LogClosedException.class);
    }

    @Test
    default void readerOutlivesTheLogWithoutHarm() {
        final WriteAheadLog log = harness().open();
        final List<Entry> appended = harness().appendMany(20);
        log.flush();
        final List<Entry> read = new ArrayList<>();

        try (LogReader reader = log.reader(1)) {
            reader.poll(into(read), 5);
            harness().closeLog();
            try {
                while (reader.poll(into(read), 100) > 0) {
                    assertThat(read.size()).isLessThanOrEqualTo(20);
                }
            } catch (final LogClosedException allowed) {
                assertThat(read).hasSizeLessThan(20);
            }
        }

        assertThat(read).isEqualTo(appended.subList(0, read.size()));
    }

    @Test
    default void readerIsNotDisturbedByInterruptsNorDisturbsTheLog() {
        final WriteAheadLog log = harness().open();
        final List<Entry> appended = harness().appendMany(20);
        log.flush();

        final List<Entry> read;
        final boolean interrupted;
        Thread.currentThread().interrupt();
        try {
            read = harness().read(1, 20);
        } finally {
            interrupted = Thread.interrupted();
        }

        assertThat(interrupted).as("the interrupt is kept").isTrue();
        assertThat(read).isEqualTo(appended);
        final UnsafeBuffer buffer = LogHarness.payloadBuffer(21, 5);
        assertThat(log.appendAndAwait(buffer, 0, 5, Durability.FORCED)).isEqualTo(21);
        assertThat(harness().read(1, 21)).hasSize(21);
    }
}
