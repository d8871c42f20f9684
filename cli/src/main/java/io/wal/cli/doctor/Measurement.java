package io.wal.cli.doctor;

import java.io.IOException;
import java.util.Arrays;
import org.HdrHistogram.Histogram;

/** Measures forces of one kind and length, in slices, so that all kinds see the same moods. */
final class Measurement {
    private static final long MOST_NS = 60_000_000_000L;
    private static final int LEAST_FOR_P99 = 100;

    private final Probe probe;
    private final WritePath path;
    private final int zeroingLength;
    private final boolean touched;
    private final int batchLength;
    private final Device device;
    private final Histogram histogram = new Histogram(MOST_NS, 3);
    private long sumNs;
    private double[] bytes = {};
    private double[] flushes = {};

    /** The device is null when it is not known. */
    Measurement(
            final Probe probe,
            final WritePath path,
            final int zeroingLength,
            final boolean touched,
            final int batchLength,
            final Device device) {
        this.probe = probe;
        this.path = path;
        this.zeroingLength = zeroingLength;
        this.touched = touched;
        this.batchLength = batchLength;
        this.device = device;
    }

    /** Forces once at least, and as often as the time allows. */
    void slice(final long durationNs) throws IOException {
        final long[] before = device == null ? null : device.writesAndFlushes();
        final long startNs = System.nanoTime();
        long count = 0;
        do {
            if (touched) {
                probe.touch(batchLength);
            }
            final long beginNs = System.nanoTime();
            probe.write(batchLength);
            final long tookNs = System.nanoTime() - beginNs;
            histogram.recordValue(Math.min(tookNs, MOST_NS));
            sumNs += tookNs;
            count++;
        } while (System.nanoTime() - startNs < durationNs);
        final long[] after = before == null ? null : device.writesAndFlushes();
        if (after != null) {
            bytes = with(bytes, (double) (after[0] - before[0]) / count);
            flushes = with(flushes, (double) (after[1] - before[1]) / count);
        }
    }

    /** Forgets what was measured: it was to warm up. */
    void reset() {
        histogram.reset();
        sumNs = 0;
        bytes = new double[0];
        flushes = new double[0];
    }

    Point point() {
        final long count = histogram.getTotalCount();
        return new Point(
                path,
                zeroingLength,
                touched,
                batchLength,
                count,
                count == 0 ? Double.NaN : histogram.getValueAtPercentile(50) / 1e3,
                count < LEAST_FOR_P99 ? Double.NaN : histogram.getValueAtPercentile(99) / 1e3,
                count == 0 ? Double.NaN : histogram.getMaxValue() / 1e3,
                sumNs == 0 ? Double.NaN : count * 1e9 * batchLength / sumNs,
                median(bytes),
                median(flushes));
    }

    private static double[] with(final double[] values, final double more) {
        final double[] longer = Arrays.copyOf(values, values.length + 1);
        longer[values.length] = more;
        return longer;
    }

    /** Others write to the device, too; not in most of the slices, it is hoped. */
    private static double median(final double[] values) {
        final double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
}
