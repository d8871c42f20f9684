package io.wal.cli;

import io.wal.inspect.CounterReport;
import java.time.Instant;

/**
 * The counters of a log at one time.
 *
 * @param report what they were.
 * @param readNs when they were read, by {@link System#nanoTime}.
 * @param readAt the same by the clock, which may be set.
 */
record StatSample(CounterReport report, long readNs, Instant readAt) {
    static StatSample now(final CounterReport report) {
        return new StatSample(report, System.nanoTime(), Instant.now());
    }
}
