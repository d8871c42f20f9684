package io.wal.etcd;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/**
 * The layout of a batch: the value of one key, written by one transaction. All numbers are
 * little-endian.
 *
 * <pre>
 *   0               1               2               3
 *  +---------------+---------------+---------------+---------------+
 *  |                             Magic                             |  0   "WALB"
 *  +---------------------------------------------------------------+
 *  |                            CRC32C                             |  4   of all that follows
 *  +---------------+---------------+-------------------------------+
 *  |    Version    |     Flags     |           Reserved            |  8   flags and reserved are zero
 *  +---------------+---------------+-------------------------------+
 *  |                         Record Count                          |  12
 *  +---------------------------------------------------------------+
 *  |                            Log Id                             |  16  the registration's
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                             Epoch                             |  24  of the writer
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                           First LSN                           |  32  also in the key
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  |                          Durable LSN                          |  40  all up to it was acknowledged
 *  |                                                               |      when this batch was made
 *  +---------------------------------------------------------------+
 *  |                        Records Length                         |  48
 *  +---------------------------------------------------------------+
 *  |                           Reserved                            |  52
 *  +---------------------------------------------------------------+
 *  |                           Records                            ...  56  frames, one after the other
 *  +---------------------------------------------------------------+
 * </pre>
 *
 * <p>A batch holds entries only, with dense LSNs, and at least one. The durable LSN is the evidence
 * that tells damage from a torn tail: batches in flight are stored in any order, so one may be
 * missing before others, but never one that a later batch names as durable.
 */
final class BatchDescriptor {
    static final int MAGIC = 0x424C4157; // "WALB"
    static final int VERSION = 1;

    static final int MAGIC_OFFSET = 0;
    static final int CRC_OFFSET = MAGIC_OFFSET + BitUtil.SIZE_OF_INT;
    static final int VERSION_OFFSET = CRC_OFFSET + BitUtil.SIZE_OF_INT;
    static final int FLAGS_OFFSET = VERSION_OFFSET + BitUtil.SIZE_OF_BYTE;
    static final int COUNT_OFFSET = FLAGS_OFFSET + BitUtil.SIZE_OF_BYTE + BitUtil.SIZE_OF_SHORT;
    static final int LOG_ID_OFFSET = COUNT_OFFSET + BitUtil.SIZE_OF_INT;
    static final int EPOCH_OFFSET = LOG_ID_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int FIRST_LSN_OFFSET = EPOCH_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int DURABLE_LSN_OFFSET = FIRST_LSN_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int RECORDS_LENGTH_OFFSET = DURABLE_LSN_OFFSET + BitUtil.SIZE_OF_LONG;
    static final int HEADER_LENGTH =
            RECORDS_LENGTH_OFFSET + BitUtil.SIZE_OF_INT + BitUtil.SIZE_OF_INT;

    private BatchDescriptor() {}

    /** Writes the header of a batch whose records are in place; the checksum comes last. */
    static void putHeader(
            final MutableDirectBuffer batch,
            final long logId,
            final long epoch,
            final long firstLsn,
            final long durableLsn,
            final int count,
            final int recordsLength) {
        batch.setMemory(0, HEADER_LENGTH, (byte) 0);
        batch.putInt(MAGIC_OFFSET, MAGIC, ByteOrder.LITTLE_ENDIAN);
        batch.putByte(VERSION_OFFSET, (byte) VERSION);
        batch.putInt(COUNT_OFFSET, count, ByteOrder.LITTLE_ENDIAN);
        batch.putLong(LOG_ID_OFFSET, logId, ByteOrder.LITTLE_ENDIAN);
        batch.putLong(EPOCH_OFFSET, epoch, ByteOrder.LITTLE_ENDIAN);
        batch.putLong(FIRST_LSN_OFFSET, firstLsn, ByteOrder.LITTLE_ENDIAN);
        batch.putLong(DURABLE_LSN_OFFSET, durableLsn, ByteOrder.LITTLE_ENDIAN);
        batch.putInt(RECORDS_LENGTH_OFFSET, recordsLength, ByteOrder.LITTLE_ENDIAN);
    }

    static void putCrc(final MutableDirectBuffer batch, final int crc) {
        batch.putInt(CRC_OFFSET, crc, ByteOrder.LITTLE_ENDIAN);
    }

    /** The checksum that a batch of a length should have. */
    static int computeCrc(final byte[] batch, final int length) {
        final CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.wrap(batch, VERSION_OFFSET, length - VERSION_OFFSET));
        return (int) crc.getValue();
    }

    static int magic(final DirectBuffer batch) {
        return batch.getInt(MAGIC_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    static int crc(final DirectBuffer batch) {
        return batch.getInt(CRC_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    static int version(final DirectBuffer batch) {
        return batch.getByte(VERSION_OFFSET) & 0xFF;
    }

    static int count(final DirectBuffer batch) {
        return batch.getInt(COUNT_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    static long logId(final DirectBuffer batch) {
        return batch.getLong(LOG_ID_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    static long epoch(final DirectBuffer batch) {
        return batch.getLong(EPOCH_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    static long firstLsn(final DirectBuffer batch) {
        return batch.getLong(FIRST_LSN_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    static long durableLsn(final DirectBuffer batch) {
        return batch.getLong(DURABLE_LSN_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }

    static int recordsLength(final DirectBuffer batch) {
        return batch.getInt(RECORDS_LENGTH_OFFSET, ByteOrder.LITTLE_ENDIAN);
    }
}
