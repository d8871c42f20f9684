package io.wal.mmap;

import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes records into one segment, through its mapping. The store's thread writes and forces; the
 * allocator's thread touches pages ahead and unmaps when the writer is done with.
 */
final class SegmentWriter {
    private static final int TOUCH_STRIDE = 4096;

    private final SegmentHeader header;
    private final DiskMapping mapping;
    private final UnsafeBuffer buffer;
    private final int seed;
    private final int end;
    private final byte[] markerArray = new byte[MarkerDescriptor.frameLength(RecordKind.SEAL)];
    private final UnsafeBuffer marker = new UnsafeBuffer(markerArray);
    private final RecordChecksum checksum = new RecordChecksum();
    private long runningChecksum;
    private int forcedPosition;
    private volatile int position = SegmentDescriptor.RECORDS_OFFSET;
    private volatile int touchedPosition = SegmentDescriptor.RECORDS_OFFSET;

    private SegmentWriter(final SegmentHeader header, final DiskMapping mapping) {
        this.header = header;
        this.mapping = mapping;
        buffer = mapping.buffer();
        seed = header.seed();
        end = (int) header.segmentLength();
    }

    /**
     * Begins a prepared segment: its header is in the mapping, and durable with the first force.
     */
    static SegmentWriter begin(final SegmentHeader begunHeader, final DiskMapping mapping) {
        final SegmentWriter writer = new SegmentWriter(begunHeader, mapping);
        final byte[] bytes = new byte[SegmentDescriptor.HEADER_LENGTH];
        SegmentDescriptor.encode(begunHeader, ByteBuffer.wrap(bytes), 0);
        writer.buffer.putBytes(0, bytes);
        return writer;
    }

    SegmentHeader header() {
        return header;
    }

    /**
     * Whether an entry fits, the marker of its batch included, and room for the end of the segment
     * left.
     */
    boolean fits(final int frameLength) {
        return SegmentDescriptor.spaceFor(frameLength) <= end - position;
    }

    void append(final DirectBuffer frame, final int frameLength, final int crc) {
        final int at = position;
        buffer.putBytes(at, frame, 0, frameLength);
        RecordDescriptor.putCrc(buffer, at, crc ^ seed);
        runningChecksum = RecordChecksum.chain(runningChecksum, crc);
        position = at + frameLength;
    }

    void appendBatch(final long lastLsn, final long durableLsn) {
        MarkerDescriptor.put(marker, 0, MarkerDescriptor.DURABLE_LSN_OFFSET, durableLsn);
        appendMarker(RecordKind.BATCH, lastLsn);
    }

    void appendFinalize(final long lastLsn, final long startLsn) {
        MarkerDescriptor.put(marker, 0, MarkerDescriptor.START_LSN_OFFSET, startLsn);
        appendMarker(RecordKind.FINALIZE, lastLsn);
    }

    void appendClose(final long lastLsn) {
        MarkerDescriptor.put(marker, 0, MarkerDescriptor.DURABLE_LSN_OFFSET, lastLsn);
        appendMarker(RecordKind.CLOSE, lastLsn);
    }

    /** Ends the segment; returns the running checksum that its successor repeats. */
    long appendSeal(final long lastLsn, final long durableLsn) {
        final long sealed = runningChecksum;
        MarkerDescriptor.put(marker, 0, MarkerDescriptor.DURABLE_LSN_OFFSET, durableLsn);
        MarkerDescriptor.put(marker, 0, MarkerDescriptor.CHECKSUM_OFFSET, sealed);
        MarkerDescriptor.put(
                marker, 0, MarkerDescriptor.SEGMENT_LENGTH_OFFSET, header.segmentLength());
        appendMarker(RecordKind.SEAL, lastLsn);
        return sealed;
    }

    /** Makes everything written so far durable: exactly the range that is not yet. */
    void force() throws IOException {
        final int from = forcedPosition;
        final int to = position;
        if (from < to) {
            mapping.force(from, to - from);
            forcedPosition = to;
        }
    }

    boolean hasUnforced() {
        return forcedPosition < position;
    }

    /** Whether the writer will soon reach pages that were not touched ahead. */
    boolean needsTouch(final int ahead) {
        return touchedPosition < end && touchedPosition - position < ahead / 2;
    }

    int position() {
        return position;
    }

    /**
     * Allocator's thread: faults pages in for writing before the writer gets there, without
     * changing them.
     *
     * @return whether there was anything to do.
     */
    boolean touch(final int ahead) {
        final int from = Math.max(touchedPosition, position) & -TOUCH_STRIDE;
        final int to = (int) Math.min(end, (long) position + ahead);
        if (from >= to) {
            return false;
        }
        for (int at = from; at < to; at += TOUCH_STRIDE) {
            buffer.getAndAddLong(at, 0);
        }
        touchedPosition = to;
        return true;
    }

    /** Allocator's thread, when the store's thread has gone on: unmaps. */
    void close() {
        mapping.close();
    }

    private void appendMarker(final RecordKind kind, final long lastLsn) {
        final int payloadLength = MarkerDescriptor.payloadLength(kind);
        final int frameLength = RecordDescriptor.frameLength(payloadLength);
        RecordDescriptor.putHeader(marker, 0, lastLsn, kind, payloadLength);
        append(marker, frameLength, checksum.compute(markerArray, 0, frameLength));
    }
}
