package io.wal.metrics;

import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * The values of a log's counters. Any thread may read. Each total has one writer, which adds
 * without an atomic operation; gauges are asked for when they are read, and cost nothing else.
 */
final class LogCounters {
    private static final int STRIDE = 8; // a cache line between what different threads write

    private final AtomicLongArray values = new AtomicLongArray(LogCounter.ALL.size() * STRIDE);
    private final AtomicReferenceArray<LongSupplier> gauges =
            new AtomicReferenceArray<>(LogCounter.ALL.size());
    private final LongAdder backPressure = new LongAdder();

    LogCounters() {
        gauge(LogCounter.BACK_PRESSURE, backPressure::sum);
    }

    long value(final LogCounter counter) {
        final LongSupplier gauge = gauges.get(counter.ordinal());
        return gauge == null ? values.get(index(counter)) : gauge.getAsLong();
    }

    void gauge(final LogCounter counter, final LongSupplier source) {
        gauges.set(counter.ordinal(), source);
    }

    void set(final LogCounter counter, final long value) {
        values.setRelease(index(counter), value);
    }

    void add(final LogCounter counter, final long count) {
        final int index = index(counter);
        values.setRelease(index, values.getPlain(index) + count);
    }

    /** Any number of threads at a time. */
    void countBackPressure() {
        backPressure.increment();
    }

    private static int index(final LogCounter counter) {
        return counter.ordinal() * STRIDE;
    }
}
