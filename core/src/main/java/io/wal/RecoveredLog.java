package io.wal;

/**
 * What opening a log found.
 *
 * @param startLsn LSN from which recovery delivers: the start of the last finalized checkpoint, or
 *     the first LSN held.
 * @param lastLsn last LSN of the log; when it never held an entry the LSN before its first, which
 *     is 0 unless the store was told to begin further on. {@code startLsn > lastLsn} means there is
 *     nothing to deliver.
 * @param generation of this opening, from 1: how often the log was opened for writing.
 * @param tail how the log ended.
 */
public record RecoveredLog(long startLsn, long lastLsn, long generation, Tail tail) {
    /** How the log ended when it was found. */
    public enum Tail {
        /** There was no log, or one without entries. */
        EMPTY,
        /** It had been closed. */
        CLOSED,
        /** It ended with a whole record, without having been closed: the trace of a crash. */
        WHOLE,
        /**
         * It ended within a batch that was never acknowledged; the remains were cut off. The trace
         * of a crash.
         */
        TORN
    }

    /**
     * Whether recovery has nothing to deliver.
     *
     * @return true when no LSN lies between start and last.
     */
    public boolean isEmpty() {
        return startLsn > lastLsn;
    }
}
