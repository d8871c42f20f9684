package io.wal.mmap;

import io.wal.UnsupportedFormatException;
import io.wal.record.RecordChecksum;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.BitUtil;

/**
 * The layout of the control file: two slots, one page apart, written in turn. The sound slot with
 * the higher sequence counts, so that a write that was cut short leaves the one before. All numbers
 * are little-endian.
 *
 * <pre>
 *    0  magic              8   "walctrl" and a line feed
 *    8  format version     4
 *   12  reserved           4   zero
 *   16  sequence           8   counts the writes, from 1
 *   24  log id             8
 *   32  generation         8   last opening for writing
 *   40  first segment      8   index of the first segment that is needed; those before it may be gone
 *   48  start LSN          8   start of a finalized checkpoint, or 1
 *   56  end LSN            8   last LSN that this checkpoint's entries may have, or 0
 *   64  begun segment      8   index of a segment that was begun; later ones may have been as well
 *   72  durable LSN        8   of an entry that was durable; at a clean close, of the last one
 *   80  CRC32C             4   of the 80 bytes above
 * 4096  the second slot
 * </pre>
 */
final class ControlDescriptor {
    static final long MAGIC = 0x0A6C_7274_636C_6177L;
    static final int VERSION = SegmentDescriptor.VERSION;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = MAGIC_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int SEQUENCE_OFFSET = VERSION_OFFSET + 2 * BitUtil.SIZE_OF_INT;
    static final int LOG_ID_OFFSET = SEQUENCE_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int GENERATION_OFFSET = LOG_ID_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int FIRST_SEGMENT_OFFSET = GENERATION_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int START_LSN_OFFSET = FIRST_SEGMENT_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int END_LSN_OFFSET = START_LSN_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int BEGUN_SEGMENT_OFFSET = END_LSN_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int DURABLE_LSN_OFFSET = BEGUN_SEGMENT_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int CRC_OFFSET = DURABLE_LSN_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int SLOT_LENGTH = CRC_OFFSET + BitUtil.SIZE_OF_INT;

    static final int SLOT_COUNT = 2;
    static final int SLOT_DISTANCE = SegmentDescriptor.PAGE_LENGTH;
    static final int FILE_LENGTH = SLOT_COUNT * SLOT_DISTANCE;

    private ControlDescriptor() {}

    /** Where a state is written: in turn with the one before. */
    static long slotOffset(final Control control) {
        return control.sequence() % SLOT_COUNT * SLOT_DISTANCE;
    }

    static void encode(final Control control, final ByteBuffer buffer) {
        buffer.order(ByteOrder.LITTLE_ENDIAN).clear();
        buffer.putLong(MAGIC_OFFSET, MAGIC);
        buffer.putInt(VERSION_OFFSET, VERSION);
        buffer.putInt(VERSION_OFFSET + BitUtil.SIZE_OF_INT, 0);
        buffer.putLong(SEQUENCE_OFFSET, control.sequence());
        buffer.putLong(LOG_ID_OFFSET, control.logId());
        buffer.putLong(GENERATION_OFFSET, control.generation());
        buffer.putLong(FIRST_SEGMENT_OFFSET, control.firstSegmentIndex());
        buffer.putLong(START_LSN_OFFSET, control.startLsn());
        buffer.putLong(END_LSN_OFFSET, control.endLsn());
        buffer.putLong(BEGUN_SEGMENT_OFFSET, control.begunSegmentIndex());
        buffer.putLong(DURABLE_LSN_OFFSET, control.durableLsn());
        final int crc = new RecordChecksum().of(buffer, 0, CRC_OFFSET);
        buffer.clear();
        buffer.putInt(CRC_OFFSET, crc);
    }

    /**
     * Reads the slot at an offset.
     *
     * @return the state, or null when the slot was never written or is damaged.
     * @throws UnsupportedFormatException when a sound slot names another version.
     */
    static Control decode(final ByteBuffer buffer, final int offset, final String name) {
        buffer.order(ByteOrder.LITTLE_ENDIAN).clear();
        final boolean sound =
                buffer.getLong(offset + MAGIC_OFFSET) == MAGIC
                        && buffer.getInt(offset + CRC_OFFSET)
                                == new RecordChecksum().of(buffer, offset, CRC_OFFSET);
        buffer.clear();
        if (!sound) {
            return null;
        }
        final int version = buffer.getInt(offset + VERSION_OFFSET);
        if (version != VERSION) {
            throw new UnsupportedFormatException(name, version, VERSION);
        }
        return new Control(
                buffer.getLong(offset + SEQUENCE_OFFSET),
                buffer.getLong(offset + LOG_ID_OFFSET),
                buffer.getLong(offset + GENERATION_OFFSET),
                buffer.getLong(offset + FIRST_SEGMENT_OFFSET),
                buffer.getLong(offset + START_LSN_OFFSET),
                buffer.getLong(offset + END_LSN_OFFSET),
                buffer.getLong(offset + BEGUN_SEGMENT_OFFSET),
                buffer.getLong(offset + DURABLE_LSN_OFFSET));
    }
}
