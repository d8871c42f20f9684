package io.wal.mmap;

/** The state in the control file; see {@link ControlDescriptor}. */
record Control(
        long sequence,
        long logId,
        long generation,
        long firstSegmentIndex,
        long startLsn,
        long endLsn) {

    static Control create(final long logId) {
        return new Control(1, logId, 0, 1, 1, 0);
    }

    Control nextGeneration(final long newGeneration) {
        return new Control(sequence + 1, logId, newGeneration, firstSegmentIndex, startLsn, endLsn);
    }

    Control released(
            final long newFirstSegmentIndex, final long newStartLsn, final long newEndLsn) {
        return new Control(
                sequence + 1, logId, generation, newFirstSegmentIndex, newStartLsn, newEndLsn);
    }
}
