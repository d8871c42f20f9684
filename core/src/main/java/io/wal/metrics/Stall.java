package io.wal.metrics;

import java.util.Locale;

/**
 * The medium kept a log waiting for longer than its stall threshold.
 *
 * @param cause what took so long.
 * @param durationNs how long, in nanoseconds.
 * @param firstLsn first entry that had to wait.
 * @param lastLsn last entry that is known to have waited; less than the first when there is none.
 */
public record Stall(Cause cause, long durationNs, long firstLsn, long lastLsn) {
    private static final double NS_PER_MS = 1e6;

    /** What took so long. The order is part of the format of counters files. */
    public enum Cause {
        /** One force. */
        FORCE("force"),
        /** The next segment was not ready when it was needed. */
        SEGMENT("wait for a segment"),
        /** There was no space for the next segment. */
        SPACE("wait for space");

        private final String word;

        Cause(final String word) {
            this.word = word;
        }

        /**
         * The cause in words.
         *
         * @return words in lower case.
         */
        public String word() {
            return word;
        }
    }

    /** One line for a person, such as "force 412 ms covered LSN 17..42". */
    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "%s %.0f ms covered %s",
                cause.word(),
                durationNs / NS_PER_MS,
                lastLsn < firstLsn ? "no LSN" : "LSN " + firstLsn + ".." + lastLsn);
    }
}
