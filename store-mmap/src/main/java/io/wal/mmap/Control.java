package io.wal.mmap;

/** The state in the control file; see {@link ControlDescriptor}. */
record Control(
        long sequence,
        long logId,
        long generation,
        long firstSegmentIndex,
        long startLsn,
        long endLsn,
        long begunSegmentIndex,
        long durableLsn) {

    static Control create(final long logId, final long firstLsn) {
        return new Control(1, logId, 0, 1, firstLsn, 0, 0, 0);
    }

    Control nextGeneration(final long newGeneration) {
        return new Control(
                sequence + 1,
                logId,
                newGeneration,
                firstSegmentIndex,
                startLsn,
                endLsn,
                begunSegmentIndex,
                durableLsn);
    }

    Control released(
            final long newFirstSegmentIndex, final long newStartLsn, final long newEndLsn) {
        return new Control(
                sequence + 1,
                logId,
                generation,
                newFirstSegmentIndex,
                newStartLsn,
                newEndLsn,
                begunSegmentIndex,
                durableLsn);
    }

    /** Takes note of a segment whose header, and of an LSN whose entry, is durable. */
    Control reached(final long newBegunSegmentIndex, final long newDurableLsn) {
        return new Control(
                sequence + 1,
                logId,
                generation,
                firstSegmentIndex,
                startLsn,
                endLsn,
                newBegunSegmentIndex,
                newDurableLsn);
    }
}
