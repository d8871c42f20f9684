package io.wal.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BiFunction;
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
        long acknowledged = 0;
        long recoveries = 0;
        long fenced = 0;
        for (long seed = SEED; seed < SEED + COUNT; seed++) {
            final Schedule schedule = new Schedule(seed, (kv, timing) -> kv, true);
            final LogOracle oracle;
            try {
                oracle = schedule.run();
            } catch (final Throwable t) {
                throw new AssertionError(
                        "-Dwal.schedule.seed=" + seed + " -Dwal.schedule.count=1: " + schedule, t);
            }
            acknowledged += oracle.ackCount();
            recoveries += oracle.recoveryCount();
            fenced += oracle.fencedCount();
        }
        System.out.println(
                COUNT
                        + " histories from seed "
                        + SEED
                        + ": "
                        + acknowledged
                        + " entries acknowledged, "
                        + recoveries
                        + " recoveries, "
                        + fenced
                        + " deposed writers");
        assertThat(acknowledged).isGreaterThan(COUNT * 10L);
        assertThat(recoveries).isGreaterThan(COUNT * 2L);
        assertThat(fenced).isPositive();
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
            } catch (final Throwable t) {
                Throwable root = t;
                while (root.getCause() != null) {
                    root = root.getCause();
                }
                System.out.println(
                        what
                                + ": caught in history "
                                + (seed - SEED + 1)
                                + ": "
                                + root.getMessage());
                return;
            }
        }
        throw new AssertionError(
                what + ": not caught in " + COUNT + " histories from seed " + SEED);
    }
}
