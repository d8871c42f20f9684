package io.wal.mmap;

import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Goes through the records of one segment in order, and stops at the first that is not sound: a
 * wrong checksum, an LSN out of turn, or simply the end. It reads by position into a window of its
 * own and never maps, so that neither a file cut short nor one used again under it does harm. Not
 * thread-safe.
 */
final class SegmentScanner implements AutoCloseable {
    private static final int WINDOW_LENGTH = 1 << 18;
    private static final int WINDOW_ALIGNMENT = 64;

    private final RecordChecksum checksum = new RecordChecksum();
    private final UnsafeBuffer window = new UnsafeBuffer(0, 0);
    private DiskFile file;
    private int seed;
    private long end;
    private ByteBuffer windowBytes;
    private long windowOffset;
    private int windowFilled;

    private long nextOffset;
    private long nextLsn;
    private long offset;
    private RecordKind kind;
    private long runningChecksum;

    SegmentScanner() {
        allocate(WINDOW_LENGTH);
    }

    /**
     * Goes to the begin of a segment.
     *
     * @param segmentFile stays the caller's.
     * @param segmentSeed of the segment's checksums.
     * @param firstLsn that the first entry must have.
     * @param length of the file, or of the part to look at.
     */
    void begin(
            final DiskFile segmentFile,
            final int segmentSeed,
            final long firstLsn,
            final long length) {
        file = segmentFile;
        seed = segmentSeed;
        end = length;
        nextLsn = firstLsn;
        nextOffset = SegmentDescriptor.RECORDS_OFFSET;
        runningChecksum = 0;
        windowFilled = 0;
    }

    /**
     * Goes to a place in the present segment that was reached before, and reads anew what is there.
     */
    void resume(final long atOffset, final long lsn, final long checksumBefore) {
        nextOffset = atOffset;
        nextLsn = lsn;
        runningChecksum = checksumBefore;
        windowFilled = 0;
    }

    /** Whether a header in its turn stands at an offset, be its record whole or not. */
    boolean beginsAt(final long at, final long lsn) throws IOException {
        if (!fill(at, RecordDescriptor.HEADER_LENGTH)
                || !RecordDescriptor.isPlausible(window, indexOf(at), end - at)) {
            return false;
        }
        final boolean entry = RecordDescriptor.kind(window, indexOf(at)).isEntry();
        return RecordDescriptor.lsn(window, indexOf(at)) == (entry ? lsn : lsn - 1);
    }

    /** Reads anew what follows: a writer may have been there since. */
    void refresh() {
        windowFilled = 0;
    }

    /** Moves to the next record; false when what follows is not a sound record in its turn. */
    boolean next() throws IOException {
        if (!isSoundAt(nextOffset)) {
            return false;
        }
        final int index = indexOf(nextOffset);
        final RecordKind found = RecordDescriptor.kind(window, index);
        final long lsn = RecordDescriptor.lsn(window, index);
        if (lsn != (found.isEntry() ? nextLsn : nextLsn - 1)) {
            return false;
        }
        accept(found);
        return true;
    }

    /**
     * Looks for the next sound record at or behind an offset, whose LSN is out of turn but
     * possible, and moves to it.
     *
     * @param fromOffset where to begin to look.
     * @param leastLsn smallest LSN that such a record may have.
     * @return false when there is none.
     */
    boolean seek(final long fromOffset, final long leastLsn) throws IOException {
        return seek(fromOffset, leastLsn, leastLsn + end / RecordDescriptor.HEADER_LENGTH);
    }

    /**
     * Looks for the next sound record at or behind an offset with an LSN in a range, and moves to
     * it.
     *
     * @param fromOffset where to begin to look.
     * @param leastLsn smallest LSN that such a record may have.
     * @param greatestLsn greatest LSN that it may have.
     * @return false when there is none.
     */
    boolean seek(final long fromOffset, final long leastLsn, final long greatestLsn)
            throws IOException {
        for (long at = fromOffset;
                at <= end - RecordDescriptor.HEADER_LENGTH;
                at += RecordDescriptor.ALIGNMENT) {
            if (!fill(at, RecordDescriptor.HEADER_LENGTH)) {
                return false;
            }
            final long lsn = RecordDescriptor.lsn(window, indexOf(at));
            if (lsn >= leastLsn && lsn <= greatestLsn && isSoundAt(at)) {
                final RecordKind found = RecordDescriptor.kind(window, indexOf(at));
                nextOffset = at;
                nextLsn = found.isEntry() ? lsn : lsn + 1;
                accept(found);
                return true;
            }
        }
        return false;
    }

    /**
     * Looks for the first record in the segment that is sound under one of many seeds.
     *
     * @param isSeed tells whether a number is one of them.
     * @return the seed; empty when there is no such record.
     */
    OptionalInt seekSeed(final IntPredicate isSeed) throws IOException {
        for (long at = SegmentDescriptor.RECORDS_OFFSET;
                at <= end - RecordDescriptor.HEADER_LENGTH
                        && fill(at, RecordDescriptor.HEADER_LENGTH);
                at += RecordDescriptor.ALIGNMENT) {
            if (RecordDescriptor.isPlausible(window, indexOf(at), end - at)) {
                final int length =
                        RecordDescriptor.align(RecordDescriptor.length(window, indexOf(at)));
                if (fill(at, length)) {
                    final int index = indexOf(at);
                    final int found =
                            checksum.compute(windowBytes, index, length)
                                    ^ RecordDescriptor.crc(window, index)
                                    ^ (int) at;
                    if (isSeed.test(found)) {
                        return OptionalInt.of(found);
                    }
                }
            }
        }
        return OptionalInt.empty();
    }

    /** Where the present record begins in the file. */
    long offset() {
        return offset;
    }

    /** Where the record after the present one would begin. */
    long nextOffset() {
        return nextOffset;
    }

    /** The LSN that the next entry must have. */
    long nextLsn() {
        return nextLsn;
    }

    /** Running checksum over all records gone through. */
    long runningChecksum() {
        return runningChecksum;
    }

    RecordKind kind() {
        return kind;
    }

    long lsn() {
        return RecordDescriptor.lsn(window, indexOf(offset));
    }

    /** Holds the present record, at {@link #recordIndex()}; valid until the scanner moves. */
    UnsafeBuffer buffer() {
        return window;
    }

    int recordIndex() {
        return indexOf(offset);
    }

    int payloadIndex() {
        return indexOf(offset) + RecordDescriptor.HEADER_LENGTH;
    }

    int payloadLength() {
        return RecordDescriptor.length(window, indexOf(offset)) - RecordDescriptor.HEADER_LENGTH;
    }

    private void accept(final RecordKind found) {
        final int index = indexOf(nextOffset);
        offset = nextOffset;
        kind = found;
        nextOffset = offset + RecordDescriptor.align(RecordDescriptor.length(window, index));
        runningChecksum =
                RecordChecksum.chain(
                        runningChecksum, RecordDescriptor.crc(window, index) ^ seed ^ (int) offset);
        if (found.isEntry()) {
            nextLsn++;
        }
    }

    private boolean isSoundAt(final long at) throws IOException {
        if (!fill(at, RecordDescriptor.HEADER_LENGTH)
                || !RecordDescriptor.isPlausible(window, indexOf(at), end - at)) {
            return false;
        }
        final int length = RecordDescriptor.align(RecordDescriptor.length(window, indexOf(at)));
        if (!fill(at, length)) {
            return false;
        }
        final int index = indexOf(at);
        return (checksum.compute(windowBytes, index, length) ^ seed ^ (int) at)
                == RecordDescriptor.crc(window, index);
    }

    private int indexOf(final long at) {
        return (int) (at - windowOffset);
    }

    /** Makes sure that the window holds a range; false when the file ends before. */
    private boolean fill(final long at, final int length) throws IOException {
        if (at >= windowOffset && at + length <= windowOffset + windowFilled) {
            return true;
        }
        if (at + length > end) {
            return false;
        }
        if (length
                > windowBytes
                        .capacity()) { // at most the length of a segment: the caller checked it
            // against the end
            allocate(length);
        }
        windowOffset = at;
        windowBytes.clear().limit((int) Math.min(windowBytes.capacity(), end - at));
        windowFilled = file.read(windowBytes, at);
        return length <= windowFilled;
    }

    @Override
    public void close() {
        window.wrap(0, 0);
        BufferUtil.free(windowBytes);
    }

    private void allocate(final int length) {
        if (windowBytes != null) {
            BufferUtil.free(windowBytes);
        }
        windowBytes = ByteBuffer.allocateDirect(length + WINDOW_ALIGNMENT);
        window.wrap(windowBytes);
        windowFilled = 0;
    }
}
