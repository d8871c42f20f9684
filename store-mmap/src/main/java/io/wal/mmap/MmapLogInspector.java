package io.wal.mmap;

import io.wal.LogNotFoundException;
import io.wal.StorageException;
import io.wal.inspect.Damage;
import io.wal.inspect.LogInspector;
import io.wal.inspect.LogReport;
import io.wal.inspect.RecordVisitor;
import io.wal.inspect.SegmentReport;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.function.LongConsumer;
import org.agrona.DirectBuffer;

/** Looks at a log in a directory. Reads files by position, takes no lock, and writes nothing. */
public final class MmapLogInspector implements LogInspector {
    private static final int MOST_TRIES = 5;
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
            for (int tries = 1; ; tries++) {
                try (LogScan scan = new LogScan(directory, visit)) {
                    visit.begin(tries == MOST_TRIES);
                    scan.run(tailOnly);
                    return report(scan, visit, tailOnly);
                } catch (final MovedException e) {
                    // the writer rolled, released or opened meanwhile: look again
                }
            }
        } catch (final IOException e) {
            throw new StorageException(directory.path().toString(), "read", e);
        }
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

    /** Takes note of what a scan finds, and passes on what was asked for, each record once. */
    private final class Visit implements LogScan.Listener {
        private final List<SegmentReport> segments = new ArrayList<>();
        private final List<Damage> damages = new ArrayList<>();
        private final long toLsn;
        private final RecordVisitor visitor;
        private final LongConsumer progress;
        private long fromLsn;
        private long checkedBytes;
        private boolean lastTry;
        private Control controlBefore;
        private List<String> namesBefore;

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

        void begin(final boolean isLastTry) throws IOException {
            segments.clear();
            damages.clear();
            checkedBytes = 0;
            lastTry = isLastTry;
            controlBefore = directory.readControl();
            namesBefore = List.copyOf(directory.list().segments.values());
        }

        @Override
        public void onSegment(final SegmentReport segment) {
            visitor.onSegment(segment);
        }

        @Override
        public void onRecord(final String segment, final SegmentScanner scanner) {
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
            if (!lastTry && hasMoved()) {
                fromLsn = Math.max(fromLsn, damage.lsn());
                throw new MovedException();
            }
            damages.add(damage);
            visitor.onDamage(damage);
        }

        private boolean hasMoved() {
            try {
                final Control now = directory.readControl();
                return !Objects.equals(now, controlBefore)
                        || !namesBefore.equals(List.copyOf(directory.list().segments.values()));
            } catch (final IOException e) {
                return false;
            }
        }
    }
}
