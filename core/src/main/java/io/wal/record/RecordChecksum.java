package io.wal.record;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * CRC32C of a record, by the JDK's intrinsic, without allocation. One owner at a time: it holds the
 * running state.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4">CRC32C, RFC 3720 appendix
 *     B.4</a>
 */
public final class RecordChecksum {
    private static final int ALIGNED_OFFSET = RecordDescriptor.LSN_OFFSET;
    private static final int UNALIGNED_LENGTH = ALIGNED_OFFSET - RecordDescriptor.CHECKED_OFFSET;

    private final CRC32C crc = new CRC32C();

    /** Creates a checksum. */
    public RecordChecksum() {}

    /**
     * The unseeded checksum of a frame in an array.
     *
     * <p>The JDK's intrinsic loads eight bytes at a time from where it begins. Where the frame was
     * just put together, a load that spans two stores would wait until both are in the cache; so
     * the longer part of the frame begins where a field of the header does.
     *
     * @param array that holds the frame.
     * @param offset of the frame.
     * @param frameLength of the frame, padding included.
     * @return the checksum; the stored one is this XOR the seed.
     */
    public int compute(final byte[] array, final int offset, final int frameLength) {
        crc.reset();
        crc.update(array, offset + RecordDescriptor.CHECKED_OFFSET, UNALIGNED_LENGTH);
        crc.update(array, offset + ALIGNED_OFFSET, frameLength - ALIGNED_OFFSET);
        return (int) crc.getValue();
    }

    /**
     * The unseeded checksum of a frame in a buffer, whose position and limit are changed.
     *
     * @param buffer that holds the frame.
     * @param offset of the frame, as an absolute index.
     * @param frameLength of the frame, padding included.
     * @return the checksum; the stored one is this XOR the seed.
     */
    public int compute(final ByteBuffer buffer, final int offset, final int frameLength) {
        crc.reset();
        buffer.limit(offset + frameLength).position(offset + RecordDescriptor.CHECKED_OFFSET);
        crc.update(buffer);
        return (int) crc.getValue();
    }

    /**
     * The plain CRC32C of a region, for layouts other than records. Position and limit of the
     * buffer are changed.
     *
     * @param buffer that holds the bytes.
     * @param offset of the first byte, as an absolute index.
     * @param length in bytes.
     * @return the checksum.
     */
    public int of(final ByteBuffer buffer, final int offset, final int length) {
        crc.reset();
        buffer.limit(offset + length).position(offset);
        crc.update(buffer);
        return (int) crc.getValue();
    }

    /**
     * The seed for a place: the CRC32C of the numbers that name it.
     *
     * @param first number, for instance the id of the log.
     * @param second number, for instance the generation.
     * @param third number, for instance the index of the segment.
     * @return the seed.
     */
    public int seedOf(final long first, final long second, final long third) {
        crc.reset();
        update(first);
        update(second);
        update(third);
        return (int) crc.getValue();
    }

    private void update(final long value) {
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            crc.update((int) (value >>> shift) & 0xFF);
        }
    }

    /**
     * The running checksum over the records of a segment: order matters, each record counts.
     *
     * @param running checksum so far, 0 at the begin.
     * @param crc unseeded checksum of the next record.
     * @return the running checksum including it.
     */
    public static long chain(final long running, final int crc) {
        return (running ^ (crc & 0xFFFF_FFFFL)) * 0x9E37_79B9_7F4A_7C15L + 1;
    }
}
