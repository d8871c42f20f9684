package io.wal.mmap;

import io.wal.LogNotFoundException;
import io.wal.inspect.Damage;
import io.wal.inspect.SegmentReport;
import io.wal.mmap.RecoveryTable.End;
import io.wal.mmap.RecoveryTable.Outcome;
import io.wal.mmap.RecoveryTable.Successor;
import io.wal.record.MarkerDescriptor;
import java.io.IOException;
import java.util.Map;

/**
 * Goes through a log from its first segment to its end, checks all of it, and finds out how it
 * ended. Writes nothing.
 *
 * <p>The listener decides what damage means: it throws, and that is the end, or it takes note, and
 * the scan goes on with the next sound record.
 */
final class LogScan implements AutoCloseable {
    /** Hears what is found, in log order. */
    interface Listener {
        /** A segment is about to be read; the last LSN and the state are not known yet. */
        default void onSegment(final SegmentReport segment) {}

        /** The same segment, as its header says. */
        default void onSegmentBegun(final SegmentHeader header) {}

        /** The scanner stands on a sound record. */
        default void onRecord(final String segment, final SegmentScanner scanner) {}

        /** A segment was read. */
        default void onSegmentEnd(final SegmentReport segment) {}

        void onDamage(Damage damage);
    }

    private static final int GENERATIONS_TO_TRY = 64;

    private final LogDirectory directory;
    private final Listener listener;
    private final LogDirectory.Listing listing;
    private final SegmentChecks checks;
    private final SegmentScanner scanner = new SegmentScanner();
    private Control control;

    private long firstLsn;
    private long nextLsn = 1;
    private long durableLsn;
    private long startLsn = 1;
    private long endLsn;
    private SegmentHeader tailHeader;
    private String tailName;
    private long tailOffset;
    private long tailChecksum;
    private boolean tailDamaged;
    private End tailEnd = End.CLOSED;
    private Outcome outcome = Outcome.WHOLE_TAIL;
    private boolean torn;
    private long lastBegunIndex;
    private boolean tailOnly;
    private boolean damaged;

    /** Creates a scan, and looks at what files there are. */
    LogScan(final LogDirectory directory, final Listener listener) throws IOException {
        this(directory, listener, null);
    }

    /**
     * Creates a scan, and looks at what files there are.
     *
     * @param checks may go ahead; the listener is not told of the records of segments that they
     *     find sound. Closed with the scan; null for none.
     */
    LogScan(final LogDirectory directory, final Listener listener, final SegmentChecks checks)
            throws IOException {
        this.directory = directory;
        this.listener = listener;
        this.checks = checks;
        listing = directory.list();
        control = directory.readControl();
    }

    /** Scans the whole log. */
    void run() throws IOException {
        run(false);
    }

    /**
     * Scans the log.
     *
     * @param isTailOnly whether to believe the headers of all segments but the last, and not read
     *     their records.
     */
    void run(final boolean isTailOnly) throws IOException {
        tailOnly = isTailOnly;
        concludeControl();
        startLsn = control.startLsn();
        endLsn = control.endLsn();
        nextLsn = startLsn; // of a log without entries
        durableLsn = Math.max(Math.max(startLsn - 1, endLsn), control.durableLsn());
        lastBegunIndex = Math.max(findLastBegun(), control.begunSegmentIndex());
        long expectedIndex = control.firstSegmentIndex();
        if (checks != null && lastBegunIndex > expectedIndex) {
            checks.begin(listing.segments.subMap(expectedIndex, lastBegunIndex));
        }
        if (!listing.segments.containsKey(expectedIndex)) {
            damage(
                    LogDirectory.segmentName(expectedIndex),
                    0,
                    startLsn,
                    "the first segment is missing");
            final Long present = listing.segments.ceilingKey(expectedIndex);
            expectedIndex = present == null ? lastBegunIndex + 1 : present;
        }
        for (final Map.Entry<Long, String> entry :
                listing.segments.tailMap(control.firstSegmentIndex()).entrySet()) {
            final long index = entry.getKey();
            if (index > expectedIndex && isMissed(expectedIndex) && !isThereNow(expectedIndex)) {
                damage(
                        LogDirectory.segmentName(expectedIndex),
                        0,
                        nextLsn,
                        "the segment is missing, and segment " + index + " is there");
            }
            expectedIndex = index + 1;
            if (!scanSegment(index, entry.getValue())) {
                break;
            }
        }
        if (isMissed(expectedIndex) && !isThereNow(expectedIndex)) {
            damage(
                    LogDirectory.segmentName(expectedIndex),
                    0,
                    nextLsn,
                    outcome == Outcome.SUCCESSOR_MISSING
                            ? "the segment is missing; the one before it was sealed"
                            : "the segment is missing; the control file says that it was begun");
        }
        if (!damaged && durableLsn >= nextLsn) {
            damage(
                    tailName == null ? LogDirectory.CONTROL : tailName,
                    tailOffset,
                    nextLsn,
                    "LSN "
                            + durableLsn
                            + " was durable, and the log ends at LSN "
                            + (nextLsn - 1)
                            + ": an old copy of the segment was put back");
        }
    }

    /** Whether a segment that is not there was needed. */
    private boolean isMissed(final long index) {
        return lastBegunIndex >= index
                || outcome == Outcome.SUCCESSOR_MISSING && tailHeader.index() + 1 == index;
    }

    LogDirectory.Listing listing() {
        return listing;
    }

    Control control() {
        return control;
    }

    /** First LSN held; 0 when the log never held an entry. */
    long firstLsn() {
        return firstLsn;
    }

    long lastLsn() {
        return nextLsn - 1;
    }

    /** Last LSN that the log proves to be durable. */
    long durableLsn() {
        return durableLsn;
    }

    /** Start of the last finalized checkpoint, or the first LSN of all. */
    long startLsn() {
        return startLsn;
    }

    /** Last LSN that an entry of the last finalized checkpoint may have. */
    long endLsn() {
        return endLsn;
    }

    /** Header of the last segment that was begun; null when none was. */
    SegmentHeader tailHeader() {
        return tailHeader;
    }

    String tailName() {
        return tailName;
    }

    /** Where the sound records of the last segment end, a seal left out. */
    long tailOffset() {
        return tailOffset;
    }

    /** Running checksum of the last segment, a seal left out. */
    long tailChecksum() {
        return tailChecksum;
    }

    End tailEnd() {
        return tailEnd;
    }

    /** Whether remains of a batch that was never acknowledged lie behind the tail. */
    boolean isTorn() {
        return torn;
    }

    /** Highest generation that has left a trace. */
    long generation() {
        return Math.max(control.generation(), tailHeader == null ? 0 : tailHeader.generation());
    }

    @Override
    public void close() {
        if (checks != null) {
            checks.close();
        }
        scanner.close();
    }

    private void concludeControl() throws IOException {
        if (control != null) {
            return;
        }
        if (!listing.hasControl && !anyBegun()) {
            throw new LogNotFoundException(
                    directory.path().toString(), "the directory holds no " + LogDirectory.CONTROL);
        }
        damage(
                LogDirectory.CONTROL,
                0,
                0,
                listing.hasControl
                        ? "neither slot of the control file is sound"
                        : "the control file is missing, and there are segments");
        control = controlFromSegments();
    }

    /** The best guess when the control file is gone: only used to look on, never to write. */
    private Control controlFromSegments() throws IOException {
        for (final Map.Entry<Long, String> entry : listing.segments.entrySet()) {
            final SegmentHeader header = directory.readHeader(entry.getValue());
            if (header != null) {
                return new Control(
                        0,
                        header.logId(),
                        Long.MAX_VALUE,
                        entry.getKey(),
                        header.firstLsn(),
                        0,
                        0,
                        0);
            }
        }
        return Control.create(0, 1);
    }

    /**
     * Whether a segment came since the directory was listed: a writer goes on beside us. What it
     * writes there is none of ours.
     */
    private boolean isThereNow(final long index) throws IOException {
        return directory.list().segments.containsKey(index);
    }

    private boolean anyBegun() throws IOException {
        for (final String name : listing.segments.values()) {
            final SegmentHeader header = directory.readHeader(name);
            if (header == null || header.isBegun()) {
                return true;
            }
        }
        return false;
    }

    /** Index of the last segment whose header says that it was begun; 0 when none does. */
    private long findLastBegun() throws IOException {
        for (final Map.Entry<Long, String> entry : listing.segments.descendingMap().entrySet()) {
            final SegmentHeader header = directory.readHeader(entry.getValue());
            if (header != null && header.isBegun() && isOfPlace(header, entry.getKey())) {
                return entry.getKey();
            }
        }
        return 0;
    }

    /** Whether a header was written for this log and this segment, and not for another. */
    private boolean isOfPlace(final SegmentHeader header, final long index) {
        return header.logId() == control.logId() && header.index() == index;
    }

    private void damageOfHeader(final SegmentHeader header, final long index, final String name) {
        if (header == null) {
            damage(name, 0, nextLsn, "the segment's header is damaged");
        } else {
            checkPlace(header, index, name);
        }
    }

    /** Returns whether the log may go on in the next segment. */
    private boolean scanSegment(final long index, final String name) throws IOException {
        try (DiskFile file = directory.disk().open(directory.resolve(name), Disk.OpenMode.READ)) {
            final SegmentHeader header = directory.readHeader(file, name);
            final long length = file.length();
            if (header == null || !isOfPlace(header, index)) {
                if (isHeaderMissed(index, file, length)) {
                    damageOfHeader(header, index, name);
                }
                return lastBegunIndex > index;
            }
            checkPlace(header, index, name);
            if (!header.isBegun()) {
                if (lastBegunIndex >= index) {
                    damage(
                            name,
                            SegmentDescriptor.FIRST_LSN_OFFSET,
                            nextLsn,
                            lastBegunIndex > index
                                    ? "the segment was never begun, and a later one was"
                                    : "the control file says that the segment was begun: an old"
                                            + " copy of it was put back");
                }
                report(name, length, header, 0, "prepared");
                return lastBegunIndex > index;
            }
            checkFollows(header, name);
            if (firstLsn == 0) {
                firstLsn = header.firstLsn();
            }
            final SegmentHeader successor = tailOnly ? begunSuccessor(index) : null;
            if (successor == null) {
                scanRecords(header, name, file, length);
            } else {
                skipRecords(header, name, length, successor);
            }
            return true;
        }
    }

    private void scanRecords(
            final SegmentHeader header, final String name, final DiskFile file, final long length)
            throws IOException {
        listener.onSegment(
                new SegmentReport(
                        name,
                        length,
                        header.generation(),
                        header.firstLsn(),
                        header.firstLsn() - 1,
                        "read"));
        listener.onSegmentBegun(header);
        final Successor successor = successorOf(header.index());
        tailHeader = header;
        tailName = name;
        tailDamaged = false;
        long sealedLength = header.segmentLength();
        long retriedOffset = -1;
        SegmentSummary summary = soundSegment(header, length, successor);
        if (summary == null) {
            scanner.begin(file, header.seed(), header.firstLsn(), length);
            summary = read(name, false);
        }
        while (true) {
            take(summary);
            if (tailEnd == End.SEALED) {
                sealedLength = summary.sealedLength();
            }
            final long brokenOffset = tailOffset;
            final boolean durable = tailEnd == End.BROKEN && isNamedDurable(nextLsn, brokenOffset);
            outcome = RecoveryTable.of(tailEnd, successor, durable).outcome();
            if (outcome != Outcome.DAMAGED) {
                break;
            }
            if (tailEnd == End.BROKEN && retriedOffset != brokenOffset) {
                retriedOffset = brokenOffset;
                // a writer beside us may just have finished there: look once more
                scanner.resume(brokenOffset, nextLsn, tailChecksum);
                summary = read(name, false);
                continue;
            }
            tailDamaged = true;
            damage(name, brokenOffset, nextLsn, reason(tailEnd, successor));
            if (tailEnd != End.BROKEN || !scanner.seek(brokenOffset, nextLsn - 1)) {
                break;
            }
            summary = read(name, true);
        }
        if (outcome == Outcome.NEXT_SEGMENT) {
            durableLsn = Math.max(durableLsn, nextLsn - 1);
        }
        if (!tailDamaged) {
            checkLength(name, length, sealedLength, successor);
        }
        report(name, length, header, nextLsn - 1, tailDamaged ? "damaged" : stateName(tailEnd));
    }

    private SegmentHeader begunSuccessor(final long index) throws IOException {
        final String name = listing.segments.get(index + 1);
        final SegmentHeader header = name == null ? null : directory.readHeader(name);
        return header != null && header.isBegun() ? header : null;
    }

    private void skipRecords(
            final SegmentHeader header,
            final String name,
            final long length,
            final SegmentHeader successor) {
        tailHeader = header;
        tailName = name;
        tailEnd = End.SEALED;
        tailChecksum = successor.predecessorChecksum();
        nextLsn = successor.predecessorLsn() + 1;
        durableLsn = Math.max(durableLsn, nextLsn - 1);
        report(name, length, header, nextLsn - 1, "sealed");
    }

    /** What is known of a segment without reading it; null when it has to be read. */
    private SegmentSummary soundSegment(
            final SegmentHeader header, final long length, final Successor successor) {
        final SegmentChecks.SoundSegment sound =
                checks != null && successor == Successor.BEGUN ? checks.take(header.index()) : null;
        return sound != null && sound.header().equals(header) && sound.fileLength() == length
                ? sound.summary()
                : null;
    }

    private SegmentSummary read(final String name, final boolean standsOnRecord)
            throws IOException {
        return SegmentSummary.read(scanner, standsOnRecord, () -> listener.onRecord(name, scanner));
    }

    private void take(final SegmentSummary summary) {
        tailEnd = summary.end();
        tailOffset = summary.offset();
        tailChecksum = summary.checksum();
        nextLsn = summary.nextLsn();
        durableLsn = Math.max(durableLsn, summary.durableLsn());
        startLsn = Math.max(startLsn, summary.startLsn());
        endLsn = Math.max(endLsn, summary.endLsn());
    }

    /**
     * Whether something behind a broken place, or the control file, says that the entry there was
     * durable.
     */
    private boolean isNamedDurable(final long lsn, final long brokenOffset) throws IOException {
        if (durableLsn >= lsn) {
            return true;
        }
        torn = scanner.beginsAt(brokenOffset, lsn);
        long at = brokenOffset;
        while (scanner.seek(at, lsn - 1)) {
            torn = true;
            if (MarkerDescriptor.namesDurableLsn(scanner.kind())
                    && (scanner.field(MarkerDescriptor.DURABLE_LSN_OFFSET) >= lsn
                            || scanner.lsn() == lsn - 1)) {
                // with no entry in between, what is broken is the end of a checkpoint, which was
                // forced before anything was written behind it
                return true;
            }
            at = scanner.nextOffset();
        }
        return false;
    }

    private Successor successorOf(final long index) {
        if (lastBegunIndex > index) {
            return Successor.BEGUN;
        }
        return listing.segments.containsKey(index + 1) ? Successor.PREPARED : Successor.MISSING;
    }

    /**
     * Whether a header that cannot be read matters: the segment is the first, or it is known that
     * it or a later one was begun, or some record in it is sound under the seed of one of the last
     * openings. A header that was just being written when power failed has no records behind it.
     */
    private boolean isHeaderMissed(final long index, final DiskFile file, final long length)
            throws IOException {
        if (tailHeader == null || lastBegunIndex >= index) {
            return true;
        }
        if (tailEnd != End.SEALED) {
            return false;
        }
        final long oldest =
                Math.max(tailHeader.generation(), control.generation() - GENERATIONS_TO_TRY);
        for (long generation = control.generation(); generation >= oldest; generation--) {
            scanner.begin(
                    file, SegmentHeader.seed(control.logId(), generation, index), nextLsn, length);
            if (scanner.seek(SegmentDescriptor.RECORDS_OFFSET, nextLsn - 1)) {
                return true;
            }
        }
        return false;
    }

    private void checkPlace(final SegmentHeader header, final long index, final String name) {
        if (header.logId() != control.logId()) {
            damage(
                    name,
                    SegmentDescriptor.LOG_ID_OFFSET,
                    nextLsn,
                    "the segment belongs to another log");
        } else if (header.index() != index) {
            damage(
                    name,
                    SegmentDescriptor.INDEX_OFFSET,
                    nextLsn,
                    "the file holds segment " + header.index() + ": it was renamed or copied");
        } else if (header.generation() > control.generation()) {
            damage(
                    name,
                    SegmentDescriptor.GENERATION_OFFSET,
                    nextLsn,
                    "the segment has generation "
                            + header.generation()
                            + ", and the control file knows only "
                            + control.generation()
                            + ": an old copy of it was put back");
        }
    }

    private void checkFollows(final SegmentHeader header, final String name) {
        if (tailHeader == null) {
            if (header.firstLsn() > control.startLsn()) {
                damage(
                        name,
                        SegmentDescriptor.FIRST_LSN_OFFSET,
                        control.startLsn(),
                        "the log begins at LSN "
                                + header.firstLsn()
                                + ", and recovery begins at LSN "
                                + control.startLsn());
            }
        } else if (header.generation() < tailHeader.generation()) {
            damage(
                    name,
                    SegmentDescriptor.GENERATION_OFFSET,
                    nextLsn,
                    "generation "
                            + header.generation()
                            + " follows generation "
                            + tailHeader.generation()
                            + ": an old copy of a segment was put back");
        } else if (header.firstLsn() != nextLsn
                || header.predecessorLsn() != nextLsn - 1
                || header.predecessorChecksum() != tailChecksum && !tailDamaged) {
            damage(
                    name,
                    SegmentDescriptor.FIRST_LSN_OFFSET,
                    Math.min(nextLsn, header.firstLsn()),
                    "the segment follows LSN "
                            + header.predecessorLsn()
                            + " and checksum "
                            + Long.toHexString(header.predecessorChecksum())
                            + ", and the segment before it ends with LSN "
                            + (nextLsn - 1)
                            + " and checksum "
                            + Long.toHexString(tailChecksum));
        }
    }

    private void checkLength(
            final String name, final long length, final long expected, final Successor successor) {
        final boolean mayBeLonger =
                tailEnd == End.SEALED && successor != Successor.BEGUN; // to be cut when opened
        if (length < expected || length > expected && !mayBeLonger) {
            damage(
                    name,
                    Math.min(length, expected),
                    nextLsn,
                    "the file has " + length + " bytes, and should have " + expected);
        }
    }

    private String reason(final End end, final Successor successor) {
        if (end == End.CLOSED) {
            return "the segment was closed, not sealed, and another follows it";
        }
        return successor == Successor.BEGUN
                ? "no sound record, and the next segment was begun when all of this one was durable"
                : "no sound record, and a later one says that LSN " + nextLsn + " was durable";
    }

    private String stateName(final End end) {
        return switch (end) {
            case SEALED -> "sealed";
            case CLOSED -> "closed";
            case BROKEN -> torn ? "torn" : "active";
        };
    }

    private void report(
            final String name,
            final long length,
            final SegmentHeader header,
            final long lastLsn,
            final String state) {
        listener.onSegmentEnd(
                new SegmentReport(
                        name, length, header.generation(), header.firstLsn(), lastLsn, state));
    }

    private void damage(final String name, final long offset, final long lsn, final String reason) {
        damaged = true;
        listener.onDamage(new Damage(directory.resolve(name).toString(), offset, lsn, reason));
    }
}
