package io.wal.mmap;

import java.nio.ByteBuffer;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A window on the segment that is being written, aligned as writing past the page cache demands.
 * Its base is a multiple of the block length, and everything before the base is written.
 */
final class StagingBuffer {
    static final int BLOCK_LENGTH = SegmentDescriptor.PAGE_LENGTH;
    private static final int MAX_INITIAL_LENGTH = 4 << 20;

    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private ByteBuffer bytes;
    private int base;

    /** For segments of a length; longer records make it grow. */
    StagingBuffer(final int segmentLength) {
        allocate(Math.min(MAX_INITIAL_LENGTH, segmentLength + BLOCK_LENGTH));
    }

    UnsafeBuffer buffer() {
        return buffer;
    }

    /** Position in the segment of the first byte of the buffer. */
    int base() {
        return base;
    }

    /** Begins a segment; its first page is zeroes. */
    void begin() {
        base = 0;
        buffer.setMemory(0, SegmentDescriptor.RECORDS_OFFSET, (byte) 0);
    }

    boolean hasRoom(final int position, final int length) {
        return position - base + length <= bytes.capacity() - BLOCK_LENGTH;
    }

    /** Makes the buffer large enough for a record; only the last block is of importance then. */
    void grow(final int position, final int length) {
        if (!hasRoom(position, length)) {
            final ByteBuffer before = bytes;
            final int kept = position - base;
            allocate(length + 3 * BLOCK_LENGTH);
            buffer.putBytes(0, before, 0, kept);
            // a slice, which an aligned buffer is, cannot be freed by hand: the collector does it
        }
    }

    /** The blocks from the base to a position, the last one filled up with zeroes. */
    ByteBuffer blocksUpTo(final int position) {
        final int length = position - base;
        final int blocksLength = length + BLOCK_LENGTH - 1 & -BLOCK_LENGTH;
        buffer.setMemory(length, blocksLength - length, (byte) 0);
        return bytes.clear().limit(blocksLength);
    }

    /**
     * After the blocks up to a position were written: goes on with the last one, if it is not full.
     */
    void keepLastBlock(final int position) {
        final int newBase = position & -BLOCK_LENGTH;
        if (newBase > base) {
            buffer.putBytes(0, buffer, newBase - base, position - newBase);
            base = newBase;
        }
    }

    private void allocate(final int length) {
        bytes =
                BufferUtil.allocateDirectAligned(
                        length + BLOCK_LENGTH - 1 & -BLOCK_LENGTH, BLOCK_LENGTH);
        buffer.wrap(bytes);
    }
}
