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
 * Writes records into one segment. The store's thread writes and forces; the allocator's thread
 * touches pages ahead and closes when the writer is done with.
 */
final class SegmentWriter {
    private final SegmentHeader header;
    private final SegmentTarget target;
    private final int seed;
    private final int end;
    private final byte[] markerArray = new byte[MarkerDescriptor.frameLength(RecordKind.SEAL)];
    private final UnsafeBuffer marker = new UnsafeBuffer(markerArray);
    private final RecordChecksum checksum = new RecordChecksum();
    private long runningChecksum;
    private int position = SegmentDescriptor.RECORDS_OFFSET;
    private int forcedPosition;
    private volatile int publishedPosition = position;
    private volatile boolean headerDurable;
    private volatile int touchedPosition = position;

    private SegmentWriter(final SegmentHeader header, final SegmentTarget target) {
        this.header = header;
        this.target = target;
        seed = header.seed();
        end = (int) header.segmentLength();
    }

    /** Begins a prepared segment: its header is put, and durable with the first force. */
    static SegmentWriter begin(final SegmentHeader begunHeader, final SegmentTarget target)
            throws IOException {
        final SegmentWriter writer = new SegmentWriter(begunHeader, target);
        final byte[] bytes = new byte[SegmentDescriptor.HEADER_LENGTH];
        SegmentDescriptor.encode(begunHeader, ByteBuffer.wrap(bytes), 0);
        final int index = target.reserve(0, SegmentDescriptor.RECORDS_OFFSET);
        target.buffer().putBytes(index, bytes);
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

    void append(final DirectBuffer frame, final int frameLength, final int crc) throws IOException {
        final int index = target.reserve(position, frameLength);
        final UnsafeBuffer buffer = target.buffer();
        buffer.putBytes(index, frame, 0, frameLength);
        RecordDescriptor.putCrc(buffer, index, crc ^ seed ^ position);
        runningChecksum = RecordChecksum.chain(runningChecksum, crc);
        position += frameLength;
    }

    void appendBatch(final long lastLsn, final long durableLsn) throws IOException {
        MarkerDescriptor.put(marker, 0, MarkerDescriptor.DURABLE_LSN_OFFSET, durableLsn);
        appendMarker(RecordKind.BATCH, lastLsn);
    }

    void appendFinalize(final long lastLsn, final long startLsn) throws IOException {
        MarkerDescriptor.put(marker, 0, MarkerDescriptor.START_LSN_OFFSET, startLsn);
        appendMarker(RecordKind.FINALIZE, lastLsn);
    }

    void appendClose(final long lastLsn) throws IOException {
        MarkerDescriptor.put(marker, 0, MarkerDescriptor.DURABLE_LSN_OFFSET, lastLsn);
        appendMarker(RecordKind.CLOSE, lastLsn);
    }

    /** Ends the segment; returns the running checksum that its successor repeats. */
    long appendSeal(final long lastLsn, final long durableLsn) throws IOException {
        final long sealed = runningChecksum;
        MarkerDescriptor.put(marker, 0, MarkerDescriptor.DURABLE_LSN_OFFSET, durableLsn);
        MarkerDescriptor.put(marker, 0, MarkerDescriptor.CHECKSUM_OFFSET, sealed);
        MarkerDescriptor.put(
                marker, 0, MarkerDescriptor.SEGMENT_LENGTH_OFFSET, header.segmentLength());
        appendMarker(RecordKind.SEAL, lastLsn);
        return sealed;
    }

    /** Makes everything put so far durable: exactly the range that is not yet. */
    void force() throws IOException {
        if (hasUnforced()) {
            target.force(forcedPosition, position);
            forcedPosition = position;
            headerDurable = true;
            publishedPosition = position;
        }
    }

    /** Hands everything put so far to the operating system; says whether that made it durable. */
    boolean write() throws IOException {
        target.write(position);
        publishedPosition = position;
        if (target.isWriteDurable()) {
            forcedPosition = position;
            headerDurable = true;
        }
        return target.isWriteDurable();
    }

    /** Whether {@link #write} makes durable, too. */
    boolean isWriteDurable() {
        return target.isWriteDurable();
    }

    /** Whether the header is durable, which it is from the first force on. Any thread. */
    boolean isHeaderDurable() {
        return headerDurable;
    }

    boolean hasUnforced() {
        return forcedPosition < position;
    }

    /** Whether the writer will soon reach pages that were not touched ahead. */
    boolean needsTouch(final int ahead) {
        return ahead > 0 && touchedPosition < end && touchedPosition - position < ahead / 2;
    }

    int position() {
        return position;
    }

    /**
     * Allocator's thread: faults pages in for writing before the writer gets there.
     *
     * @return whether there was anything to do.
     */
    boolean touch(final int ahead) {
        final int from = Math.max(touchedPosition, publishedPosition);
        final int to = (int) Math.min(end, (long) from + ahead);
        if (ahead == 0 || touchedPosition - publishedPosition >= ahead / 2 || from >= to) {
            return false;
        }
        target.touch(from, to);
        touchedPosition = to;
        return true;
    }

    /** Allocator's thread, when the store's thread has gone on: lets go of the segment. */
    void close() {
        target.close();
    }

    private void appendMarker(final RecordKind kind, final long lastLsn) throws IOException {
        final int payloadLength = MarkerDescriptor.payloadLength(kind);
        final int frameLength = RecordDescriptor.frameLength(payloadLength);
        RecordDescriptor.putHeader(marker, 0, lastLsn, kind, payloadLength);
        append(marker, frameLength, checksum.compute(markerArray, 0, frameLength));
    }
}
