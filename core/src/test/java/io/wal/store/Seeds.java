package io.wal.store;

/** Where random tests take their seed from: the system property {@code wal.seed}, or the clock. */
public final class Seeds {
    private Seeds() {}

    /**
     * A seed. Put {@link #describe} into the description of what is asserted.
     *
     * @return the seed.
     */
    public static long next() {
        final Long given = Long.getLong("wal.seed");
        return given != null ? given : System.nanoTime();
    }

    /**
     * How to run a test again with its seed.
     *
     * @param seed of the test.
     * @return the option.
     */
    public static String describe(final long seed) {
        return "run again with -Dwal.seed=" + seed;
    }
}
