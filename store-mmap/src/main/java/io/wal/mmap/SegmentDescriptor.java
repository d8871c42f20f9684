package io.wal.mmap;

import io.wal.UnsupportedFormatException;
import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BitUtil;

/**
 * The layout of a segment: a header in the first 512-byte sector of the first page, then records
 * from the second page on. All numbers are little-endian.
 *
 * <pre>
 *    0  magic              8   "walsegm" and a line feed
 *    8  format version     4
 *   12  reserved           4   zero
 *   16  log id             8   the same in all files of a log
 *   24  index              8   number of the segment, from 1; also its file name
 *   32  generation         8   opening for writing that prepared or began the segment
 *   40  segment length     8   of the file, in bytes
 *   48  first LSN          8   of the first entry; 0 while the segment is only prepared
 *   56  predecessor LSN    8   last LSN of the segment before; first LSN - 1
 *   64  predecessor check  8   running checksum of the segment before; 0 for none
 *   72  CRC32C             4   of the 72 bytes above
 * 4096  records
 * </pre>
 *
 * <p>The header is written twice: when the segment is prepared, and when it is begun. Both are
 * whole sectors, which a disk writes or does not. The space at the end that {@link #RESERVE} keeps
 * free always has room for the markers that end a segment.
 */
final class SegmentDescriptor {
    static final long MAGIC = 0x0A6D_6765_736C_6177L;
    static final int VERSION = 1;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = MAGIC_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int LOG_ID_OFFSET = VERSION_OFFSET + 2 * BitUtil.SIZE_OF_INT;
    static final int INDEX_OFFSET = LOG_ID_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int GENERATION_OFFSET = INDEX_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int SEGMENT_LENGTH_OFFSET = GENERATION_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int FIRST_LSN_OFFSET = SEGMENT_LENGTH_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int PREDECESSOR_LSN_OFFSET = FIRST_LSN_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int PREDECESSOR_CHECKSUM_OFFSET = PREDECESSOR_LSN_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int CRC_OFFSET = PREDECESSOR_CHECKSUM_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int HEADER_LENGTH = CRC_OFFSET + BitUtil.SIZE_OF_INT;

    static final int PAGE_LENGTH = 4096;

    /** Where the records begin. */
    static final int RECORDS_OFFSET = PAGE_LENGTH;

    /**
     * Space at the end that entries leave free for the markers that may follow the last of them.
     */
    static final int RESERVE =
            MarkerDescriptor.frameLength(RecordKind.FINALIZE)
                    + MarkerDescriptor.frameLength(RecordKind.CLOSE)
                    + MarkerDescriptor.frameLength(RecordKind.SEAL);

    static final int MIN_SEGMENT_LENGTH = 2 * PAGE_LENGTH;
    static final int MAX_SEGMENT_LENGTH = 1 << 30;

    /** The smallest remainder of a segment for which an entry of the given frame length fits. */
    static int spaceFor(final int frameLength) {
        return MarkerDescriptor.frameLength(RecordKind.BATCH) + frameLength + RESERVE;
    }

    static int maxPayloadLength(final int segmentLength) {
        return segmentLength - RECORDS_OFFSET - spaceFor(0) - RecordDescriptor.HEADER_LENGTH;
    }

    private SegmentDescriptor() {}

    /**
     * Writes a header into a buffer at an absolute index; the buffer's position and limit are
     * changed.
     */
    static void encode(final SegmentHeader header, final ByteBuffer buffer, final int offset) {
        buffer.order(ByteOrder.LITTLE_ENDIAN).clear();
        buffer.putLong(offset + MAGIC_OFFSET, MAGIC);
        buffer.putInt(offset + VERSION_OFFSET, VERSION);
        buffer.putInt(offset + VERSION_OFFSET + BitUtil.SIZE_OF_INT, 0);
        buffer.putLong(offset + LOG_ID_OFFSET, header.logId());
        buffer.putLong(offset + INDEX_OFFSET, header.index());
        buffer.putLong(offset + GENERATION_OFFSET, header.generation());
        buffer.putLong(offset + SEGMENT_LENGTH_OFFSET, header.segmentLength());
        buffer.putLong(offset + FIRST_LSN_OFFSET, header.firstLsn());
        buffer.putLong(offset + PREDECESSOR_LSN_OFFSET, header.predecessorLsn());
        buffer.putLong(offset + PREDECESSOR_CHECKSUM_OFFSET, header.predecessorChecksum());
        final int crc = new RecordChecksum().of(buffer, offset, CRC_OFFSET);
        buffer.clear();
        buffer.putInt(offset + CRC_OFFSET, crc);
    }

    /**
     * Reads a header.
     *
     * @return the header, or null when there is none or it is damaged.
     * @throws UnsupportedFormatException when a sound header names another version.
     */
    static SegmentHeader decode(final ByteBuffer buffer, final int available, final String name) {
        if (available < HEADER_LENGTH) {
            return null;
        }
        buffer.order(ByteOrder.LITTLE_ENDIAN).clear();
        final boolean sound =
                buffer.getLong(MAGIC_OFFSET) == MAGIC
                        && buffer.getInt(CRC_OFFSET)
                                == new RecordChecksum().of(buffer, 0, CRC_OFFSET);
        buffer.clear();
        if (!sound) {
            return null;
        }
        final int version = buffer.getInt(VERSION_OFFSET);
        if (version != VERSION) {
            throw new UnsupportedFormatException(name, version, VERSION);
        }
        return new SegmentHeader(
                buffer.getLong(LOG_ID_OFFSET),
                buffer.getLong(INDEX_OFFSET),
                buffer.getLong(GENERATION_OFFSET),
                buffer.getLong(SEGMENT_LENGTH_OFFSET),
                buffer.getLong(FIRST_LSN_OFFSET),
                buffer.getLong(PREDECESSOR_LSN_OFFSET),
                buffer.getLong(PREDECESSOR_CHECKSUM_OFFSET));
    }
}
