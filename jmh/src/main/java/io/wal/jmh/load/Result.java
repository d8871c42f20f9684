package io.wal.jmh.load;

import io.wal.record.RecordDescriptor;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/** What one run of one journal under one load gave. Numbers by name; one not known is absent. */
public final class Result {
    private static final String PREFIX = "RESULT ";
    private static final double NS_PER_US = 1_000;

    private final Map<Metric, Double> values = new EnumMap<>(Metric.class);

    /** What is measured. */
    public enum Metric {
        /** Entries acknowledged, or read, a second. */
        ENTRIES_PER_S,
        /** Entries a second that were asked for. */
        RATE_PER_S,
        /** Median latency in microseconds. */
        P50_US,
        /** 99th percentile of the latency in microseconds. */
        P99_US,
        /** 99.9th percentile of the latency in microseconds. */
        P99_9_US,
        /** 99.99th percentile of the latency in microseconds. */
        P99_99_US,
        /** Longest latency in microseconds. */
        MAX_US,
        /** User and system time of the process, in seconds for a million entries. */
        CPU_S_PER_MILLION,
        /** Bytes allocated by Java threads for an entry. */
        ALLOCATED_B_PER_ENTRY,
        /** Bytes written to the device for a byte of payload. */
        DEVICE_B_PER_PAYLOAD_B,
        /**
         * Bytes written to the device for a byte of our frames, whatever frames the journal has.
         */
        DEVICE_B_PER_FRAMED_B,
        /** Write requests at the device a second. */
        DEVICE_WRITES_PER_S,
        /** Flushes of the device's cache a second. */
        FLUSHES_PER_S,
        /** Entries for each flush of the device's cache. */
        ENTRIES_PER_FLUSH,
        /** Forces that the journal asked for a second, if it tells. */
        FORCES_PER_S,
        /** Entries that one force covered, if the journal tells. */
        ENTRIES_PER_FORCE;

        /**
         * The name in files.
         *
         * @return in small letters.
         */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Creates a result that knows nothing. */
    public Result() {}

    /**
     * Sets a value.
     *
     * @param metric to set.
     * @param value to keep.
     * @return this.
     */
    public Result put(final Metric metric, final double value) {
        values.put(metric, value);
        return this;
    }

    /**
     * A value.
     *
     * @param metric to get.
     * @return the value, or NaN.
     */
    public double get(final Metric metric) {
        return values.getOrDefault(metric, Double.NaN);
    }

    Result usage(final Usage used, final long entries, final int payloadLength) {
        final double seconds = used.timeNs() / 1e9;
        final double count = Math.max(1, entries);
        put(Metric.ENTRIES_PER_S, entries / seconds);
        put(Metric.CPU_S_PER_MILLION, used.processorNs() / 1e3 / count);
        put(Metric.ALLOCATED_B_PER_ENTRY, used.allocatedBytes() / count);
        if (!used.device().equals(BlockDevice.Counts.UNKNOWN)) {
            put(Metric.DEVICE_B_PER_PAYLOAD_B, used.device().bytes() / count / payloadLength);
            put(
                    Metric.DEVICE_B_PER_FRAMED_B,
                    used.device().bytes() / count / RecordDescriptor.frameLength(payloadLength));
            put(Metric.DEVICE_WRITES_PER_S, used.device().writes() / seconds);
            if (used.device().flushes() >= 0) {
                put(Metric.FLUSHES_PER_S, used.device().flushes() / seconds);
                put(Metric.ENTRIES_PER_FLUSH, count / Math.max(1, used.device().flushes()));
            }
        }
        if (used.forceCount() >= 0) {
            put(Metric.FORCES_PER_S, used.forceCount() / seconds);
            put(Metric.ENTRIES_PER_FORCE, count / Math.max(1, used.forceCount()));
        }
        return this;
    }

    Result latencies(final Histogram histogram) {
        put(Metric.P50_US, histogram.getValueAtPercentile(50) / NS_PER_US);
        put(Metric.P99_US, histogram.getValueAtPercentile(99) / NS_PER_US);
        put(Metric.P99_9_US, histogram.getValueAtPercentile(99.9) / NS_PER_US);
        put(Metric.P99_99_US, histogram.getValueAtPercentile(99.99) / NS_PER_US);
        put(Metric.MAX_US, histogram.getMaxValue() / NS_PER_US);
        return this;
    }

    /**
     * As one line of text.
     *
     * @return the line, for {@link #parse}.
     */
    public String format() {
        final StringBuilder line = new StringBuilder(PREFIX);
        values.forEach(
                (metric, value) -> line.append(metric).append('=').append(value).append(' '));
        return line.toString().strip();
    }

    /**
     * Reads a line of text.
     *
     * @param line that may hold a result.
     * @return the result, or null when the line holds none.
     */
    public static Result parse(final String line) {
        if (!line.startsWith(PREFIX)) {
            return null;
        }
        final Result result = new Result();
        for (final String word : line.substring(PREFIX.length()).split(" ")) {
            final int equals = word.indexOf('=');
            result.put(
                    Metric.valueOf(word.substring(0, equals)),
                    Double.parseDouble(word.substring(equals + 1)));
        }
        return result;
    }
}
