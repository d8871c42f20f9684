package io.wal.mmap.sim;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The control file, read by its description in {@code FORMAT.md} and not by the code under test.
 */
final class ControlImage {
    private static final int SLOT_DISTANCE = 4096;
    private static final int SEQUENCE_OFFSET = 16;
    private static final int FIRST_SEGMENT_OFFSET = 40;
    private static final int START_LSN_OFFSET = 48;
    private static final int END_LSN_OFFSET = 56;
    private static final int DURABLE_LSN_OFFSET = 72;

    private ControlImage() {}

    static long firstSegment(final byte[] content) {
        return field(content, FIRST_SEGMENT_OFFSET);
    }

    static long startLsn(final byte[] content) {
        return field(content, START_LSN_OFFSET);
    }

    /** The last LSN that the file proves to be durable. */
    static long durableLsn(final byte[] content) {
        return Math.max(
                Math.max(startLsn(content) - 1, field(content, END_LSN_OFFSET)),
                field(content, DURABLE_LSN_OFFSET));
    }

    /** Where the slot is that was written last. */
    static int newestSlot(final byte[] content) {
        final ByteBuffer buffer = buffer(content);
        return buffer.getLong(SEQUENCE_OFFSET) > buffer.getLong(SLOT_DISTANCE + SEQUENCE_OFFSET)
                ? 0
                : SLOT_DISTANCE;
    }

    private static long field(final byte[] content, final int offset) {
        return buffer(content).getLong(newestSlot(content) + offset);
    }

    private static ByteBuffer buffer(final byte[] content) {
        return ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
    }
}
