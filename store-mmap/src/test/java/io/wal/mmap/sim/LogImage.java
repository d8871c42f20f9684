package io.wal.mmap.sim;

import io.wal.record.RecordKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A log at rest, to be damaged: its files, and what is known of them. */
final class LogImage {
    private static final String SEGMENT = "segment-";

    private final String name;
    private final SimulatedDisk disk;
    private final LogOracle oracle;
    private final List<Map<Path, byte[]>> olderFiles;
    private final Map<Path, byte[]> files;
    private final List<SegmentImage> begunSegments = new ArrayList<>();

    /**
     * Takes a picture.
     *
     * @param name for messages.
     * @param disk that holds the log.
     * @param oracle that knows what it was given and promised.
     * @param olderFiles what the files were at earlier times.
     */
    LogImage(
            final String name,
            final SimulatedDisk disk,
            final LogOracle oracle,
            final List<Map<Path, byte[]>> olderFiles) {
        this.name = name;
        this.disk = disk.copy();
        this.oracle = oracle.copy();
        this.olderFiles = List.copyOf(olderFiles);
        files = disk.files();
        final long first = ControlImage.firstSegment(file("control.wal"));
        files.forEach(
                (path, content) -> {
                    if (isSegment(path)) {
                        final SegmentImage segment = SegmentImage.parse(path, content);
                        if (segment.isBegun() && segment.index() >= first) {
                            begunSegments.add(segment);
                        }
                    }
                });
    }

    SimulatedDisk newDisk() {
        return disk.copy();
    }

    LogOracle newOracle() {
        return oracle.copy();
    }

    /** What the files were at earlier times. */
    List<Map<Path, byte[]>> olderFiles() {
        return olderFiles;
    }

    Map<Path, byte[]> files() {
        return files;
    }

    /** The segments that hold entries, or could, in log order; neither superfluous nor prepared. */
    List<SegmentImage> begunSegments() {
        return begunSegments;
    }

    /** Whether the last record says that the log was closed. */
    boolean isClosed() {
        final List<SegmentImage.Located> records =
                begunSegments.isEmpty()
                        ? List.of()
                        : begunSegments.get(begunSegments.size() - 1).records();
        return !records.isEmpty() && records.get(records.size() - 1).kind() == RecordKind.CLOSE;
    }

    byte[] file(final String fileName) {
        return files.get(CrashSimulation.DIRECTORY.resolve(fileName));
    }

    /** The acknowledged entries whose bytes are as they were, when a file has another content. */
    Set<Long> intact(final Path path, final byte[] after) {
        final Set<Long> lsns = new TreeSet<>();
        for (final SegmentImage segment : begunSegments) {
            for (final SegmentImage.Located record : segment.records()) {
                final boolean same =
                        !segment.path().equals(path)
                                || after.length >= record.end()
                                        && Arrays.equals(
                                                segment.content(),
                                                record.offset(),
                                                record.end(),
                                                after,
                                                record.offset(),
                                                record.end());
                if (record.kind().isEntry()
                        && same
                        && record.nextEntryLsn() <= oracle.ackedBeforeCrashLsn()) {
                    lsns.add(record.nextEntryLsn());
                }
            }
        }
        return lsns;
    }

    static boolean isSegment(final Path path) {
        return path.getFileName().toString().startsWith(SEGMENT)
                && path.toString().endsWith(".wal");
    }

    @Override
    public String toString() {
        return name;
    }
}
