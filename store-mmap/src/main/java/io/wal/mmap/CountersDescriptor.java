package io.wal.mmap;

import org.agrona.BitUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;

/**
 * The layout of a counters file: a header, then labels and values as Agrona's {@link
 * CountersReader} knows them, in the byte order of the machine.
 *
 * <pre>
 *  +---------------------------------------------------------------+
 *  |                        Magic (8 bytes)                        |  MAGIC_OFFSET
 *  +-------------------------------+-------------------------------+
 *  |            Version            |           reserved            |  VERSION_OFFSET
 *  +-------------------------------+-------------------------------+
 *  |        Metadata offset        |        Metadata length        |
 *  +-------------------------------+-------------------------------+
 *  |         Values offset         |         Values length         |
 *  +-------------------------------+-------------------------------+
 *  |                        Log id (8 bytes)                       |
 *  |                      Generation (8 bytes)                     |
 *  |                   Process of writer (8 bytes)                 |
 *  |              Opened, ms since 1970 (8 bytes)                  |
 *  +---------------------------------------------------------------+
 *  |       Tick (8 bytes): odd while values are being put          |  TICK_OFFSET
 *  |          Changed, ms since 1970 (8 bytes)                     |
 *  +---------------------------------------------------------------+
 *  |                  metadata, from a page's begin                |  METADATA_OFFSET
 *  |                             values                            |  VALUES_OFFSET
 *  +---------------------------------------------------------------+
 * </pre>
 */
final class CountersDescriptor {
    /** "walcount" where bytes are little-endian. */
    static final long MAGIC = 0x746E756F636C6177L;

    static final int VERSION = 1;
    static final int MOST_COUNTERS = 32;

    private static final int MAGIC_OFFSET = 0;
    private static final int VERSION_OFFSET = MAGIC_OFFSET + BitUtil.SIZE_OF_LONG;
    private static final int METADATA_OFFSET_OFFSET = VERSION_OFFSET + 2 * BitUtil.SIZE_OF_INT;
    private static final int METADATA_LENGTH_OFFSET = METADATA_OFFSET_OFFSET + BitUtil.SIZE_OF_INT;
    private static final int VALUES_OFFSET_OFFSET = METADATA_LENGTH_OFFSET + BitUtil.SIZE_OF_INT;
    private static final int VALUES_LENGTH_OFFSET = VALUES_OFFSET_OFFSET + BitUtil.SIZE_OF_INT;
    private static final int LOG_ID_OFFSET = VALUES_LENGTH_OFFSET + BitUtil.SIZE_OF_INT;
    private static final int GENERATION_OFFSET = LOG_ID_OFFSET + BitUtil.SIZE_OF_LONG;
    private static final int PROCESS_OFFSET = GENERATION_OFFSET + BitUtil.SIZE_OF_LONG;
    private static final int OPENED_OFFSET = PROCESS_OFFSET + BitUtil.SIZE_OF_LONG;
    private static final int TICK_OFFSET = OPENED_OFFSET + BitUtil.SIZE_OF_LONG;
    private static final int CHANGED_OFFSET = TICK_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int HEADER_LENGTH = CHANGED_OFFSET + BitUtil.SIZE_OF_LONG;

    static final int METADATA_OFFSET = SegmentDescriptor.PAGE_LENGTH;
    static final int METADATA_LENGTH = MOST_COUNTERS * CountersReader.METADATA_LENGTH;
    static final int VALUES_OFFSET = METADATA_OFFSET + METADATA_LENGTH;
    static final int VALUES_LENGTH = MOST_COUNTERS * CountersReader.COUNTER_LENGTH;
    static final int FILE_LENGTH = VALUES_OFFSET + VALUES_LENGTH;

    private CountersDescriptor() {}

    /** All but the magic, which comes last. */
    static void putHeader(
            final UnsafeBuffer buffer,
            final long logId,
            final long generation,
            final long process,
            final long openedMs) {
        buffer.putInt(VERSION_OFFSET, VERSION);
        buffer.putInt(METADATA_OFFSET_OFFSET, METADATA_OFFSET);
        buffer.putInt(METADATA_LENGTH_OFFSET, METADATA_LENGTH);
        buffer.putInt(VALUES_OFFSET_OFFSET, VALUES_OFFSET);
        buffer.putInt(VALUES_LENGTH_OFFSET, VALUES_LENGTH);
        buffer.putLong(LOG_ID_OFFSET, logId);
        buffer.putLong(GENERATION_OFFSET, generation);
        buffer.putLong(PROCESS_OFFSET, process);
        buffer.putLong(OPENED_OFFSET, openedMs);
    }

    static void putMagic(final UnsafeBuffer buffer, final long magic) {
        buffer.putLongVolatile(MAGIC_OFFSET, magic);
    }

    static long magic(final UnsafeBuffer buffer) {
        return buffer.getLong(MAGIC_OFFSET);
    }

    static int version(final UnsafeBuffer buffer) {
        return buffer.getInt(VERSION_OFFSET);
    }

    static long logId(final UnsafeBuffer buffer) {
        return buffer.getLong(LOG_ID_OFFSET);
    }

    static long generation(final UnsafeBuffer buffer) {
        return buffer.getLong(GENERATION_OFFSET);
    }

    static long process(final UnsafeBuffer buffer) {
        return buffer.getLong(PROCESS_OFFSET);
    }

    static long openedMs(final UnsafeBuffer buffer) {
        return buffer.getLong(OPENED_OFFSET);
    }

    static long tick(final UnsafeBuffer buffer) {
        return buffer.getLong(TICK_OFFSET);
    }

    static void putTick(final UnsafeBuffer buffer, final long tick) {
        buffer.putLongVolatile(TICK_OFFSET, tick);
    }

    static long changedMs(final UnsafeBuffer buffer) {
        return buffer.getLong(CHANGED_OFFSET);
    }

    static void putChangedMs(final UnsafeBuffer buffer, final long changedMs) {
        buffer.putLong(CHANGED_OFFSET, changedMs);
    }

    static UnsafeBuffer metadata(final UnsafeBuffer buffer) {
        return new UnsafeBuffer(
                buffer,
                buffer.getInt(METADATA_OFFSET_OFFSET),
                buffer.getInt(METADATA_LENGTH_OFFSET));
    }

    static UnsafeBuffer values(final UnsafeBuffer buffer) {
        return new UnsafeBuffer(
                buffer, buffer.getInt(VALUES_OFFSET_OFFSET), buffer.getInt(VALUES_LENGTH_OFFSET));
    }

    /** Whether the header names places within a file of that length. */
    static boolean isWithin(final UnsafeBuffer buffer, final int length) {
        return isWithin(
                        buffer.getInt(METADATA_OFFSET_OFFSET),
                        buffer.getInt(METADATA_LENGTH_OFFSET),
                        length)
                && isWithin(
                        buffer.getInt(VALUES_OFFSET_OFFSET),
                        buffer.getInt(VALUES_LENGTH_OFFSET),
                        length);
    }

    private static boolean isWithin(final int offset, final int partLength, final int length) {
        return offset >= HEADER_LENGTH && partLength >= 0 && offset <= length - partLength;
    }
}
