package io.wal.mmap;

import io.wal.CorruptLogException;
import io.wal.LogNotFoundException;
import io.wal.RecoveredLog;
import io.wal.inspect.Damage;
import io.wal.inspect.SegmentReport;
import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What opening a log for writing does. The log is scanned first, and left alone when it is damaged.
 * Then, in an order that may be cut anywhere and begun anew:
 *
 * <ol>
 *   <li>what the control file says is made durable, its name too, and then the new generation, so
 *       that no later opening uses it again; the mark of a removal that never was is dropped in
 *       between;
 *   <li>the next segment is prepared;
 *   <li>what may not be durable at the tail is written again, for pages that a failed force left
 *       clean reach the disk no other way, a seal is put behind it, and the rest of the file is cut
 *       off: what lies there is unreadable for ever;
 *   <li>the next segment is begun, in the new generation, and its header made durable; the control
 *       file takes note of it;
 *   <li>files that are superfluous are removed.
 * </ol>
 */
final class Recovery {
    private static final int COPY_LENGTH = 64 << 10;

    private final LogDirectory directory;
    private final MmapStoreContext context;
    private final NavigableMap<Long, Long> begunSegments = new TreeMap<>();
    private SegmentPreparer preparer;
    private Control control;
    private SegmentWriter active;
    private boolean hasFinalizeInTail;
    private long endLsn;

    Recovery(final LogDirectory directory, final MmapStoreContext context) {
        this.directory = directory;
        this.context = context;
    }

    /**
     * Creates the directory, with the parents it lacks, when that is allowed; each name is durable
     * when this returns.
     */
    static void createDirectories(final Disk disk, final Path path) throws IOException {
        final Deque<Path> missing = new ArrayDeque<>();
        Path at = path.toAbsolutePath().normalize();
        while (at != null && !disk.isDirectory(at)) {
            missing.push(at);
            at = at.getParent();
        }
        for (final Path directory : missing) {
            disk.createDirectory(directory);
            disk.forceDirectory(directory.getParent());
        }
    }

    /** Whether the directory holds a log, or the begin of one. Writes nothing. */
    static boolean isLog(final LogDirectory directory) throws IOException {
        return directory.disk().isDirectory(directory.path()) && directory.list().isLog();
    }

    /** Opens the log; the lock is held. */
    RecoveredLog run() throws IOException {
        createIfNeeded();
        try (LogScan scan =
                new LogScan(
                        directory,
                        new Strict(),
                        new SegmentChecks(directory, context.backgroundThread()))) {
            scan.run();
            warnOfForeign(scan.listing());
            directory.writeControl(scan.control());
            directory.disk().forceDirectory(directory.path()); // any name may be new
            if (scan.listing().isBeingRemoved) { // so it was not: it has its control file
                directory.disk().delete(directory.resolve(LogDirectory.REMOVED));
            }
            final long generation = scan.generation() + 1;
            control = scan.control().nextGeneration(generation);
            directory.writeControl(control);
            preparer = new SegmentPreparer(directory, control.logId(), context);
            preparer.adopt(scan.listing());
            begin(scan, generation);
            control = control.reached(active.header().index(), scan.lastLsn());
            directory.writeControl(control);
            removeSuperfluous(scan.listing());
            directory.disk().forceDirectory(directory.path());
            endLsn = scan.endLsn();
            return new RecoveredLog(scan.startLsn(), scan.lastLsn(), generation, tailOf(scan));
        } catch (final Throwable t) {
            if (active != null) {
                active.close();
            }
            throw t;
        }
    }

    SegmentPreparer preparer() {
        return preparer;
    }

    /** The control file's state. */
    Control control() {
        return control;
    }

    /** Last LSN that an entry of the last finalized checkpoint may have. */
    long endLsn() {
        return endLsn;
    }

    SegmentWriter active() {
        return active;
    }

    NavigableMap<Long, Long> begunSegments() {
        return begunSegments;
    }

    /**
     * A log is there once its control file has its name; what was made before that is made anew.
     */
    private void createIfNeeded() throws IOException {
        LogDirectory.Listing listing = directory.list();
        if (listing.isBeingRemoved && !listing.hasControl) {
            LogRemoval.run(directory);
            listing = directory.list();
        }
        if (listing.hasControl || holdsBegunSegment(listing)) {
            return; // a missing control file is the scan's to report
        }
        if (!context.createIfMissing()) {
            throw new LogNotFoundException(
                    directory.path().toString(), "the directory holds no " + LogDirectory.CONTROL);
        }
        for (final String name : listing.segments.values()) {
            directory.disk().delete(directory.resolve(name));
        }
        final long logId = directory.disk().newLogId();
        final SegmentPreparer first = new SegmentPreparer(directory, logId, context);
        first.prepare(1, 0, () -> false).target().close();
        forceAncestors(directory.disk(), directory.path());
        directory.createControl(Control.create(logId, context.firstLsn()));
        directory.disk().forceDirectory(directory.path());
    }

    /**
     * Makes the directory's own name durable, and those above it: an opening that was cut short may
     * have created them. Before the control file has its name, for with it nobody looks again.
     */
    private static void forceAncestors(final Disk disk, final Path path) throws IOException {
        Path at = path.toAbsolutePath().normalize().getParent();
        while (at != null) {
            try {
                disk.forceDirectory(at);
            } catch (final AccessDeniedException e) {
                return; // so it was not created by us, nor what is above it
            }
            at = at.getParent();
        }
    }

    private boolean holdsBegunSegment(final LogDirectory.Listing listing) throws IOException {
        for (final String name : listing.segments.values()) {
            final SegmentHeader header = directory.readHeader(name);
            if (header == null || header.isBegun()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Makes the tail durable and final, and begins the segment that the new generation writes to.
     */
    private void begin(final LogScan scan, final long generation) throws IOException {
        final SegmentHeader tail = scan.tailHeader();
        final SegmentHeader header;
        if (tail == null) {
            final long index = control.firstSegmentIndex();
            header =
                    SegmentHeader.prepared(
                                    control.logId(), index, generation, preparedLength(index))
                            .begun(generation, scan.lastLsn(), 0);
        } else if (scan.lastLsn() < tail.firstLsn() && !hasFinalizeInTail) {
            header = tail.begun(generation, tail.predecessorLsn(), tail.predecessorChecksum());
        } else {
            final long index = tail.index() + 1;
            final long length = preparedLength(index);
            sealTail(scan);
            header =
                    SegmentHeader.prepared(control.logId(), index, generation, length)
                            .begun(generation, scan.lastLsn(), scan.tailChecksum());
        }
        active =
                SegmentWriter.begin(
                        header, preparer.open(LogDirectory.segmentName(header.index()), header));
        active.force();
        begunSegments.put(header.index(), header.firstLsn());
    }

    /** Makes sure that a segment is prepared, and says how long it is. */
    private long preparedLength(final long index) throws IOException {
        final String name = LogDirectory.segmentName(index);
        if (directory.list().segments.containsKey(index)) {
            try (DiskFile file =
                    directory.disk().open(directory.resolve(name), Disk.OpenMode.READ)) {
                final SegmentHeader header = directory.readHeader(file, name);
                if (header != null
                        && !header.isBegun()
                        && file.length() == header.segmentLength()) {
                    return header.segmentLength();
                }
            }
        }
        preparer.prepare(index, control.generation(), () -> false).target().close();
        return context.segmentLength();
    }

    private void sealTail(final LogScan scan) throws IOException {
        final Path path = directory.resolve(scan.tailName());
        final long sealedLength =
                pageEnd(scan.tailOffset() + MarkerDescriptor.frameLength(RecordKind.SEAL));
        try (DiskFile file = directory.disk().open(path, Disk.OpenMode.WRITE)) {
            writeAgain(file, scan);
            final ByteBuffer end = ByteBuffer.allocate((int) (sealedLength - scan.tailOffset()));
            encodeSeal(end, scan, sealedLength);
            file.write(end, scan.tailOffset());
            file.force();
            if (file.length() > sealedLength) {
                file.truncate(sealedLength);
                file.force();
            }
        }
    }

    /**
     * Writes the same bytes again, from the first that is not known to be durable to the end of the
     * sound ones.
     */
    private void writeAgain(final DiskFile file, final LogScan scan) throws IOException {
        final ByteBuffer copy = ByteBuffer.allocateDirect(COPY_LENGTH);
        for (long at = firstDoubtful(file, scan); at < scan.tailOffset(); at += copy.limit()) {
            copy.clear().limit((int) Math.min(COPY_LENGTH, scan.tailOffset() - at));
            final int count = file.read(copy, at);
            if (count < copy.limit()) {
                throw new IOException(scan.tailName() + " became shorter while it was recovered");
            }
            copy.flip();
            file.write(copy, at);
        }
    }

    private static long firstDoubtful(final DiskFile file, final LogScan scan) throws IOException {
        try (SegmentScanner scanner = new SegmentScanner()) {
            final SegmentHeader header = scan.tailHeader();
            scanner.begin(file, header.seed(), header.firstLsn(), scan.tailOffset());
            long doubtful =
                    0; // the header too, when no entry of the segment is known to be durable
            while (scanner.next() && scanner.nextLsn() <= scan.durableLsn() + 1) {
                if (scanner.kind().isEntry()) {
                    doubtful = scanner.nextOffset();
                }
            }
            return doubtful;
        }
    }

    private static void encodeSeal(
            final ByteBuffer bytes, final LogScan scan, final long sealedLength) {
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        final int payloadLength = MarkerDescriptor.payloadLength(RecordKind.SEAL);
        RecordDescriptor.putHeader(buffer, 0, scan.lastLsn(), RecordKind.SEAL, payloadLength);
        MarkerDescriptor.put(buffer, 0, MarkerDescriptor.DURABLE_LSN_OFFSET, scan.durableLsn());
        MarkerDescriptor.put(buffer, 0, MarkerDescriptor.CHECKSUM_OFFSET, scan.tailChecksum());
        MarkerDescriptor.put(buffer, 0, MarkerDescriptor.SEGMENT_LENGTH_OFFSET, sealedLength);
        final int crc =
                new RecordChecksum().compute(bytes, 0, RecordDescriptor.frameLength(payloadLength));
        RecordDescriptor.putCrc(
                buffer, 0, crc ^ scan.tailHeader().seed() ^ (int) scan.tailOffset());
        bytes.clear();
    }

    /**
     * What a crash left: segments before the log's begin, segments prepared too far ahead, files
     * half made.
     */
    private void removeSuperfluous(final LogDirectory.Listing listing) throws IOException {
        for (final Map.Entry<Long, String> entry : listing.segments.entrySet()) {
            if (entry.getKey() < control.firstSegmentIndex()
                    || entry.getKey() > active.header().index()) {
                preparer.retire(entry.getValue());
            }
        }
        for (final String name : listing.temporaries) {
            directory.disk().delete(directory.resolve(name));
        }
    }

    private void warnOfForeign(final LogDirectory.Listing listing) {
        if (!listing.foreign.isEmpty()) {
            System.getLogger("io.wal")
                    .log(
                            System.Logger.Level.WARNING,
                            "files in "
                                    + directory.path()
                                    + " that are not the log's are left alone: "
                                    + String.join(", ", listing.foreign));
        }
    }

    private static RecoveredLog.Tail tailOf(final LogScan scan) {
        if (scan.lastLsn() == RecordDescriptor.NULL_LSN || scan.tailHeader() == null) {
            return RecoveredLog.Tail.EMPTY;
        }
        if (scan.isTorn()) {
            return RecoveredLog.Tail.TORN;
        }
        return scan.tailEnd() == RecoveryTable.End.CLOSED
                ? RecoveredLog.Tail.CLOSED
                : RecoveredLog.Tail.WHOLE;
    }

    private static long pageEnd(final long offset) {
        return offset + SegmentDescriptor.PAGE_LENGTH - 1 & -SegmentDescriptor.PAGE_LENGTH;
    }

    /** Damage ends the opening; begun segments are taken note of. */
    private final class Strict implements LogScan.Listener {
        @Override
        public void onSegment(final SegmentReport segment) {
            hasFinalizeInTail = false;
        }

        @Override
        public void onRecord(final String segment, final SegmentScanner scanner) {
            hasFinalizeInTail |= scanner.kind() == RecordKind.FINALIZE;
        }

        @Override
        public void onSegmentBegun(final SegmentHeader header) {
            begunSegments.put(header.index(), header.firstLsn());
        }

        @Override
        public void onDamage(final Damage damage) {
            throw new CorruptLogException(
                    damage.segment(), damage.offset(), damage.lsn(), damage.reason());
        }
    }
}
