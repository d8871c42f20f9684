package io.wal.mmap.sim;

import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Crashes and recovers a log at random. {@code -Dwal.sim.seed=N} replays one simulation, {@code
 * -Dwal.sim.rounds=N} says how many rounds to run.
 */
class CrashSimulationTest {
    private static final int ROUND_COUNT = Integer.getInteger("wal.sim.rounds", 20_000);

    @Test
    void keepsItsPromisesWhateverCrashes() {
        final Long replayed = Long.getLong("wal.sim.seed");
        if (replayed != null) {
            CrashSimulation.run(
                    replayed, CrashSimulation.ROUNDS_PER_SEED, UnaryOperator.identity());
            return;
        }
        final long first = System.nanoTime();
        final SplittableRandom seeds = new SplittableRandom(first);
        final int seedCount = ROUND_COUNT / CrashSimulation.ROUNDS_PER_SEED;
        System.out.println("crash simulation: " + seedCount + " seeds from " + first);
        for (int i = 0; i < seedCount; i++) {
            CrashSimulation.run(
                    seeds.nextLong(), CrashSimulation.ROUNDS_PER_SEED, UnaryOperator.identity());
        }
        System.out.println("crash simulation: " + (System.nanoTime() - first) / 1_000_000 + " ms");
    }

    /** What was once found. */
    @ParameterizedTest
    @ValueSource(longs = {1})
    void neverBreaksThemAgain(final long seed) {
        CrashSimulation.run(seed, CrashSimulation.ROUNDS_PER_SEED, UnaryOperator.identity());
    }
}
