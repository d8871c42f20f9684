package io.wal.store;

import org.junit.jupiter.api.RepeatedTest;

/** Hundreds of random operations and reopenings, compared with a model that is easy to believe. */
interface ModelContract extends Harnessed {
    @RepeatedTest(3)
    default void behavesAsTheModelDoes() {
        final long seed = Seeds.next();
        final ModelRun run = new ModelRun(harness(), seed);

        try {
            run.run(harness().contract().manyEntries() / 2);
        } catch (final Throwable t) {
            throw new AssertionError(Seeds.describe(seed) + "\n" + run.history(), t);
        }
    }
}
