package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Crashes and recovers a log at random. {@code -Dwal.sim.seed=N} replays one simulation, {@code
 * -Dwal.sim.rounds=N} says how many rounds to run.
 */
@ExtendWith(QuietLog.class)
class CrashSimulationTest {
    private static final int ROUND_COUNT = Integer.getInteger("wal.sim.rounds", 20_000);
    private static final int ROUNDS_TO_JUDGE_BY = 5_000;
    private static final int LONG_ROUND_COUNT = Integer.getInteger("wal.sim.longRounds", 500_000);
    private static final int LEAST_PERCENT = 65;
    private static final int LEAST_ORDINARY_PERCENT = 80;

    private final SimulationTally tally = new SimulationTally();

    @Test
    void keepsItsPromisesWhateverCrashes() {
        final Long replayed = Long.getLong("wal.sim.seed");
        if (replayed != null) {
            run(replayed);
            return;
        }
        run(System.nanoTime(), ROUND_COUNT);
    }

    @Test
    @Tag("long")
    void keepsThemForALongTime() {
        run(System.nanoTime(), LONG_ROUND_COUNT);
    }

    /**
     * The first seeds that find mistakes built into the code, which is what each of them is known
     * to be good for; {@code MutantTest} tells them.
     */
    @ParameterizedTest
    @ValueSource(
            longs = {
                // segments and the control file are forced before anything relies on them, and
                // their names too; recovery forces the tail; a recycled segment shows nothing old
                1,
                // batches are forced, before they are acknowledged; so are a segment's header, a
                // generation, and the directories above a new log
                2,
                // closing forces; the control file moves on before space is released
                3,
                // a failed force is final
                4,
                // space is released late enough
                7,
                // a recycled segment is forced before it gets its name
                16,
                // the control file has two slots; checksums know the generation
                22,
                // recovery writes the tail again
                57
            })
    void neverBreaksThemAgain(final long seed) {
        run(seed);
    }

    private void run(final long first, final int roundCount) {
        final int seedCount = roundCount / CrashSimulation.ROUNDS_PER_SEED;
        System.out.println("crash simulation: " + seedCount + " seeds from " + first);
        final SplittableRandom seeds = new SplittableRandom(first);
        final long startNs = processorTimeNs();
        for (int i = 0; i < seedCount; i++) {
            run(seeds.nextLong());
        }
        final long durationMs = (processorTimeNs() - startNs) / 1_000_000;
        System.out.println("crash simulation: " + durationMs + " ms of a processor, " + tally);
        if (roundCount >= ROUNDS_TO_JUDGE_BY) {
            assertThat(tally.leastPercent()).as(tally.toString()).isGreaterThan(LEAST_PERCENT);
            assertThat(tally.leastOrdinaryPercent())
                    .as(tally.toString())
                    .isGreaterThan(LEAST_ORDINARY_PERCENT);
        }
    }

    private void run(final long seed) {
        CrashSimulation.run(seed, CrashSimulation.ROUNDS_PER_SEED, UnaryOperator.identity(), tally);
    }

    /** Says more about the simulation than the time that passes on a busy machine. */
    private static long processorTimeNs() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
