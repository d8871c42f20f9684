package io.wal.mmap.sim;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A log at rest, to be damaged: its files, and what is known of them.
 *
 * @param name for messages.
 * @param disk that holds it; to be copied before use.
 * @param oracle that knows what it was given and promised; to be copied before use.
 * @param olderFiles what the same files were at earlier times.
 */
record LogImage(
        String name, SimulatedDisk disk, LogOracle oracle, List<Map<Path, byte[]>> olderFiles) {

    private static final String SEGMENT = "segment-";

    /** The segments that hold entries, or could, in log order; neither superfluous nor prepared. */
    List<SegmentImage> begunSegments() {
        final List<SegmentImage> segments = new ArrayList<>();
        final long first = ControlImage.firstSegment(file("control.wal"));
        disk.files()
                .forEach(
                        (path, content) -> {
                            if (isSegment(path)) {
                                final SegmentImage segment = SegmentImage.parse(path, content);
                                if (segment.isBegun() && segment.index() >= first) {
                                    segments.add(segment);
                                }
                            }
                        });
        return segments;
    }

    byte[] file(final String fileName) {
        return disk.files().get(CrashSimulation.DIRECTORY.resolve(fileName));
    }

    /** The files of the log alone. */
    Map<Path, byte[]> files() {
        final Map<Path, byte[]> files = new TreeMap<>(disk.files());
        files.keySet().removeIf(path -> !path.startsWith(CrashSimulation.DIRECTORY));
        return files;
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
