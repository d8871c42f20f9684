package io.wal.etcd;

import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.store.AppendEvent;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/** The batch that is being filled. The store's thread only. */
final class BatchWriter implements CommitWindow.BatchValue {
    private final long logId;
    private final long epoch;
    private final int maxLength;
    private final RecordChecksum checksum = new RecordChecksum();
    private final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
    private byte[] staging;
    private int length = BatchDescriptor.HEADER_LENGTH;
    private int count;
    private long firstLsn;
    private int seed;

    BatchWriter(final long logId, final long epoch, final int maxLength) {
        this.logId = logId;
        this.epoch = epoch;
        this.maxLength = maxLength;
        stage(BatchDescriptor.HEADER_LENGTH + maxLength);
    }

    boolean isEmpty() {
        return count == 0;
    }

    long lastLsn() {
        return firstLsn + count - 1;
    }

    /**
     * Whether another record still belongs to the batch. A single one always does, however large.
     */
    boolean hasRoomFor(final int frameLength) {
        return count == 0 || length - BatchDescriptor.HEADER_LENGTH + frameLength <= maxLength;
    }

    void add(final AppendEvent event) {
        if (count == 0) {
            firstLsn = event.lsn();
            seed = checksum.seedOf(logId, epoch, firstLsn);
        } else if (event.lsn() != lastLsn() + 1) {
            throw new IllegalStateException("LSN " + event.lsn() + " comes after " + lastLsn());
        }
        final int frameLength = event.frameLength();
        if (length + frameLength > staging.length) {
            stage(length + frameLength);
        }
        event.frame().getBytes(0, staging, length, frameLength);
        RecordDescriptor.putCrc(buffer, length, event.crc() ^ seed);
        length += frameLength;
        count++;
    }

    /** The batch as it is stored; what is in the staging area may change afterwards. */
    @Override
    public byte[] encode(final long durableLsn) {
        final byte[] value = Arrays.copyOf(staging, length);
        final UnsafeBuffer header = new UnsafeBuffer(value);
        BatchDescriptor.putHeader(
                header,
                logId,
                epoch,
                firstLsn,
                durableLsn,
                count,
                length - BatchDescriptor.HEADER_LENGTH);
        BatchDescriptor.putCrc(header, BatchDescriptor.computeCrc(value, length));
        return value;
    }

    /** Begins the next batch. */
    void clear() {
        length = BatchDescriptor.HEADER_LENGTH;
        count = 0;
        if (staging.length > BatchDescriptor.HEADER_LENGTH + maxLength) {
            stage(
                    BatchDescriptor.HEADER_LENGTH
                            + maxLength); // one large record must not hold its space for ever
        }
    }

    private void stage(final int capacity) {
        staging =
                staging == null
                        ? new byte[capacity]
                        : Arrays.copyOf(staging, Math.max(capacity, 0));
        buffer.wrap(staging);
    }
}
