package io.wal.etcd;

import io.wal.UnsupportedFormatException;
import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Looks at batches, one after the other. Nothing of a batch is to be believed before it was
 * checked.
 */
final class BatchView {
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private final RecordChecksum checksum = new RecordChecksum();
    private byte[] value;
    private int seed;
    private int nextOffset;
    private long nextLsn;

    /**
     * What is wrong with a batch.
     *
     * @param offset in the value.
     * @param lsn first LSN concerned.
     * @param reason in words.
     */
    record Flaw(int offset, long lsn, String reason) {}

    /** Receives the records of a batch. */
    interface RecordHandler {
        /** Wants none. */
        RecordHandler NONE = (recordOffset, lsn, kind, buffer, offset, length) -> {};

        void onRecord(
                int recordOffset,
                long lsn,
                RecordKind kind,
                DirectBuffer buffer,
                int offset,
                int length);
    }

    /**
     * Takes a batch and checks it as a whole.
     *
     * @param entry the key and the batch.
     * @param keyLsn the LSN in the key.
     * @param logId of the log.
     * @return what is wrong with it; null when it is sound.
     * @throws UnsupportedFormatException when it has a newer version.
     */
    Flaw wrap(final KvEntry entry, final long keyLsn, final long logId) {
        value = entry.value();
        buffer.wrap(value);
        if (value.length < BatchDescriptor.HEADER_LENGTH
                || BatchDescriptor.magic(buffer) != BatchDescriptor.MAGIC) {
            return new Flaw(0, keyLsn, "no batch");
        }
        if (BatchDescriptor.version(buffer) > BatchDescriptor.VERSION) {
            throw new UnsupportedFormatException(
                    entry.key(), BatchDescriptor.version(buffer), BatchDescriptor.VERSION);
        }
        if (BatchDescriptor.computeCrc(value, value.length) != BatchDescriptor.crc(buffer)) {
            return new Flaw(BatchDescriptor.CRC_OFFSET, keyLsn, "checksum mismatch of the batch");
        }
        if (BatchDescriptor.logId(buffer) != logId) {
            return new Flaw(
                    BatchDescriptor.LOG_ID_OFFSET,
                    keyLsn,
                    "batch of another log, " + Long.toHexString(BatchDescriptor.logId(buffer)));
        }
        if (firstLsn() != keyLsn) {
            return new Flaw(
                    BatchDescriptor.FIRST_LSN_OFFSET,
                    keyLsn,
                    "batch of another key, that of LSN " + firstLsn());
        }
        if (count() < 1
                || BatchDescriptor.recordsLength(buffer)
                        != value.length - BatchDescriptor.HEADER_LENGTH) {
            return new Flaw(
                    BatchDescriptor.COUNT_OFFSET, keyLsn, "impossible length or count of records");
        }
        seed = checksum.seedOf(logId, epoch(), keyLsn);
        rewind();
        return null;
    }

    long firstLsn() {
        return BatchDescriptor.firstLsn(buffer);
    }

    long lastLsn() {
        return firstLsn() + count() - 1;
    }

    long epoch() {
        return BatchDescriptor.epoch(buffer);
    }

    long durableLsn() {
        return BatchDescriptor.durableLsn(buffer);
    }

    int length() {
        return value.length;
    }

    private int count() {
        return BatchDescriptor.count(buffer);
    }

    /**
     * Checks the records and hands them on, in order.
     *
     * @param handler receives them.
     * @return the first flaw; null when there is none.
     */
    Flaw forEachRecord(final RecordHandler handler) {
        rewind();
        Flaw flaw = null;
        while (flaw == null && hasNext()) {
            flaw = next(handler);
        }
        return flaw;
    }

    /** Before the first record. */
    private void rewind() {
        nextOffset = BatchDescriptor.HEADER_LENGTH;
        nextLsn = firstLsn();
    }

    /** Whether records, or bytes that should not be there, follow. */
    boolean hasNext() {
        return nextOffset < value.length || nextLsn <= lastLsn();
    }

    /** The LSN that the next record should have. */
    long nextLsn() {
        return nextLsn;
    }

    /** Checks the next record and hands it on; returns what is wrong with it, or null. */
    Flaw next(final RecordHandler handler) {
        final int offset = nextOffset;
        final long lsn = nextLsn;
        final int available = value.length - offset;
        if (lsn > lastLsn()
                || available < RecordDescriptor.HEADER_LENGTH
                || !RecordDescriptor.isPlausible(buffer, offset, available)) {
            return new Flaw(offset, Math.min(lsn, lastLsn()), "no record");
        }
        final int payloadLength =
                RecordDescriptor.length(buffer, offset) - RecordDescriptor.HEADER_LENGTH;
        final int frameLength = RecordDescriptor.frameLength(payloadLength);
        if ((checksum.compute(value, offset, frameLength) ^ seed)
                != RecordDescriptor.crc(buffer, offset)) {
            return new Flaw(offset, lsn, "checksum mismatch of the record");
        }
        final RecordKind kind = RecordDescriptor.kind(buffer, offset);
        if (RecordDescriptor.lsn(buffer, offset) != lsn || !kind.isEntry()) {
            return new Flaw(
                    offset,
                    lsn,
                    "record of kind "
                            + kind
                            + " and LSN "
                            + RecordDescriptor.lsn(buffer, offset)
                            + " in the place of an entry");
        }
        nextOffset = offset + frameLength;
        nextLsn = lsn + 1;
        handler.onRecord(
                offset, lsn, kind, buffer, offset + RecordDescriptor.HEADER_LENGTH, payloadLength);
        return null;
    }
}
