package io.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.store.FakeStore;
import io.wal.store.Seeds;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LsnTest {
    private static final int PRODUCERS = 8;
    private static final int APPENDS = 5_000;

    @Test
    void lsnsAreDenseHoweverManyProducersAndAbortedClaimsThereAre() throws Exception {
        final long seed = Seeds.next();
        try (FakeLog fake = new FakeLog(context -> context.ringCapacity(64))) {
            final List<BitSet> given = new ArrayList<>();
            final BitSet told = new BitSet(); // the completion thread's
            final BitSet aborted = new BitSet();
            final Completion completion = (lsn, failure) -> told.set((int) lsn);
            final List<Thread> producers = new ArrayList<>();
            for (int p = 0; p < PRODUCERS; p++) {
                final SplittableRandom random = new SplittableRandom(seed + p);
                final BitSet lsns = new BitSet();
                given.add(lsns);
                producers.add(
                        new Thread(() -> produce(fake.log, random, lsns, aborted, completion)));
            }
            producers.forEach(Thread::start);
            for (final Thread producer : producers) {
                producer.join();
            }
            fake.append();
            fake.awaitTold(1);

            final int count = PRODUCERS * APPENDS;
            final BitSet all = new BitSet();
            for (final BitSet lsns : given) {
                assertThat(all.intersects(lsns)).as(Seeds.describe(seed)).isFalse();
                all.or(lsns);
            }
            assertThat(all.cardinality()).isEqualTo(count);
            assertThat(all.nextSetBit(0)).isEqualTo(1);
            assertThat(all.length()).isEqualTo(count + 1);
            all.andNot(aborted);
            assertThat(told).isEqualTo(all);
            assertThat(fake.store.writes).hasValue(count + 1);
            assertThat(fake.log.lastLsn()).isEqualTo(count + 1);
        }
    }

    private static void produce(
            final WriteAheadLog log,
            final SplittableRandom random,
            final BitSet lsns,
            final BitSet aborted,
            final Completion completion) {
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[300]);
        final AppendClaim claim = new AppendClaim();
        for (int i = 0; i < APPENDS; i++) {
            final int length = random.nextInt(300);
            final Durability durability =
                    random.nextBoolean() ? Durability.FORCED : Durability.WRITTEN;
            if (random.nextInt(3) > 0) {
                lsns.set((int) log.append(payload, 0, length, durability, completion));
                continue;
            }
            long lsn;
            while ((lsn = log.tryClaim(length, durability, completion, claim)) < 0) {
                Thread.onSpinWait();
            }
            lsns.set((int) lsn);
            if (random.nextBoolean()) {
                synchronized (aborted) {
                    aborted.set((int) lsn);
                }
                claim.abort();
            } else {
                claim.commit();
            }
        }
    }

    @Test
    void lsnsGoOnWhereTheLogEnded() {
        final long last = (1L << 62) - 1;
        try (FakeLog fake = new FakeLog(new FakeStore(last), context -> context)) {
            fake.log.recover((lsn, kind, buffer, offset, length) -> {});

            assertThat(fake.append()).isEqualTo(last + 1);
            assertThat(fake.append()).isEqualTo(last + 2);
            fake.awaitTold(2);
            assertThat(fake.log.flush()).isEqualTo(last + 2);
        }
    }

    @Test
    void logWhoseLsnsMayRunOutIsNotOpened() {
        for (final long last : new long[] {(1L << 62) + 1, Long.MAX_VALUE - 10, Long.MAX_VALUE}) {
            final FakeStore store = new FakeStore(last);

            assertThatThrownBy(() -> WriteAheadLog.open(new WalContext().store(store)))
                    .isInstanceOf(LogFullException.class)
                    .hasMessageContaining("cannot append to fake: its last LSN is " + last);

            assertThat(store.closes).as("nothing is held").hasValue(1);
            FakeLog.awaitNoThreads();
        }
    }

    @Test
    void durabilityOfWhatWasNeverGivenOutCannotBeAwaited() {
        try (FakeLog fake = new FakeLog()) {
            fake.append();
            for (final long lsn :
                    new long[] {
                        2,
                        Long.MAX_VALUE,
                        WriteAheadLog.BACK_PRESSURED,
                        WriteAheadLog.CLOSED,
                        WriteAheadLog.FAILED,
                        WriteAheadLog.FULL
                    }) {
                assertThatThrownBy(() -> fake.log.awaitDurable(lsn))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("LSN " + lsn);
            }
            fake.log.awaitDurable(0);
            fake.log.awaitDurable(1);
        }
    }

    @Test
    void payloadMustBeWithinTheBufferAndTheLimit() {
        try (FakeLog fake = new FakeLog(context -> context.maxPayloadLength(1000))) {
            final UnsafeBuffer small = new UnsafeBuffer(new byte[10]);
            for (final int[] range :
                    new int[][] {{-1, 5}, {0, 11}, {10, 1}, {Integer.MAX_VALUE, 1}}) {
                assertThatThrownBy(() -> fake.log.append(small, range[0], range[1]))
                        .isInstanceOf(IndexOutOfBoundsException.class);
            }
            for (final int length : new int[] {-1, 1001, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
                assertThatThrownBy(() -> fake.log.append(small, 0, length))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("from 0 to 1000 (maxPayloadLength)");
            }
            assertThatThrownBy(() -> fake.log.append(null, 0, 0))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("buffer");
            assertThatThrownBy(() -> fake.log.append(small, 0, 1, null, null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("durability");

            assertThat(fake.log.append(small, 10, 0)).as("no LSN was used up").isEqualTo(1);
        }
    }
}
