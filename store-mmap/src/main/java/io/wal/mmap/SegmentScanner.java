package io.wal.mmap;

import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.OptionalInt;
import java.util.function.IntPredicate;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Goes through the records of one segment in order, and stops at the first that is not sound: a
 * wrong checksum, an LSN out of turn, or simply the end. It reads by position into a window of its
 * own and never maps, so that neither a file cut short nor one used again under it does harm. Not
 * thread-safe.
 */
final class SegmentScanner implements AutoCloseable {
    private static final int WINDOW_LENGTH = 1 << 18;

    private final RecordChecksum checksum = new RecordChecksum();
    private final ReadAhead readAhead;
    private final int longestRecord;
    private final UnsafeBuffer window = new UnsafeBuffer(0, 0);
    private DiskFile file;
    private int seed;
    private long end;
    private ByteBuffer ownBytes;
    private ByteBuffer windowBytes; // ours, or those of the chunk
    private ReadAhead.Chunk chunk;
    private boolean follows; // chunks are to come
    private long windowOrigin; // where index 0 would be in the file
    private long windowBegin;
    private long windowEnd;

    private long nextOffset;
    private long nextLsn;
    private long runningChecksum;

    // the record found sound last
    private long offset;
    private int index;
    private int length;
    private long lsn;
    private int crc;
    private RecordKind kind;

    /** Creates a scanner that reads on the thread that uses it. */
    SegmentScanner() {
        this(null);
    }

    /**
     * Creates a scanner.
     *
     * @param readAhead reads for it, and is closed with it; null to read on the thread that uses
     *     it.
     */
    SegmentScanner(final ReadAhead readAhead) {
        this(readAhead, Integer.MAX_VALUE);
    }

    /**
     * Creates a scanner that takes no more memory than it is told.
     *
     * @param readAhead reads for it, and is closed with it; null to read on the thread that uses
     *     it.
     * @param longestRecord in bytes; to come to a longer one is an {@link IOException}.
     */
    SegmentScanner(final ReadAhead readAhead, final int longestRecord) {
        this.readAhead = readAhead;
        this.longestRecord = longestRecord;
        allocate(WINDOW_LENGTH);
    }

    /**
     * Goes to the begin of a segment.
     *
     * @param segmentFile stays the caller's, who closes it after {@link #leave()} when it is read
     *     ahead.
     * @param segmentSeed of the segment's checksums.
     * @param firstLsn that the first entry must have.
     * @param fileLength of the file, or of the part to look at.
     */
    void begin(
            final DiskFile segmentFile,
            final int segmentSeed,
            final long firstLsn,
            final long fileLength) {
        leave();
        file = segmentFile;
        seed = segmentSeed;
        end = fileLength;
        nextLsn = firstLsn;
        nextOffset = SegmentDescriptor.RECORDS_OFFSET;
        runningChecksum = 0;
        windowBegin = nextOffset;
        windowEnd = nextOffset;
        if (readAhead != null && nextOffset < end) {
            readAhead.start(file, nextOffset, end);
            follows = true;
        }
    }

    /** Lets go of the present segment's file. */
    void leave() {
        stopFollowing();
        if (chunk != null) {
            readAhead.release(chunk);
            chunk = null;
            wrap(ownBytes);
        }
        forget();
        file = null;
    }

    /**
     * Goes to a place in the present segment that was reached before, and reads anew what is there.
     */
    void resume(final long atOffset, final long lsn, final long checksumBefore) {
        nextOffset = atOffset;
        nextLsn = lsn;
        runningChecksum = checksumBefore;
        refresh();
    }

    /** Whether a header in its turn stands at an offset, be its record whole or not. */
    boolean beginsAt(final long at, final long lsn) throws IOException {
        if (!fill(at, RecordDescriptor.HEADER_LENGTH)) {
            return false;
        }
        final RecordKind begun = RecordDescriptor.plausibleKind(window, indexOf(at), end - at);
        return begun != null
                && RecordDescriptor.lsn(window, indexOf(at)) == (begun.isEntry() ? lsn : lsn - 1);
    }

    /** Reads anew what follows: a writer may have been there since. */
    void refresh() {
        stopFollowing();
        forget();
    }

    /** Moves to the next record; false when what follows is not a sound record in its turn. */
    boolean next() throws IOException {
        if (!findAt(nextOffset) || lsn != (kind.isEntry() ? nextLsn : nextLsn - 1)) {
            return false;
        }
        accept();
        return true;
    }

    /**
     * Looks for the next sound record at or behind an offset, whose LSN is out of turn but
     * possible, and moves to it.
     *
     * @param fromOffset where to begin to look.
     * @param leastLsn smallest LSN that such a record may have.
     * @return false when there is none.
     */
    boolean seek(final long fromOffset, final long leastLsn) throws IOException {
        return seek(fromOffset, leastLsn, leastLsn + end / RecordDescriptor.HEADER_LENGTH);
    }

    /**
     * Looks for the next sound record at or behind an offset with an LSN in a range, and moves to
     * it.
     *
     * @param fromOffset where to begin to look.
     * @param leastLsn smallest LSN that such a record may have.
     * @param greatestLsn greatest LSN that it may have.
     * @return false when there is none.
     */
    boolean seek(final long fromOffset, final long leastLsn, final long greatestLsn)
            throws IOException {
        for (long at = fromOffset;
                at <= end - RecordDescriptor.HEADER_LENGTH;
                at += RecordDescriptor.ALIGNMENT) {
            if (!fill(at, RecordDescriptor.HEADER_LENGTH)) {
                return false;
            }
            final long foundLsn = RecordDescriptor.lsn(window, indexOf(at));
            if (foundLsn >= leastLsn && foundLsn <= greatestLsn && findAt(at)) {
                nextLsn = kind.isEntry() ? lsn : lsn + 1;
                accept();
                return true;
            }
        }
        return false;
    }

    /**
     * Looks for the first record in the segment that is sound under one of many seeds.
     *
     * @param isSeed tells whether a number is one of them.
     * @return the seed; empty when there is no such record.
     */
    OptionalInt seekSeed(final IntPredicate isSeed) throws IOException {
        for (long at = SegmentDescriptor.RECORDS_OFFSET;
                at <= end - RecordDescriptor.HEADER_LENGTH
                        && fill(at, RecordDescriptor.HEADER_LENGTH);
                at += RecordDescriptor.ALIGNMENT) {
            if (RecordDescriptor.isPlausible(window, indexOf(at), end - at)) {
                final int frameLength =
                        RecordDescriptor.align(RecordDescriptor.length(window, indexOf(at)));
                if (fill(at, frameLength)) {
                    final int found =
                            checksum.compute(windowBytes, indexOf(at), frameLength)
                                    ^ RecordDescriptor.crc(window, indexOf(at))
                                    ^ (int) at;
                    if (isSeed.test(found)) {
                        return OptionalInt.of(found);
                    }
                }
            }
        }
        return OptionalInt.empty();
    }

    /** Where the present record begins in the file. */
    long offset() {
        return offset;
    }

    /** Where the record after the present one would begin. */
    long nextOffset() {
        return nextOffset;
    }

    /** The LSN that the next entry must have. */
    long nextLsn() {
        return nextLsn;
    }

    /** Running checksum over all records gone through. */
    long runningChecksum() {
        return runningChecksum;
    }

    RecordKind kind() {
        return kind;
    }

    long lsn() {
        return lsn;
    }

    /** Holds the present record, at {@link #recordIndex()}; valid until the scanner moves. */
    UnsafeBuffer buffer() {
        return window;
    }

    int recordIndex() {
        return index;
    }

    int payloadIndex() {
        return index + RecordDescriptor.HEADER_LENGTH;
    }

    int payloadLength() {
        return length - RecordDescriptor.HEADER_LENGTH;
    }

    /** A field of the present record, which is a marker; see {@link MarkerDescriptor}. */
    long field(final int fieldOffset) {
        return MarkerDescriptor.get(window, index, fieldOffset);
    }

    @Override
    public void close() {
        leave();
        if (readAhead != null) {
            readAhead.close();
        }
        window.wrap(0, 0);
        BufferUtil.free(ownBytes);
    }

    private void accept() {
        nextOffset = offset + RecordDescriptor.align(length);
        runningChecksum = RecordChecksum.chain(runningChecksum, crc ^ seed ^ (int) offset);
        if (kind.isEntry()) {
            nextLsn++;
        }
    }

    /** Whether a sound record stands at an offset; if so, it is the one found. */
    private boolean findAt(final long at) throws IOException {
        if (!fill(at, RecordDescriptor.HEADER_LENGTH)) {
            return false;
        }
        final RecordKind foundKind = RecordDescriptor.plausibleKind(window, indexOf(at), end - at);
        if (foundKind == null) {
            return false;
        }
        final int foundLength = RecordDescriptor.length(window, indexOf(at));
        final int frameLength = RecordDescriptor.align(foundLength);
        if (!fill(at, frameLength)) {
            return false;
        }
        final int foundIndex = indexOf(at);
        final int foundCrc = RecordDescriptor.crc(window, foundIndex);
        if ((checksum.compute(windowBytes, foundIndex, frameLength) ^ seed ^ (int) at)
                != foundCrc) {
            return false;
        }
        offset = at;
        index = foundIndex;
        length = foundLength;
        crc = foundCrc;
        lsn = RecordDescriptor.lsn(window, foundIndex);
        kind = foundKind;
        return true;
    }

    private int indexOf(final long at) {
        return (int) (at - windowOrigin);
    }

    /** Makes sure that the window holds a range; false when the file ends before. */
    private boolean fill(final long at, final int rangeLength) throws IOException {
        return at >= windowBegin && at + rangeLength <= windowEnd
                || at + rangeLength <= end && (follow(at, rangeLength) || read(at, rangeLength));
    }

    /** Goes on in chunks that were read meanwhile, with what is left of the window before them. */
    private boolean follow(final long at, final int rangeLength) throws IOException {
        while (follows) {
            final long left = windowEnd - at;
            final boolean mayFollow = at >= windowBegin && left >= 0 && left <= ReadAhead.HEADROOM;
            final ReadAhead.Chunk next = mayFollow ? readAhead.next() : null;
            if (next == null) {
                stopFollowing();
                return false;
            }
            final int begin = ReadAhead.HEADROOM - (int) left;
            if (left > 0) {
                window.getBytes(indexOf(at), next.bytes(), begin, (int) left);
            }
            if (chunk != null) {
                readAhead.release(chunk);
            }
            chunk = next;
            wrap(next.bytes());
            windowBegin = at;
            windowOrigin = at - begin;
            windowEnd += next.length();
            if (at + rangeLength <= windowEnd) {
                return true;
            }
        }
        return false;
    }

    private boolean read(final long at, final int rangeLength) throws IOException {
        if (rangeLength > longestRecord) {
            throw new IOException("a record of " + rangeLength + " bytes is too long to be read");
        }
        if (rangeLength > ownBytes.capacity()) { // at most a segment: the caller checked the end
            allocate(rangeLength);
        }
        if (windowBytes != ownBytes) {
            wrap(ownBytes);
        }
        ownBytes.clear().limit((int) Math.min(ownBytes.capacity(), end - at));
        windowOrigin = at;
        windowBegin = at;
        windowEnd = at; // in case that reading fails
        windowEnd += file.read(ownBytes, at);
        return at + rangeLength <= windowEnd;
    }

    private void stopFollowing() {
        if (follows) {
            follows = false;
            readAhead.stop();
        }
    }

    private void forget() {
        windowEnd = windowBegin;
    }

    private void wrap(final ByteBuffer bytes) {
        windowBytes = bytes;
        window.wrap(bytes, 0, bytes.capacity());
    }

    private void allocate(final int capacity) {
        final ByteBuffer old = ownBytes;
        ownBytes = ByteBuffer.allocateDirect(capacity);
        wrap(ownBytes);
        if (old != null) {
            BufferUtil.free(old);
        }
        forget();
    }
}
