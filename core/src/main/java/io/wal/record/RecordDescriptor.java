package io.wal.record;

import java.nio.ByteOrder;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The layout of a record, on every medium. All numbers are little-endian; a record begins at a
 * multiple of 8 bytes.
 *
 * <pre>
 *   0               1               2               3
 *  +---------------+---------------+---------------+---------------+
 *  |                            CRC32C                             |  0   of all that follows, padding included,
 *  +---------------------------------------------------------------+      XOR the seed of where it is stored
 *  |                            Length                             |  4   header and payload, without padding
 *  +---------------------------------------------------------------+
 *  |                              LSN                              |  8
 *  |                                                               |
 *  +---------------+---------------+-------------------------------+
 *  |     Kind      |     Flags     |           Reserved            |  16  reserved is zero
 *  +---------------+---------------+-------------------------------+
 *  |                           Reserved                            |  20
 *  +---------------------------------------------------------------+
 *  |                            Payload                           ...  24  then zeroes up to a multiple of 8
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>The seed binds a record to the place and the opening it was written for, so that bytes left
 * over from an earlier use of the same place never pass as records. It is applied by exclusive or,
 * which for a CRC is as strong as feeding the seed in first, and lets the producer compute the
 * checksum before the place is known.
 */
public final class RecordDescriptor {
    /** Offset of the checksum, 4 bytes. */
    public static final int CRC_OFFSET = 0;

    /** Offset of the length, 4 bytes. */
    public static final int LENGTH_OFFSET = CRC_OFFSET + BitUtil.SIZE_OF_INT;

    /** Offset of the LSN, 8 bytes. */
    public static final int LSN_OFFSET = LENGTH_OFFSET + BitUtil.SIZE_OF_INT;

    /** Offset of the {@link RecordKind#code()}, 1 byte. */
    public static final int KIND_OFFSET = LSN_OFFSET + BitUtil.SIZE_OF_LONG;

    /** Offset of the flags, 1 byte; none are defined yet, so it is zero. */
    public static final int FLAGS_OFFSET = KIND_OFFSET + BitUtil.SIZE_OF_BYTE;

    /** Offset of the reserved bytes, 6 bytes of zero. */
    public static final int RESERVED_OFFSET = FLAGS_OFFSET + BitUtil.SIZE_OF_BYTE;

    /** Length of the header, and so the offset of the payload. */
    public static final int HEADER_LENGTH =
            RESERVED_OFFSET + BitUtil.SIZE_OF_SHORT + BitUtil.SIZE_OF_INT;

    /** Records begin at multiples of this. */
    public static final int ALIGNMENT = BitUtil.SIZE_OF_LONG;

    /** The first byte that the checksum covers. */
    public static final int CHECKED_OFFSET = LENGTH_OFFSET;

    /** The LSN of nothing. The first entry of a log has the LSN after it. */
    public static final long NULL_LSN = 0;

    private RecordDescriptor() {}

    /**
     * The space a record takes: header, payload and padding.
     *
     * @param payloadLength of the record, in bytes, at most {@code Integer.MAX_VALUE - 32}.
     * @return the frame length in bytes, a multiple of {@link #ALIGNMENT}.
     */
    public static int frameLength(final int payloadLength) {
        return align(HEADER_LENGTH + payloadLength);
    }

    /**
     * Rounds a length up to the next multiple of {@link #ALIGNMENT}.
     *
     * @param length in bytes.
     * @return the rounded length.
     */
    public static int align(final int length) {
        return BitUtil.align(length, ALIGNMENT);
    }

    /**
     * Writes header and padding of a record whose payload is in place or follows, all but the
     * checksum.
     *
     * @param buffer to write to.
     * @param offset of the record.
     * @param lsn of the record.
     * @param kind of the record.
     * @param payloadLength of the record, in bytes.
     */
    public static void putHeader(
            final MutableDirectBuffer buffer,
            final int offset,
            final long lsn,
            final RecordKind kind,
            final int payloadLength) {
        final int length = HEADER_LENGTH + payloadLength;
        for (int i = offset + length, end = offset + align(length); i < end; i++) {
            buffer.putByte(i, (byte) 0);
        }
        buffer.putInt(offset + LENGTH_OFFSET, length, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(offset + LSN_OFFSET, lsn, ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(
                offset + KIND_OFFSET,
                kind.code(),
                ByteOrder.LITTLE_ENDIAN); // flags and reserved are zero
    }

    /**
     * The stored checksum.
     *
     * @param buffer that holds the record.
     * @param offset of the record.
     * @return the checksum, seed included.
     */
    public static int crc(final DirectBuffer buffer, final int offset) {
        return buffer.getInt(offset + CRC_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Stores the checksum.
     *
     * @param buffer that holds the record.
     * @param offset of the record.
     * @param crc to store, seed included.
     */
    public static void putCrc(final MutableDirectBuffer buffer, final int offset, final int crc) {
        buffer.putInt(offset + CRC_OFFSET, crc, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The stored length: header and payload, without padding. Not to be trusted before the checksum
     * passed.
     *
     * @param buffer that holds the record.
     * @param offset of the record.
     * @return the length in bytes.
     */
    public static int length(final DirectBuffer buffer, final int offset) {
        return buffer.getInt(offset + LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The stored LSN.
     *
     * @param buffer that holds the record.
     * @param offset of the record.
     * @return the LSN.
     */
    public static long lsn(final DirectBuffer buffer, final int offset) {
        return buffer.getLong(offset + LSN_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * The stored kind.
     *
     * @param buffer that holds the record.
     * @param offset of the record.
     * @return the kind, or null when the stored code means nothing.
     */
    public static RecordKind kind(final DirectBuffer buffer, final int offset) {
        return RecordKind.ofCode(buffer.getByte(offset + KIND_OFFSET));
    }

    /**
     * Whether the header at an offset could be one: known kind, zero where zero belongs, a length
     * that fits. This is what makes it safe to run the checksum over the length it claims.
     *
     * @param buffer that holds the bytes; at least {@link #HEADER_LENGTH} from the offset on.
     * @param offset of the supposed record.
     * @param available bytes from the offset to the end of the space that records may fill.
     * @return whether the checksum is worth computing.
     */
    public static boolean isPlausible(
            final DirectBuffer buffer, final int offset, final long available) {
        return plausibleKind(buffer, offset, available) != null;
    }

    /**
     * The stored kind, when the header at an offset {@link #isPlausible could be one}.
     *
     * @param buffer that holds the bytes; at least {@link #HEADER_LENGTH} from the offset on.
     * @param offset of the supposed record.
     * @param available bytes from the offset to the end of the space that records may fill.
     * @return the kind, or null when the checksum is not worth computing.
     */
    public static RecordKind plausibleKind(
            final DirectBuffer buffer, final int offset, final long available) {
        final long kindAndZeroes = buffer.getLong(offset + KIND_OFFSET, ByteOrder.LITTLE_ENDIAN);
        if (kindAndZeroes <= 0 || kindAndZeroes > Byte.MAX_VALUE) {
            return null;
        }
        final int length = length(buffer, offset);
        return length >= HEADER_LENGTH && BitUtil.align((long) length, ALIGNMENT) <= available
                ? RecordKind.ofCode((byte) kindAndZeroes)
                : null;
    }
}
