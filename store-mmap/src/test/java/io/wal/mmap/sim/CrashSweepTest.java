package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.mmap.WriteMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A crash at every operation of a fixed script, and of the recovery that follows. {@code
 * -Dwal.sim.seed=N} replays a sweep, {@code -Dwal.sim.outcomes=N} tries more of what each crash may
 * leave.
 */
class CrashSweepTest {
    private static final int OUTCOME_COUNT = Integer.getInteger("wal.sim.outcomes", 2);

    private final long seed = Long.getLong("wal.sim.seed", System.nanoTime());

    @ParameterizedTest
    @EnumSource
    void keepsItsPromisesWhereverTheScriptIsCut(final WriteMode mode) {
        // when
        final CrashSweep sweep = CrashSweep.run(seed, mode, OUTCOME_COUNT);

        // then
        System.out.println("crash sweep, " + sweep);
        assertThat(sweep.operationCount()).isGreaterThan(100);
    }
}
