package io.wal.mmap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Looks through the files of a damaged log for everything that is provably intact. Believes no
 * name, and no header whose own checksum is wrong: a record counts when its checksum fits a place
 * in this log, which is a segment's index, a generation, and the offset. Writes nothing.
 */
final class SalvageScan {
    /** Where a lost header's generation is sought; openings that left a segment are fewer. */
    private static final int GENERATIONS_TO_TRY = 4096;

    /**
     * Openings that left no trace, or come behind a salvage that was cut short, are fewer; so a
     * salvage's generation is never one of theirs.
     */
    private static final long GENERATIONS_TO_SKIP = 1 << 16;

    /** A name with a greater index is a mistake, and must not use up all numbers. */
    private static final long GREATEST_INDEX = Long.MAX_VALUE >> 1;

    private final LogDirectory directory;
    private final Control control;
    private final List<String> names = new ArrayList<>();
    private final List<SalvageSource> sources = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final Map<String, SegmentHeader> headers = new HashMap<>();
    private final Map<String, Long> indices = new HashMap<>();
    private long logId;
    private SalvagePlan plan;

    SalvageScan(final LogDirectory directory) throws IOException {
        this.directory = directory;
        control = directory.readControl();
    }

    /**
     * Scans and plans.
     *
     * @param ignored names of segments that are none of the log's.
     */
    void run(final Set<String> ignored) throws IOException {
        readHeaders(ignored);
        try (SegmentScanner scanner = new SegmentScanner()) {
            addSourcesWithHeaders(scanner);
            addSourcesWithoutHeaders(scanner);
        }
        sources.sort(
                Comparator.comparingLong(SalvageSource::index).thenComparing(SalvageSource::name));
        cutTornTail();
        plan = SalvagePlan.of(sources, control, usedLsn());
    }

    /**
     * Looks at headers, and at records only where neither control file nor any header is left. That
     * is enough for the places and the generation of new segments.
     *
     * @param ignored names of segments that are none of the log's.
     */
    void readHeaders(final Set<String> ignored) throws IOException {
        for (final Map.Entry<Long, String> entry : directory.list().segments.entrySet()) {
            final String name = entry.getValue();
            if (!ignored.contains(name)) {
                names.add(name);
                indices.put(name, entry.getKey());
                final SegmentHeader header = directory.readHeader(name);
                if (header != null) {
                    headers.put(name, header);
                }
            }
        }
        concludeLogId();
    }

    SalvagePlan plan() {
        return plan;
    }

    /** All segments, in the order of their names. */
    List<String> names() {
        return names;
    }

    List<SalvageSource> sources() {
        return sources;
    }

    List<String> notes() {
        return notes;
    }

    /** The control file's state; null when it is lost. */
    Control control() {
        return control;
    }

    long logId() {
        return logId;
    }

    /** Behind all that control file and sound headers know, and all that openings come to. */
    long newGeneration() {
        return greatestGeneration() + GENERATIONS_TO_SKIP;
    }

    /**
     * Whether a generation is of an opening behind those that control file and sound headers know.
     */
    boolean isLater(final long generation) {
        return generation > greatestGeneration() && generation < newGeneration();
    }

    private long greatestGeneration() {
        final long begun =
                headers.values().stream()
                        .filter(header -> header.logId() == logId)
                        .mapToLong(SegmentHeader::generation)
                        .max()
                        .orElse(0);
        return control == null ? begun : Math.max(begun, control.generation());
    }

    /**
     * Of the first new segment. There is no segment of the index before it, so that the log is
     * never taken for sound while the new segments are there and the control file does not begin
     * with them.
     */
    long newIndex() {
        long greatest =
                control == null
                        ? 0
                        : Math.max(control.firstSegmentIndex(), control.begunSegmentIndex());
        for (final String name : names) {
            greatest = Math.max(greatest, plausible(indices.get(name)));
            final SegmentHeader header = headers.get(name);
            greatest = Math.max(greatest, header == null ? 0 : plausible(header.index()));
        }
        return greatest + 2;
    }

    /** Long enough for every record. */
    int newSegmentLength() {
        long length = 0;
        for (final String name : names) {
            final SegmentHeader header = headers.get(name);
            if (header != null && header.logId() == logId) {
                length = Math.max(length, header.segmentLength());
            }
        }
        for (final SalvageSource source : sources) {
            length =
                    Math.max(
                            length,
                            SegmentDescriptor.RECORDS_OFFSET
                                    + SegmentDescriptor.spaceFor(source.longestFrameLength()));
            length =
                    headers.containsKey(source.name()) ? length : Math.max(length, source.length());
        }
        final long pages = length + SegmentDescriptor.PAGE_LENGTH - 1;
        return (int)
                Math.max(
                        SegmentDescriptor.MIN_SEGMENT_LENGTH,
                        Math.min(
                                SegmentDescriptor.MAX_SEGMENT_LENGTH,
                                pages & -SegmentDescriptor.PAGE_LENGTH));
    }

    private static long plausible(final long index) {
        return index > GREATEST_INDEX ? 0 : index;
    }

    /** What the control file says, else what most headers say, else what fits some record. */
    private void concludeLogId() throws IOException {
        if (control != null) {
            logId = control.logId();
            return;
        }
        final Map<Long, Integer> counts = new HashMap<>();
        headers.values().forEach(header -> counts.merge(header.logId(), 1, Integer::sum));
        if (!counts.isEmpty()) {
            logId =
                    counts.entrySet().stream()
                            .max(Map.Entry.comparingByValue())
                            .orElseThrow()
                            .getKey();
            return;
        }
        try (SegmentScanner scanner = new SegmentScanner()) {
            for (final String name : names) {
                final ByteBuffer raw = rawHeader(name);
                final long id = raw.getLong(SegmentDescriptor.LOG_ID_OFFSET);
                final long generation = raw.getLong(SegmentDescriptor.GENERATION_OFFSET);
                final long index = indices.get(name);
                if (!read(name, id, index, generation, 0, scanner).runs().isEmpty()) {
                    logId = id;
                    return;
                }
            }
        }
        logId = directory.disk().newLogId();
    }

    private void addSourcesWithHeaders(final SegmentScanner scanner) throws IOException {
        final Map<Long, Long> generations = new HashMap<>();
        for (final String name : names) {
            final SegmentHeader header = headers.get(name);
            if (isOfThisLog(header) && header.isBegun()) {
                generations.merge(header.index(), header.generation(), Math::max);
            }
        }
        for (final String name : names) {
            final SegmentHeader header = headers.get(name);
            if (header == null) {
                continue;
            }
            if (header.logId() != logId) {
                notes.add(name + " belongs to another log and is not used");
            } else if (isOfThisLog(header) && header.isBegun()) {
                if (header.generation() < generations.get(header.index())) {
                    notes.add(
                            name
                                    + " is a copy of segment "
                                    + header.index()
                                    + " from before it was begun anew, and is not used");
                } else {
                    add(
                            read(
                                    name,
                                    logId,
                                    header.index(),
                                    header.generation(),
                                    header.firstLsn(),
                                    scanner));
                }
            }
        }
    }

    /** Files whose header is lost, or is of another segment, and that were begun perhaps. */
    private void addSourcesWithoutHeaders(final SegmentScanner scanner) throws IOException {
        final long lastBegun =
                Math.max(
                        control == null ? 0 : control.begunSegmentIndex(),
                        sources.stream().mapToLong(SalvageSource::index).max().orElse(0));
        for (final String name : names) {
            final long index = indices.get(name);
            final SegmentHeader header = headers.get(name);
            final boolean isMisplaced =
                    header == null
                            || header.logId() != logId
                            || header.index() != index
                            || !header.isBegun() && lastBegun >= index;
            if (isMisplaced && !isReleased(index)) {
                final SalvageSource found = seekGeneration(name, index, scanner);
                if (found != null) {
                    notes.add(
                            name
                                    + " has lost its header; its records are of generation "
                                    + found.generation());
                    add(found);
                } else if (header == null) {
                    notes.add(name + " has no sound header, and no sound record was found in it");
                }
            }
        }
    }

    private SalvageSource seekGeneration(
            final String name, final long index, final SegmentScanner scanner) throws IOException {
        final long least =
                Math.max(
                        1,
                        sources.stream()
                                .filter(source -> source.index() < index)
                                .mapToLong(SalvageSource::generation)
                                .max()
                                .orElse(1));
        final long greatest =
                sources.stream()
                        .filter(source -> source.index() > index)
                        .mapToLong(SalvageSource::generation)
                        .min()
                        .orElse(greatestGeneration());
        final Map<Integer, Long> generations = new HashMap<>();
        final long stop = Math.max(least, greatest - GENERATIONS_TO_TRY);
        for (long generation = stop; generation <= greatest; generation++) {
            generations.put(SegmentHeader.seed(logId, generation, index), generation);
        }
        final long named = rawHeader(name).getLong(SegmentDescriptor.GENERATION_OFFSET);
        if (named >= 1 && (control == null || named < newGeneration())) { // its records decide
            generations.put(SegmentHeader.seed(logId, named, index), named);
        }
        final OptionalInt seed;
        try (DiskFile file = directory.disk().open(directory.resolve(name), Disk.OpenMode.READ)) {
            scanner.begin(file, 0, 1, file.length());
            seed = scanner.seekSeed(generations::containsKey);
        }
        return seed.isEmpty()
                ? null
                : read(name, logId, index, generations.get(seed.getAsInt()), 0, scanner);
    }

    private void add(final SalvageSource source) {
        final boolean isOlder =
                sources.stream()
                        .anyMatch(
                                other ->
                                        other.index() < source.index()
                                                && other.generation() > source.generation());
        if (isOlder) {
            notes.add(source.name() + " is an old copy, and is not used");
        } else {
            sources.add(source);
        }
    }

    /** Of the last segment, unless the control file knows of a later one. */
    private void cutTornTail() {
        if (sources.isEmpty()) {
            return;
        }
        final long last = sources.get(sources.size() - 1).index();
        if (control != null && control.begunSegmentIndex() > last) {
            return;
        }
        long known = usedLsnOfControl();
        long lastLsn = 0;
        for (final SalvageSource source : sources) {
            if (source.index() < last) {
                known = Math.max(known, source.durableLsn());
                lastLsn = Math.max(lastLsn, source.lastLsn());
            }
        }
        for (final SalvageSource source : sources) {
            if (source.index() == last) {
                source.cutTornTail(known, lastLsn + 1);
            }
        }
    }

    private long usedLsn() {
        long used = usedLsnOfControl();
        for (final SalvageSource source : sources) {
            used = Math.max(used, Math.max(source.firstLsn() - 1, source.durableLsn()));
        }
        return used;
    }

    private long usedLsnOfControl() {
        return control == null
                ? 0
                : Math.max(
                        control.startLsn() - 1, Math.max(control.endLsn(), control.durableLsn()));
    }

    private boolean isOfThisLog(final SegmentHeader header) {
        return header != null && header.logId() == logId && !isReleased(header.index());
    }

    /** Whether a checkpoint made a segment superfluous; it may be anything then. */
    private boolean isReleased(final long index) {
        return control != null && index < control.firstSegmentIndex();
    }

    private SalvageSource read(
            final String name,
            final long id,
            final long index,
            final long generation,
            final long firstLsn,
            final SegmentScanner scanner)
            throws IOException {
        return SalvageSource.read(directory, name, id, index, generation, firstLsn, scanner);
    }

    private ByteBuffer rawHeader(final String name) throws IOException {
        final ByteBuffer buffer =
                ByteBuffer.allocate(SegmentDescriptor.HEADER_LENGTH).order(ByteOrder.LITTLE_ENDIAN);
        try (DiskFile file = directory.disk().open(directory.resolve(name), Disk.OpenMode.READ)) {
            file.read(buffer, 0);
        }
        return buffer;
    }
}
