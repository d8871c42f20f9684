package io.wal.mmap;

import io.wal.LogNotFoundException;
import io.wal.StorageException;
import io.wal.inspect.CounterReport;
import io.wal.inspect.Damage;
import io.wal.inspect.LogInspector;
import io.wal.inspect.LogReport;
import io.wal.inspect.RecordVisitor;
import io.wal.inspect.SegmentReport;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;
import org.agrona.DirectBuffer;

/** Looks at a log in a directory. Reads files by position, takes no lock, and writes nothing. */
public final class MmapLogInspector implements LogInspector {
    private static final int MOST_TRIES = 1000;
    private static final RecordVisitor IGNORE =
            (segment, at, lsn, kind, buffer, offset, length) -> {};

    private final LogDirectory directory;

    /**
     * Creates an inspector.
     *
     * @param path directory of the log.
     */
    public MmapLogInspector(final Path path) {
        this(Disk.REAL, path);
    }

    /**
     * Creates an inspector.
     *
     * @param disk file system that holds the directory.
     * @param path directory of the log.
     */
    public MmapLogInspector(final Disk disk, final Path path) {
        directory = new LogDirectory(disk, path);
    }

    @Override
    public LogReport info() {
        return visit(new Visit(Long.MAX_VALUE, Long.MAX_VALUE, IGNORE, bytes -> {}), true);
    }

    @Override
    public CounterReport counters() {
        try {
            if (!Recovery.isLog(directory)) {
                throw new LogNotFoundException(directory.path().toString(), "there is no such log");
            }
            return CountersFile.read(directory);
        } catch (final IOException e) {
            throw new StorageException(directory.path().toString(), "read", e);
        }
    }

    @Override
    public LogReport verify(final LongConsumer progress) {
        return visit(new Visit(Long.MAX_VALUE, Long.MAX_VALUE, IGNORE, progress), false);
    }

    @Override
    public LogReport visit(final long fromLsn, final long toLsn, final RecordVisitor visitor) {
        return visit(new Visit(fromLsn, toLsn, visitor, bytes -> {}), false);
    }

    @Override
    public void close() {
        // holds nothing
    }

    private LogReport visit(final Visit visit, final boolean tailOnly) {
        try {
            if (!directory.disk().isDirectory(directory.path())) {
                throw new LogNotFoundException(
                        directory.path().toString(), "there is no such directory");
            }
            for (int tries = 0; tries < MOST_TRIES; tries++) {
                visit.begin();
                try (LogScan scan = new LogScan(directory, visit)) {
                    scan.run(tailOnly);
                    if (visit.isCertain() && !isOvertaken(scan)) {
                        return report(scan, visit, tailOnly);
                    }
                } catch (final NoSuchFileException | MovedException e) {
                    // the writer released or opened meanwhile: look again
                }
            }
            throw new IOException("the log changes faster than it can be read");
        } catch (final IOException e) {
            throw new StorageException(directory.path().toString(), "read", e);
        }
    }

    /**
     * Whether the segment in which the scan ended was released meanwhile, and perhaps used again.
     */
    private boolean isOvertaken(final LogScan scan) throws IOException {
        final Control now = directory.readControl();
        return now != null
                && scan.tailHeader() != null
                && scan.tailHeader().index() < now.firstSegmentIndex();
    }

    private LogReport report(final LogScan scan, final Visit visit, final boolean tailOnly)
            throws IOException {
        final Control control = scan.control();
        final OwnerRecord owner =
                OwnerRecord.read(directory.disk(), directory.resolve(LogDirectory.OWNER));
        return new LogReport(
                directory.path().toString(),
                HexFormat.of().toHexDigits(control.logId()),
                SegmentDescriptor.VERSION,
                control.generation(),
                owner != null && owner.mayBeAlive() ? owner.toString() : null,
                scan.firstLsn(),
                scan.startLsn(),
                scan.lastLsn(),
                Math.min(scan.durableLsn(), scan.lastLsn()),
                heldBytes(scan.listing()),
                tailOnly && visit.damages.isEmpty()
                        ? LogReport.Verdict.UNCHECKED
                        : verdictOf(scan, visit),
                List.copyOf(visit.segments),
                List.copyOf(visit.damages),
                List.copyOf(scan.listing().foreign));
    }

    private long heldBytes(final LogDirectory.Listing listing) throws IOException {
        return lengthOf(listing.segments.values()) + lengthOf(listing.spares.values());
    }

    private long lengthOf(final Iterable<String> names) throws IOException {
        long total = 0;
        for (final String name : names) {
            try (DiskFile file =
                    directory.disk().open(directory.resolve(name), Disk.OpenMode.READ)) {
                total += file.length();
            } catch (final NoSuchFileException e) {
                // released meanwhile
            }
        }
        return total;
    }

    private static LogReport.Verdict verdictOf(final LogScan scan, final Visit visit) {
        if (!visit.damages.isEmpty()) {
            return LogReport.Verdict.DAMAGED;
        }
        if (scan.isTorn()) {
            return LogReport.Verdict.SOUND_TORN_TAIL;
        }
        return scan.lastLsn() == 0 || scan.tailEnd() == RecoveryTable.End.CLOSED
                ? LogReport.Verdict.SOUND
                : LogReport.Verdict.SOUND_UNCLOSED;
    }

    /** What was found may be stale, because a writer went on beside us. */
    private static final class MovedException extends RuntimeException {
        private static final long serialVersionUID = 1;

        MovedException() {
            super(null, null, false, false);
        }
    }

    /**
     * Takes note of what a scan finds, and passes on what was asked for, each thing once.
     *
     * <p>What looks like damage may be a place where a writer is at work. So only what two scans in
     * a row found is reported; after anything else the scan goes on without passing on what it
     * finds, and the next one passes on what is missing.
     */
    private final class Visit implements LogScan.Listener {
        private final List<SegmentReport> segments = new ArrayList<>();
        private final List<Damage> damages = new ArrayList<>();
        private final Set<Damage> passedDamages = new HashSet<>();
        private final long fromLsn;
        private final long toLsn;
        private final RecordVisitor visitor;
        private final LongConsumer progress;
        private Set<Damage> suspectsBefore = Set.of();
        private Set<Damage> suspects = Set.of();
        private boolean certain;
        private long checkedBytes;
        private Control controlBefore;
        private String passedSegment = "";
        private String recordSegment = "";
        private long recordOffset;

        Visit(
                final long fromLsn,
                final long toLsn,
                final RecordVisitor visitor,
                final LongConsumer progress) {
            this.fromLsn = fromLsn;
            this.toLsn = toLsn;
            this.visitor = visitor;
            this.progress = progress;
        }

        void begin() throws IOException {
            segments.clear();
            damages.clear();
            suspectsBefore = suspects;
            suspects = new HashSet<>();
            certain = true;
            checkedBytes = 0;
            controlBefore = directory.readControl();
        }

        /** Whether everything that the last scan found was passed on. */
        boolean isCertain() {
            return certain;
        }

        @Override
        public void onSegment(final SegmentReport segment) {
            if (certain && segment.name().compareTo(passedSegment) > 0) {
                passedSegment = segment.name();
                visitor.onSegment(segment);
            }
        }

        @Override
        public void onRecord(final String segment, final SegmentScanner scanner) {
            final int order = segment.compareTo(recordSegment);
            if (!certain || order < 0 || order == 0 && scanner.offset() <= recordOffset) {
                return;
            }
            recordSegment = segment;
            recordOffset = scanner.offset();
            final long lsn = scanner.lsn();
            if (lsn >= fromLsn && lsn <= toLsn) {
                final DirectBuffer buffer = scanner.buffer();
                visitor.onRecord(
                        segment,
                        scanner.offset(),
                        lsn,
                        scanner.kind(),
                        buffer,
                        scanner.payloadIndex(),
                        scanner.payloadLength());
            }
        }

        @Override
        public void onSegmentEnd(final SegmentReport segment) {
            segments.add(segment);
            checkedBytes += segment.length();
            progress.accept(checkedBytes);
        }

        @Override
        public void onDamage(final Damage damage) {
            suspects.add(damage);
            if (!suspectsBefore.contains(damage)) {
                if (hasMoved()) {
                    throw new MovedException();
                }
                certain = false;
            }
            damages.add(damage);
            if (certain && passedDamages.add(damage)) {
                visitor.onDamage(damage);
            }
        }

        private boolean hasMoved() {
            try {
                return !Objects.equals(directory.readControl(), controlBefore);
            } catch (final IOException e) {
                return false;
            }
        }
    }
}
