package io.wal.histogram;

import org.HdrHistogram.Histogram;
import org.HdrHistogram.SingleWriterRecorder;

/**
 * One quantity: recorded by one thread at a time, without waiting and without allocating, and read
 * by others, one at a time.
 */
final class RecordedHistogram {
    private final long highest;
    private final SingleWriterRecorder recorder;
    private final Histogram total;
    private final Histogram interval;
    private Histogram drained;

    /** Values above the highest are counted as the highest. */
    RecordedHistogram(final long lowest, final long highest, final int digits) {
        this.highest = highest;
        recorder = new SingleWriterRecorder(lowest, highest, digits);
        total = new Histogram(lowest, highest, digits);
        interval = new Histogram(lowest, highest, digits);
    }

    /** The recording thread, one at a time. */
    void record(final long value, final int count) {
        recorder.recordValueWithCount(Math.min(value, highest), count);
    }

    /** All that was recorded so far. */
    Histogram total() {
        drain();
        return total.copy();
    }

    /** What was recorded since this was called last. */
    Histogram interval() {
        drain();
        final Histogram taken = interval.copy();
        interval.reset();
        return taken;
    }

    private void drain() {
        drained = recorder.getIntervalHistogram(drained);
        total.add(drained);
        interval.add(drained);
    }
}
