package io.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.store.Seeds;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Small logs, opened, used by many threads, failed and closed at any moment, thousands of times:
 * every append that got an LSN gets exactly one answer, and nobody waits for ever.
 */
class HandOverStressTest {
    private static final Duration SHORT = Duration.ofSeconds(5);
    private static final Duration LONG = Duration.ofMinutes(2);
    private static final int FEWEST_ROUNDS = 100;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stop() throws Exception {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(30, TimeUnit.SECONDS)).isTrue();
        FakeLog.awaitNoThreads();
    }

    @Test
    @Timeout(120)
    void everyAppendIsAnsweredOnceHoweverTheLogEnds() throws Exception {
        run(SHORT);
    }

    @Test
    @Tag("long")
    void everyAppendIsAnsweredOnceForALongTime() throws Exception {
        run(LONG);
    }

    private void run(final Duration duration) throws Exception {
        final long seed = Seeds.next();
        final SplittableRandom random = new SplittableRandom(seed);
        final long beganNs = System.nanoTime();
        long answers = 0;
        int rounds = 0;
        while (rounds < FEWEST_ROUNDS || System.nanoTime() - beganNs < duration.toNanos()) {
            final HandOverRound round = new HandOverRound(random.split());
            try {
                answers += round.run(threads);
            } catch (final Throwable t) {
                throw new AssertionError(
                        "round " + rounds + ": " + round + "; " + Seeds.describe(seed), t);
            }
            rounds++;
        }
        assertThat(answers).as("answers in " + rounds + " rounds").isGreaterThan(rounds);
    }
}
