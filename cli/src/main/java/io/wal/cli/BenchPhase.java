package io.wal.cli;

import org.HdrHistogram.Histogram;

/**
 * What one way of appending came to.
 *
 * @param entryCount acknowledged while it was measured.
 * @param seconds that it was measured.
 * @param forceCount forces meanwhile; negative when the store does not count.
 * @param latencies from append to acknowledgement, in nanoseconds.
 */
record BenchPhase(long entryCount, double seconds, long forceCount, Histogram latencies) {
    double rate() {
        return entryCount / seconds;
    }

    /** Not a number when nothing was acknowledged: a device may be busy for that long. */
    double microseconds(final double percentile) {
        return latencies.getTotalCount() == 0
                ? Double.NaN
                : latencies.getValueAtPercentile(percentile) / 1e3;
    }

    double entriesPerForce() {
        return forceCount > 0 ? (double) entryCount / forceCount : Double.NaN;
    }
}
