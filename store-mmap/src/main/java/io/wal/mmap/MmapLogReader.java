package io.wal.mmap;

import io.wal.CorruptLogException;
import io.wal.EntryHandler;
import io.wal.EntryKind;
import io.wal.LogReader;
import io.wal.LogTrimmedException;
import io.wal.StorageException;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Reads entries up to an LSN that is known to be durable, so that whatever it cannot read is either
 * gone, because a checkpoint released it, or damaged.
 */
final class MmapLogReader implements LogReader {
    private static final int MOST_TRIES = 100;

    private final LogDirectory directory;
    private final LongSupplier bound;
    private final SegmentScanner scanner;
    private long nextLsn;
    private DiskFile file;
    private SegmentHeader header;
    private long sealedIndex; // of the last segment read to its seal
    private boolean closed;

    MmapLogReader(final LogDirectory directory, final long fromLsn, final LongSupplier bound) {
        this(directory, fromLsn, bound, null);
    }

    /**
     * Creates a reader.
     *
     * @param readAhead reads for it, and is closed with it; null to read on the thread that polls.
     */
    MmapLogReader(
            final LogDirectory directory,
            final long fromLsn,
            final LongSupplier bound,
            final ReadAhead readAhead) {
        this.directory = directory;
        this.bound = bound;
        nextLsn = fromLsn;
        scanner = new SegmentScanner(readAhead);
        try {
            checkHeld();
        } catch (final IOException e) {
            throw failure(e);
        }
    }

    @Override
    public int poll(final EntryHandler handler, final int limit) {
        if (closed) {
            throw new IllegalStateException("the reader is closed");
        }
        int count = 0;
        try {
            while (count < limit && nextLsn <= bound.getAsLong()) {
                if (file == null) {
                    openSegment();
                }
                if (!scanner.next() && !nextAfresh()) {
                    throw unreadable();
                }
                final RecordKind kind = scanner.kind();
                if (kind == RecordKind.SEAL) {
                    sealedIndex = header.index();
                    closeSegment();
                } else if (kind.isEntry() && scanner.lsn() == nextLsn) {
                    nextLsn++;
                    if (kind != RecordKind.VOID) {
                        count++;
                        handler.onEntry(
                                nextLsn - 1,
                                kind == RecordKind.DATA ? EntryKind.DATA : EntryKind.CHECKPOINT,
                                scanner.buffer(),
                                scanner.payloadIndex(),
                                scanner.payloadLength());
                    }
                }
            }
        } catch (final IOException e) {
            closeSegment();
            throw failure(e);
        }
        return count;
    }

    @Override
    public long nextLsn() {
        return nextLsn;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            closeSegment();
            scanner.close();
        }
    }

    /** What was read ahead may have been written since. */
    private boolean nextAfresh() throws IOException {
        scanner.refresh();
        return scanner.next();
    }

    /** Opens the segment that holds the next entry. It may be used again while it is looked for. */
    private void openSegment() throws IOException {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            checkHeld();
            if (findSegment()) {
                return;
            }
        }
        throw new CorruptLogException(
                directory.path().toString(), 0, nextLsn, "no segment holds the entry");
    }

    /** Opens the last segment that begins at or before the next entry. */
    private boolean findSegment() throws IOException {
        for (final Map.Entry<Long, String> entry :
                directory.list().segments.tailMap(sealedIndex, false).descendingMap().entrySet()) {
            final DiskFile candidate;
            try {
                candidate =
                        directory
                                .disk()
                                .open(directory.resolve(entry.getValue()), Disk.OpenMode.READ);
            } catch (final NoSuchFileException e) {
                continue; // released just now
            }
            try {
                final SegmentHeader candidateHeader =
                        directory.readHeader(candidate, entry.getValue());
                if (candidateHeader != null
                        && candidateHeader.isBegun()
                        && candidateHeader.index() == entry.getKey()
                        && candidateHeader.firstLsn() <= nextLsn) {
                    scanner.begin(
                            candidate,
                            candidateHeader.seed(),
                            candidateHeader.firstLsn(),
                            candidate.length());
                    header = candidateHeader;
                    file = candidate;
                    return true;
                }
            } finally {
                if (file != candidate) {
                    candidate.close();
                }
            }
        }
        return false;
    }

    private RuntimeException unreadable() throws IOException {
        final String name = LogDirectory.segmentName(header.index());
        final long offset = scanner.nextOffset();
        final long lsn = scanner.nextLsn();
        closeSegment();
        checkHeld();
        return new CorruptLogException(
                directory.resolve(name).toString(), offset, lsn, "the entry is damaged");
    }

    /** Whether the next entry is still held; the control file moves before any segment goes. */
    private void checkHeld() throws IOException {
        final Control control = directory.readControl();
        if (control != null && control.startLsn() > nextLsn) {
            final SegmentHeader first;
            try {
                first = directory.readHeader(LogDirectory.segmentName(control.firstSegmentIndex()));
            } catch (final NoSuchFileException e) {
                throw new LogTrimmedException(nextLsn, control.startLsn());
            }
            if (first == null || first.firstLsn() > nextLsn) {
                throw new LogTrimmedException(
                        nextLsn, first == null ? control.startLsn() : first.firstLsn());
            }
        }
    }

    private void closeSegment() {
        if (file != null) {
            scanner.leave();
            try {
                file.close();
            } catch (final IOException ignored) { // it was only read
            }
            file = null;
        }
    }

    private StorageException failure(final IOException e) {
        return new StorageException(directory.path().toString(), "read", e);
    }
}
