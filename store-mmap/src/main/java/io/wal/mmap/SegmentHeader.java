package io.wal.mmap;

import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;

/** The fields of a segment's header; see {@link SegmentDescriptor}. */
record SegmentHeader(
        long logId,
        long index,
        long generation,
        long segmentLength,
        long firstLsn,
        long predecessorLsn,
        long predecessorChecksum) {

    static SegmentHeader prepared(
            final long logId, final long index, final long generation, final long segmentLength) {
        return new SegmentHeader(
                logId,
                index,
                generation,
                segmentLength,
                RecordDescriptor.NULL_LSN,
                RecordDescriptor.NULL_LSN,
                0);
    }

    /** Whether entries may be in the segment; a prepared segment holds none. */
    boolean isBegun() {
        return firstLsn != RecordDescriptor.NULL_LSN;
    }

    /** The same segment, begun behind its predecessor. */
    SegmentHeader begun(final long newGeneration, final long lastLsn, final long checksum) {
        return new SegmentHeader(
                logId, index, newGeneration, segmentLength, lastLsn + 1, lastLsn, checksum);
    }

    /**
     * What the checksums of the segment's records are seeded with: never the same for two uses of
     * the same space.
     */
    int seed() {
        return seed(logId, generation, index);
    }

    static int seed(final long logId, final long generation, final long index) {
        return new RecordChecksum().seedOf(logId, generation, index);
    }
}
