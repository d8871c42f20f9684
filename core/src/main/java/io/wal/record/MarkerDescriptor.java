package io.wal.record;

import java.nio.ByteOrder;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The payloads of the records that the log writes for itself. All numbers are little-endian;
 * offsets count from the begin of the payload.
 *
 * <pre>
 *  BATCH     0  durable LSN      every entry up to it was on stable storage when this batch was written
 *
 *  FINALIZE  0  start LSN        the checkpoint spans the LSNs from here to the LSN in the record's header
 *
 *  SEAL      0  durable LSN      as in BATCH: what was durable before this record was written
 *            8  checksum         running checksum of the segment's records
 *           16  segment length   of the sealed file, in bytes
 *
 *  CLOSE     0  durable LSN      the last entry of the log; it and all before it were durable before this record
 * </pre>
 *
 * <p>BATCH, SEAL and CLOSE share the place of the durable LSN: it is the evidence that tells damage
 * from a torn tail.
 */
public final class MarkerDescriptor {
    /** Offset of the durable LSN in BATCH, SEAL and CLOSE. */
    public static final int DURABLE_LSN_OFFSET = 0;

    /** Offset of the first LSN of the checkpoint in FINALIZE. */
    public static final int START_LSN_OFFSET = 0;

    /** Offset of the running checksum in SEAL. */
    public static final int CHECKSUM_OFFSET = DURABLE_LSN_OFFSET + BitUtil.SIZE_OF_LONG;

    /** Offset of the segment length in SEAL. */
    public static final int SEGMENT_LENGTH_OFFSET = CHECKSUM_OFFSET + BitUtil.SIZE_OF_LONG;

    private MarkerDescriptor() {}

    /**
     * The payload length of a marker.
     *
     * @param kind of the marker.
     * @return the length in bytes.
     * @throws IllegalArgumentException when the kind is an entry's.
     */
    public static int payloadLength(final RecordKind kind) {
        return switch (kind) {
            case BATCH, FINALIZE, CLOSE -> DURABLE_LSN_OFFSET + BitUtil.SIZE_OF_LONG;
            case SEAL -> SEGMENT_LENGTH_OFFSET + BitUtil.SIZE_OF_LONG;
            case DATA, CHECKPOINT, VOID ->
                    throw new IllegalArgumentException(kind + " is an entry, not a marker");
        };
    }

    /**
     * The space a marker takes as a record.
     *
     * @param kind of the marker.
     * @return the frame length in bytes.
     */
    public static int frameLength(final RecordKind kind) {
        return RecordDescriptor.frameLength(payloadLength(kind));
    }

    /**
     * Whether a record names an LSN as durable.
     *
     * @param kind of the record.
     * @return true for BATCH, SEAL and CLOSE.
     */
    public static boolean namesDurableLsn(final RecordKind kind) {
        return kind == RecordKind.BATCH || kind == RecordKind.SEAL || kind == RecordKind.CLOSE;
    }

    /**
     * Reads a field of a marker.
     *
     * @param buffer that holds the record.
     * @param recordOffset of the record in the buffer.
     * @param field one of the offsets of this class.
     * @return its value.
     */
    public static long get(final DirectBuffer buffer, final int recordOffset, final int field) {
        return buffer.getLong(
                recordOffset + RecordDescriptor.HEADER_LENGTH + field, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Writes a field of a marker.
     *
     * @param buffer that holds the record.
     * @param recordOffset of the record in the buffer.
     * @param field one of the offsets of this class.
     * @param value to store.
     */
    public static void put(
            final MutableDirectBuffer buffer,
            final int recordOffset,
            final int field,
            final long value) {
        buffer.putLong(
                recordOffset + RecordDescriptor.HEADER_LENGTH + field,
                value,
                ByteOrder.LITTLE_ENDIAN);
    }
}
