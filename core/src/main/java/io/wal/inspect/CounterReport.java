package io.wal.inspect;

import io.wal.metrics.LogCounter;
import io.wal.metrics.Stall;
import java.time.Instant;
import java.util.Map;

/**
 * The counters of a log as its writer published them last, seen from outside.
 *
 * @param location path or name of the log.
 * @param generation of the opening that they are of.
 * @param processId of the writer.
 * @param openedAt when it opened the log.
 * @param changedAt when a counter changed last, to some hundred milliseconds.
 * @param writer what became of the writer.
 * @param values of the counters that the writer knows; the others are missing.
 */
public record CounterReport(
        String location,
        long generation,
        long processId,
        Instant openedAt,
        Instant changedAt,
        Writer writer,
        Map<LogCounter, Long> values) {

    /** What became of a writer. */
    public enum Writer {
        /** It has the log open, as far as can be known. */
        RUNNING,
        /** It closed the log. */
        CLOSED,
        /** It is gone without having closed the log: these are its last words. */
        GONE
    }

    /**
     * The value of a counter.
     *
     * @param counter to look up.
     * @return its value; 0 when the writer did not know it.
     */
    public long value(final LogCounter counter) {
        return values.getOrDefault(counter, 0L);
    }

    /**
     * The last time that the medium kept the log waiting for longer than the stall threshold.
     *
     * @return the stall; null when there was none, or of a kind that is not known here.
     */
    public Stall lastStall() {
        final long cause = value(LogCounter.LAST_STALL_CAUSE);
        final Stall.Cause[] causes = Stall.Cause.values();
        return cause < 1 || cause > causes.length
                ? null
                : new Stall(
                        causes[(int) cause - 1],
                        value(LogCounter.LAST_STALL_NS),
                        value(LogCounter.LAST_STALL_FIRST_LSN),
                        value(LogCounter.LAST_STALL_LAST_LSN));
    }
}
