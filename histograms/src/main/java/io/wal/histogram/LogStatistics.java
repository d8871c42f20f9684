package io.wal.histogram;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/**
 * How a log fared over some time. The histograms are copies: the caller's to keep and to change.
 * Times are in nanoseconds, up to a minute.
 *
 * @param appendLatencies from the claim of an entry's slot until it was as durable as asked for.
 *     Where more than some ten thousand entries come in a second, a sample of them, each counted
 *     for as many as it stands for.
 * @param forceTimes of every force.
 * @param ringWaits how long the longest waiting entry of a batch waited for the store's thread, one
 *     value a batch.
 * @param batchEntryCounts how many entries the batches had.
 * @param batchLengths how many bytes of frames the batches had, up to a gibibyte.
 * @param queueDepths how many entries were waiting when the store's thread looked.
 */
public record LogStatistics(
        Histogram appendLatencies,
        Histogram forceTimes,
        Histogram ringWaits,
        Histogram batchEntryCounts,
        Histogram batchLengths,
        Histogram queueDepths) {
    private static final double NS_PER_US = 1e3;
    private static final double MEDIAN = 50;
    private static final double HIGH = 99;

    /** One line for a person: medians, 99th percentiles and greatest values. */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "append us %s, force us %s, entries per batch %s, queue depth %s",
                summary(appendLatencies, NS_PER_US),
                summary(forceTimes, NS_PER_US),
                summary(batchEntryCounts, 1),
                summary(queueDepths, 1));
    }

    private static String summary(final Histogram histogram, final double unit) {
        if (histogram.getTotalCount() == 0) {
            return "none";
        }
        return String.format(
                Locale.ROOT,
                "p50 %.0f p99 %.0f max %.0f",
                histogram.getValueAtPercentile(MEDIAN) / unit,
                histogram.getValueAtPercentile(HIGH) / unit,
                histogram.getMaxValue() / unit);
    }
}
