package io.wal.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BiFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Runs the store on a model of etcd through thousands of histories. A failing one is repeated with
 * {@code -Dwal.schedule.seed=SEED -Dwal.schedule.count=1}.
 */
class ProtocolScheduleTest {
    private static final long SEED = Long.getLong("wal.schedule.seed", System.nanoTime());
    private static final int COUNT = Integer.getInteger("wal.schedule.count", 2000);

    @Test
    void keepsItsPromisesInEveryHistory() {
        runHistories(COUNT);
    }

    @Test
    @Tag("long")
    void keepsItsPromisesInTensOfThousandsOfHistories() {
        runHistories(20 * COUNT);
    }

    /** What happened in histories, to see that it is worth looking at. */
    private record Tally(
            long acknowledged, long recoveries, long told, long untold, long notFinalized) {
        static final Tally NONE = new Tally(0, 0, 0, 0, 0);

        Tally plus(final Tally other) {
            return new Tally(
                    acknowledged + other.acknowledged,
                    recoveries + other.recoveries,
                    told + other.told,
                    untold + other.untold,
                    notFinalized + other.notFinalized);
        }
    }

    private static void runHistories(final int count) {
        final Tally tally =
                LongStream.range(SEED, SEED + count)
                        .parallel()
                        .mapToObj(ProtocolScheduleTest::runHistory)
                        .reduce(Tally.NONE, Tally::plus);
        assertThat(tally)
                .as(count + " histories from seed " + SEED)
                .satisfies(
                        sum -> {
                            assertThat(sum.acknowledged()).isGreaterThan(count * 10L);
                            assertThat(sum.recoveries()).isGreaterThan(count * 2L);
                            assertThat(sum.told()).isPositive();
                            assertThat(sum.untold()).isLessThan(sum.told() / 4);
                            assertThat(sum.notFinalized()).isPositive();
                        });
    }

    private static Tally runHistory(final long seed) {
        final Schedule schedule = new Schedule(seed, (kv, timing) -> kv, true);
        try {
            final LogOracle oracle = schedule.run();
            return new Tally(
                    oracle.ackCount(),
                    oracle.recoveryCount(),
                    oracle.fencedCount(),
                    oracle.doubtCount(),
                    oracle.notFinalizedCount());
        } catch (final Throwable t) {
            throw new AssertionError(
                    "-Dwal.schedule.seed=" + seed + " -Dwal.schedule.count=1: " + schedule, t);
        }
    }

    @Test
    void catchesBatchesWithoutFence() {
        assertCaught("without fence", (kv, timing) -> BrokenKv.withoutFence(kv), true);
    }

    @Test
    void catchesTransactionsThatRunTwice() {
        assertCaught("without run-once", (kv, timing) -> BrokenKv.withoutRunOnce(kv), true);
    }

    @Test
    void catchesAcknowledgingOutOfOrder() {
        assertCaught("out of order", (kv, timing) -> BrokenKv.acknowledgingOutOfOrder(kv), true);
    }

    @Test
    void catchesTrustInTheLease() {
        assertCaught(
                "trusting the lease",
                (kv, timing) -> BrokenKv.trustingTheLease(kv, timing::nanoTime),
                false);
    }

    @Test
    void catchesReadingBeforeTheEpochIsTaken() {
        assertCaught("reading before", (kv, timing) -> BrokenKv.readingBeforeTheEpoch(kv), true);
    }

    private static void assertCaught(
            final String what,
            final BiFunction<EtcdKv, Timing, EtcdKv> variant,
            final boolean steals) {
        for (long seed = SEED; seed < SEED + COUNT; seed++) {
            try {
                new Schedule(seed, variant, steals).run();
            } catch (final AssertionError e) {
                return; // caught
            }
        }
        throw new AssertionError(
                what + ": not caught in " + COUNT + " histories from seed " + SEED);
    }
}
