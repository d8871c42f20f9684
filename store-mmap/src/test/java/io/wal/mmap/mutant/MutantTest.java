package io.wal.mmap.mutant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Builds mistakes into the production code, one at a time, and lets the simulation find them, by
 * seeds from 1 on. With the same seeds it must find nothing in the code as it is.
 */
class MutantTest {
    private static final int MAX_SEED = 2_000;
    private static final Logger LOGGER = Logger.getLogger("io.wal");

    private static final Map<String, Long> SOUND_UP_TO = new HashMap<>();
    private static Mutation sound;

    @BeforeAll
    static void beginWithTheSources() throws IOException {
        assumeTrue(SourceEdit.isPossible(), "the sources are not here");
        sound = new Mutation(List.of());
        LOGGER.setLevel(Level.SEVERE); // failures are planned
    }

    @AfterAll
    static void logAgain() {
        LOGGER.setLevel(null);
    }

    static List<Mutant> mutants() {
        return Mutant.all();
    }

    @ParameterizedTest
    @MethodSource("mutants")
    void isFound(final Mutant mutant) throws Exception {
        // given
        final LongConsumer scenario = new Mutation(mutant.edits()).scenario(mutant.scenario());

        // when
        long seed = 0;
        AssertionError violation = null;
        while (violation == null) {
            if (++seed > MAX_SEED) {
                fail("not found by seeds 1 to " + MAX_SEED + ": " + mutant);
            }
            violation = violation(scenario, seed);
        }

        // then
        System.out.println("mutant found: " + mutant + ": " + violation.getMessage());
        assertThat(violation)
                .as("a promise was broken, and not the mutant unable to run")
                .hasCauseExactlyInstanceOf(AssertionError.class);
        findNothingInSoundCode(mutant.scenario(), seed);
    }

    private static void findNothingInSoundCode(final String scenario, final long seed)
            throws ReflectiveOperationException {
        long soundUpTo = SOUND_UP_TO.getOrDefault(scenario, 0L);
        while (soundUpTo < seed) {
            sound.scenario(scenario).accept(++soundUpTo);
            SOUND_UP_TO.put(scenario, soundUpTo);
        }
    }

    private static AssertionError violation(final LongConsumer scenario, final long seed) {
        try {
            scenario.accept(seed);
            return null;
        } catch (final AssertionError e) {
            return e;
        }
    }
}
