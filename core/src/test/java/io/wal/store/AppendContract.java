package io.wal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.AppendClaim;
import io.wal.Checkpoint;
import io.wal.Completion;
import io.wal.Durability;
import io.wal.EntryKind;
import io.wal.WriteAheadLog;
import io.wal.store.LogHarness.Entry;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Appending in all its forms, and what comes back. */
interface AppendContract extends Harnessed {
    @Test
    default void lsnsAreDenseFromOneAcrossReopenings() {
        final List<Entry> appended = new ArrayList<>();

        harness().open();
        for (int round = 0; round < 4; round++) {
            for (int i = 0; i < 10; i++) {
                appended.add(harness().append(i * 3));
                assertThat(appended.get(appended.size() - 1).lsn()).isEqualTo(appended.size());
            }
            harness().reopen();
            assertThat(harness().log().lastLsn()).isEqualTo(appended.size());
        }

        assertThat(harness().recovered()).isEqualTo(appended);
    }

    @Test
    default void payloadsOfEveryLengthComeBackBitExact() {
        final int slot = LogHarness.SLOT_LENGTH;
        final int[] lengths = {
            0, 1, 7, 8, 9, 15, 16, 17, slot - 32, slot - 25, slot - 24, slot - 23, slot - 1, slot,
            slot + 1, 511, 512, 513, 1000, 4071, 4072, 4073, 4095, 4096, 4097, 65_535, 65_536, 0
        };
        final List<Entry> appended = new ArrayList<>();

        harness().open();
        for (final int length : lengths) {
            if (length <= harness().log().maxPayloadLength()) {
                appended.add(harness().append(length));
            }
        }
        harness().reopen();

        assertThat(harness().recovered()).isEqualTo(appended);
        assertThat(harness().read(1, appended.size())).isEqualTo(appended);
    }

    @Test
    default void payloadOfExactlyTheLimitIsKeptAndOneByteMoreIsRefused() {
        final int limit = harness().contract().largestPayload();
        final WriteAheadLog log = harness().open(context -> context.maxPayloadLength(limit));
        final Entry first = harness().append(5);

        final Entry largest = harness().append(limit);
        assertThatThrownBy(() -> log.append(new UnsafeBuffer(new byte[limit + 1]), 0, limit + 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(Integer.toString(limit + 1))
                .hasMessageContaining(Integer.toString(limit));
        final Entry next = harness().append(6);

        assertThat(next.lsn()).as("the refused append used up no LSN").isEqualTo(3);
        harness().reopen();
        assertThat(harness().recovered()).containsExactly(first, largest, next);
    }

    @Test
    default void everyFormOfAppendKeepsItsEntry() throws Exception {
        final WriteAheadLog log = harness().open();
        final List<Entry> appended = new ArrayList<>();
        final List<String> told = new ArrayList<>();
        final Completion completion = (lsn, failure) -> told.add(lsn + ":" + failure);

        appended.add(harness().append(10));
        final Entry second = harness().next(EntryKind.DATA, 20);
        assertThat(log.tryAppend(LogHarness.wrap(second), 0, 20, Durability.FORCED, completion))
                .isEqualTo(second.lsn());
        appended.add(second);
        final Entry third = harness().next(EntryKind.DATA, 30);
        assertThat(log.appendAsync(LogHarness.wrap(third), 0, 30, Durability.WRITTEN).get())
                .isEqualTo(third.lsn());
        appended.add(third);
        final Entry fourth = harness().next(EntryKind.DATA, 400);
        assertThat(log.appendAndAwait(LogHarness.wrap(fourth), 0, 400, Durability.FORCED))
                .isEqualTo(fourth.lsn());
        assertThat(log.durableLsn()).isGreaterThanOrEqualTo(fourth.lsn());
        appended.add(fourth);
        for (final int length : new int[] {0, 50, 500}) {
            appended.add(claimAndCommit(log, length, completion));
        }
        try (Checkpoint checkpoint = log.startCheckpoint()) {
            checkpoint.append(LogHarness.wrap(appended.get(0)), 0, 10);
        }
        final UnsafeBuffer shifted = new UnsafeBuffer(new byte[100]);
        shifted.putBytes(33, LogHarness.payload(9, 8), 8);
        assertThat(log.append(shifted, 33, 8)).isEqualTo(9);
        appended.add(new Entry(9, EntryKind.DATA, LogHarness.payload(9, 8)));
        assertThat(log.flush()).isEqualTo(9);

        assertThat(log.durableLsn()).isEqualTo(9);
        Eventually.isTrue("all are told", () -> told.size() == 4);
        assertThat(told).containsExactly("2:null", "5:null", "6:null", "7:null");
        harness().reopen();
        assertThat(harness().recovered()).isEqualTo(appended);
    }

    private Entry claimAndCommit(
            final WriteAheadLog log, final int length, final Completion completion) {
        final AppendClaim claim = new AppendClaim();
        final Entry entry = harness().next(EntryKind.DATA, length);
        assertThat(log.tryClaim(length, Durability.FORCED, completion, claim))
                .isEqualTo(entry.lsn());
        claim.buffer().putBytes(claim.offset(), entry.payload(), 0, length);
        claim.commit();
        return entry;
    }

    @Test
    default void bufferMayBeReusedWhenAppendHasReturned() {
        final WriteAheadLog log = harness().open();
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[1000]);
        final List<Entry> appended = new ArrayList<>();

        for (int i = 1; i <= 50; i++) {
            final ByteBuffer payload = LogHarness.payload(i, 20 * i);
            buffer.putBytes(0, payload, 0, 20 * i);
            log.append(buffer, 0, 20 * i);
            buffer.setMemory(0, 1000, (byte) -1);
            appended.add(new Entry(i, EntryKind.DATA, payload));
        }
        harness().reopen();

        assertThat(harness().recovered()).isEqualTo(appended);
    }

    @Test
    default void abortedClaimUsesItsLsnUpAndIsNeverDelivered() {
        final WriteAheadLog log = harness().open();
        final AppendClaim claim = new AppendClaim();

        final Entry first = harness().append(10);
        for (final int length : new int[] {0, 10, 1000}) {
            assertThat(log.tryClaim(length, Durability.FORCED, null, claim)).isPositive();
            claim.abort();
        }
        final Entry fifth = harness().append(20);
        log.tryClaim(8, Durability.FORCED, null, claim);
        claim.abort();
        log.flush();

        assertThat(fifth.lsn()).isEqualTo(5);
        assertThat(log.durableLsn()).isEqualTo(6);
        assertThat(harness().read(1, 6)).containsExactly(first, fifth);
        harness().reopen();
        assertThat(harness().recovered()).containsExactly(first, fifth);
        assertThat(harness().log().lastLsn()).as("the void at the end counts").isEqualTo(6);
        assertThat(harness().append(1).lsn()).isEqualTo(7);
    }

    @Test
    default void logOfNothingButVoidsGoesOnBehindThem() {
        final WriteAheadLog log = harness().open();
        final AppendClaim claim = new AppendClaim();

        for (int i = 0; i < 3; i++) {
            log.tryClaim(i, Durability.FORCED, null, claim);
            claim.abort();
        }
        harness().reopen();

        assertThat(harness().recovered()).isEmpty();
        assertThat(harness().append(1).lsn()).isEqualTo(4);
    }

    @Test
    default void producerThatThrowsWhileItsPayloadIsCopiedLeavesAVoid() {
        final WriteAheadLog log = harness().open();
        final Entry first = harness().append(10);
        final UnsafeBuffer broken =
                new UnsafeBuffer(new byte[2000]) {
                    @Override
                    public void getBytes(
                            final int index,
                            final MutableDirectBuffer target,
                            final int targetIndex,
                            final int length) {
                        throw new IllegalStateException("broken buffer");
                    }
                };

        for (final int length : new int[] {10, 2000}) {
            assertThatThrownBy(() -> log.append(broken, 0, length))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("broken buffer");
        }
        final Entry fourth = harness().append(10);

        assertThat(fourth.lsn()).isEqualTo(4);
        log.awaitDurable(4);
        harness().reopen();
        assertThat(harness().recovered()).containsExactly(first, fourth);
    }

    @Test
    default void acknowledgementsComeInLsnOrderAndNotTooEarly() throws Exception {
        final WriteAheadLog log = harness().open();
        final int each = harness().contract().manyEntries() / 4;
        final List<Long> told = new ArrayList<>();
        final ConcurrentLinkedQueue<String> early = new ConcurrentLinkedQueue<>();
        final AtomicInteger toldCount = new AtomicInteger();

        final List<Thread> producers = new ArrayList<>();
        for (int p = 0; p < 4; p++) {
            final Durability durability = p % 2 == 0 ? Durability.FORCED : Durability.WRITTEN;
            final Completion completion =
                    (lsn, failure) -> {
                        told.add(lsn);
                        final long safe =
                                durability == Durability.FORCED
                                        ? log.durableLsn()
                                        : log.writtenLsn();
                        if (failure != null || lsn > safe) {
                            early.add(durability + " " + lsn + " at " + safe + " " + failure);
                        }
                        toldCount.incrementAndGet();
                    };
            final UnsafeBuffer buffer = LogHarness.payloadBuffer(p, 40);
            producers.add(
                    new Thread(
                            () -> {
                                for (int i = 0; i < each; i++) {
                                    log.append(buffer, 0, 40, durability, completion);
                                }
                            }));
        }
        producers.forEach(Thread::start);
        for (final Thread producer : producers) {
            producer.join();
        }
        Eventually.isTrue("all are told", () -> toldCount.get() == 4 * each);

        assertThat(early).isEmpty();
        assertThat(told).isSorted().doesNotHaveDuplicates();
        assertThat(told.get(told.size() - 1)).isEqualTo(4L * each);
    }

    @Test
    default void producersKeepTheirOrder() throws Exception {
        final WriteAheadLog log = harness().open();
        final int each = harness().contract().manyEntries() / 4;

        final List<Thread> producers = new ArrayList<>();
        for (int p = 0; p < 4; p++) {
            final int number = p;
            producers.add(
                    new Thread(
                            () -> {
                                final UnsafeBuffer buffer = new UnsafeBuffer(new byte[300]);
                                for (int i = 0; i < each; i++) {
                                    buffer.putInt(0, number);
                                    buffer.putInt(4, i);
                                    log.append(buffer, 0, 8 + i % 290);
                                }
                            }));
        }
        producers.forEach(Thread::start);
        for (final Thread producer : producers) {
            producer.join();
        }
        harness().reopen();

        final int[] next = new int[4];
        long lsn = 0;
        for (final Entry entry : harness().recovered()) {
            assertThat(entry.lsn()).isEqualTo(++lsn);
            final UnsafeBuffer payload = LogHarness.wrap(entry);
            assertThat(payload.getInt(4)).isEqualTo(next[payload.getInt(0)]++);
        }
        assertThat(next).containsOnly(each);
    }

    @Test
    default void writtenEntriesAreForcedWithinTheInterval() {
        final WriteAheadLog log =
                harness().open(context -> context.forceInterval(Duration.ofMillis(30)));

        final Entry entry = harness().append(10, Durability.WRITTEN);

        Eventually.isTrue("it is durable", () -> log.durableLsn() >= entry.lsn());
    }

    @Test
    default void awaitingDurabilityForcesWhatWasOnlyWritten() {
        final WriteAheadLog log =
                harness().open(context -> context.forceInterval(Duration.ofHours(1)));

        final Entry first = harness().append(10, Durability.WRITTEN);
        assertThat(log.awaitDurable(first.lsn(), Duration.ofSeconds(30))).isTrue();
        final Entry second = harness().append(10, Durability.WRITTEN);
        assertThat(log.flush()).isEqualTo(second.lsn());

        assertThat(log.durableLsn()).isEqualTo(second.lsn());
        assertThat(log.flush()).as("nothing is left to do").isEqualTo(second.lsn());
    }

    @Test
    default void forcedEntryMakesThoseBeforeItDurable() {
        final WriteAheadLog log =
                harness().open(context -> context.forceInterval(Duration.ofHours(1)));

        harness().append(10, Durability.WRITTEN);
        harness().append(1000, Durability.WRITTEN);
        final Entry third = harness().next(EntryKind.DATA, 3);
        log.appendAndAwait(LogHarness.wrap(third), 0, 3, Durability.FORCED);

        assertThat(log.durableLsn()).isEqualTo(3);
    }

    @Test
    default void smallBatchLimitsLoseNothing() {
        harness().open(context -> context.maxBatchEntryCount(3).maxBatchLength(500));
        final List<Entry> appended = harness().appendMany(200);

        harness().reopen();

        assertThat(harness().recovered()).isEqualTo(appended);
    }

    @Test
    default void batchDelayDelaysOnlyAWhile() {
        final WriteAheadLog log =
                harness().open(context -> context.batchDelay(Duration.ofMillis(20)));
        final List<Entry> appended = harness().appendMany(20);

        Eventually.isTrue("all are durable", () -> log.durableLsn() == 20);
        harness().reopen();

        assertThat(harness().recovered()).isEqualTo(appended);
    }
}
