package io.wal.mmap;

import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** A segment file that a test writes record by record, and may spoil afterwards. */
final class WrittenSegment implements AutoCloseable {
    private final Path path;
    private final SegmentHeader header;
    private final DiskMapping mapping;
    private final SegmentWriter writer;
    private final List<Integer> offsets = new ArrayList<>();
    private long lastLsn;

    WrittenSegment(final Path path, final Disk disk, final SegmentHeader header)
            throws IOException {
        this.path = path;
        this.header = header;
        Files.write(path, new byte[(int) header.segmentLength()]);
        try (DiskFile file = disk.open(path, Disk.OpenMode.WRITE)) {
            mapping = file.map((int) header.segmentLength());
        }
        writer = SegmentWriter.begin(header, new MappedTarget(mapping));
        lastLsn = header.firstLsn() - 1;
    }

    static WrittenSegment begun(final Path path, final int length) throws IOException {
        return new WrittenSegment(
                path, Disk.REAL, SegmentHeader.prepared(42, 1, 3, length).begun(3, 0, 0));
    }

    Path path() {
        return path;
    }

    SegmentHeader header() {
        return header;
    }

    SegmentWriter writer() {
        return writer;
    }

    /** Where each record begins, in the order they were written. */
    List<Integer> offsets() {
        return offsets;
    }

    long lastLsn() {
        return lastLsn;
    }

    /** An entry with the next LSN. */
    int entry(final String payload) throws IOException {
        return record(RecordKind.DATA, ++lastLsn, payload.getBytes(StandardCharsets.UTF_8));
    }

    /** Any record with any LSN; returns its offset. */
    int record(final RecordKind kind, final long lsn, final byte[] payload) throws IOException {
        final int frameLength = RecordDescriptor.frameLength(payload.length);
        final byte[] frame = new byte[frameLength];
        final UnsafeBuffer buffer = new UnsafeBuffer(frame);
        RecordDescriptor.putHeader(buffer, 0, lsn, kind, payload.length);
        buffer.putBytes(RecordDescriptor.HEADER_LENGTH, payload);
        final int offset = writer.position();
        writer.append(buffer, frameLength, new RecordChecksum().compute(frame, 0, frameLength));
        offsets.add(offset);
        return offset;
    }

    int batch(final long durableLsn) throws IOException {
        final int offset = writer.position();
        writer.appendBatch(lastLsn, durableLsn);
        offsets.add(offset);
        return offset;
    }

    int seal(final long durableLsn) throws IOException {
        final int offset = writer.position();
        writer.appendSeal(lastLsn, durableLsn);
        offsets.add(offset);
        return offset;
    }

    byte get(final int offset) {
        return mapping.buffer().getByte(offset);
    }

    void put(final int offset, final byte value) {
        mapping.buffer().putByte(offset, value);
    }

    void putInt(final int offset, final int value) {
        mapping.buffer().putInt(offset, value, ByteOrder.LITTLE_ENDIAN);
    }

    void putBytes(final int offset, final byte[] bytes) {
        mapping.buffer().putBytes(offset, bytes);
    }

    byte[] bytes(final int offset, final int length) {
        final byte[] bytes = new byte[length];
        mapping.buffer().getBytes(offset, bytes);
        return bytes;
    }

    /** Gives a record whose header was changed the checksum that fits. */
    void sealAgain(final int offset, final int frameLength) {
        final int crc =
                new RecordChecksum()
                        .compute(ByteBuffer.wrap(bytes(offset, frameLength)), 0, frameLength);
        putInt(offset + RecordDescriptor.CRC_OFFSET, crc ^ header.seed() ^ offset);
    }

    @Override
    public void close() {
        writer.close();
    }
}
