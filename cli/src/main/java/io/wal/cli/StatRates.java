package io.wal.cli;

import io.wal.metrics.LogCounter;
import java.time.Duration;

/**
 * What a log did in the time between two looks at its counters.
 *
 * @param seconds between them.
 * @param entries per second.
 * @param bytes of frames, per second.
 * @param forces per second.
 * @param entriesPerForce not a number when nothing was forced.
 * @param meanForceUs how long a force took in the mean, in microseconds; not a number when nothing
 *     was forced.
 */
record StatRates(
        double seconds,
        double entries,
        double bytes,
        double forces,
        double entriesPerForce,
        double meanForceUs) {
    /** The writer publishes four times a second while there is something new. */
    private static final Duration FRESH = Duration.ofMillis(500);

    /**
     * The rates between two samples. What an earlier opening of the log counted is left out of
     * account: an opening counts from zero.
     */
    static StatRates between(final StatSample before, final StatSample now) {
        final double seconds = seconds(before, now);
        final double entries = grown(before, now, LogCounter.ENTRIES);
        final double forces = grown(before, now, LogCounter.FORCES);
        return new StatRates(
                seconds,
                entries / seconds,
                grown(before, now, LogCounter.BYTES) / seconds,
                forces / seconds,
                forces == 0 ? Double.NaN : entries / forces,
                forces == 0
                        ? Double.NaN
                        : grown(before, now, LogCounter.FORCE_TIME_NS) / forces / 1e3);
    }

    /**
     * While the writer is busy, from one publication to the other, which is more exact than from
     * one look to the other.
     */
    private static double seconds(final StatSample before, final StatSample now) {
        if (isFresh(before) && isFresh(now) && isSameOpening(before, now)) {
            final Duration published =
                    Duration.between(before.report().changedAt(), now.report().changedAt());
            if (published.compareTo(Duration.ZERO) > 0) {
                return published.toNanos() / 1e9;
            }
        }
        return Math.max(1, now.readNs() - before.readNs()) / 1e9;
    }

    private static boolean isFresh(final StatSample sample) {
        final Duration age = Duration.between(sample.report().changedAt(), sample.readAt());
        return !age.isNegative() && age.compareTo(FRESH) <= 0;
    }

    private static long grown(
            final StatSample before, final StatSample now, final LogCounter counter) {
        final long value = now.report().value(counter);
        return isSameOpening(before, now) ? value - before.report().value(counter) : value;
    }

    private static boolean isSameOpening(final StatSample before, final StatSample now) {
        return before.report().generation() == now.report().generation()
                && before.report().openedAt().equals(now.report().openedAt());
    }
}
