package io.wal.mmap.sim;

import io.wal.mmap.sim.DamageCheck.Expected;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Cuts, extends, deletes, copies, swaps, renames and restores whole files of logs of all kinds. */
@ExtendWith(QuietLog.class)
class FileDamageTest {
    private static final int SEGMENT_INDEX_STEP = 16;
    private static final int SEGMENT_LENGTH = 2 * CachedFile.PAGE_LENGTH;

    /** What lies behind the end of a file that was extended. */
    private enum Behind {
        ZEROES,
        JUNK,
        /** What the file begins with. */
        ITS_BEGIN,
        /** What the file ends with. */
        ITS_END;

        byte[] extend(final byte[] content, final int length) {
            final byte[] longer = Arrays.copyOf(content, length);
            for (int at = content.length; at < length; at++) {
                longer[at] =
                        switch (this) {
                            case ZEROES -> 0;
                            case JUNK -> 0x5A;
                            case ITS_BEGIN ->
                                    content.length == 0
                                            ? 0
                                            : content[(at - content.length) % content.length];
                            case ITS_END ->
                                    longer[Math.max(0, at - Math.max(1, content.length / 2))];
                        };
            }
            return longer;
        }
    }

    static List<LogImage> images() {
        return LogImages.all();
    }

    @ParameterizedTest
    @MethodSource("images")
    void filesCutAtEveryBoundary(final LogImage image) throws IOException {
        for (final Map.Entry<Path, byte[]> file : image.files().entrySet()) {
            final int length = file.getValue().length;
            for (final int boundary : boundaries(image, file.getKey(), length)) {
                if (boundary < length) {
                    check(
                            image,
                            expectedWhenShort(image, file.getKey()),
                            file.getKey() + " cut to " + boundary,
                            disk ->
                                    disk.put(
                                            file.getKey(),
                                            Arrays.copyOf(file.getValue(), boundary)));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void filesExtendedToEveryBoundary(final LogImage image) throws IOException {
        for (final Map.Entry<Path, byte[]> file : image.files().entrySet()) {
            for (final int length : boundariesBehind(file.getValue().length)) {
                for (final Behind behind : Behind.values()) {
                    final byte[] longer = behind.extend(file.getValue(), length);
                    check(
                            image,
                            new Expected.Any(),
                            file.getKey() + " extended to " + length + ", " + behind,
                            disk -> disk.put(file.getKey(), longer));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void filesMissing(final LogImage image) throws IOException {
        for (final Path path : image.files().keySet()) {
            check(
                    image,
                    expectedWhenGone(image, path),
                    path + " deleted",
                    disk -> disk.delete(path));
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void filesCopiedOverOthers(final LogImage image) throws IOException {
        for (final Map.Entry<Path, byte[]> from : image.files().entrySet()) {
            for (final Path to : image.files().keySet()) {
                if (!to.equals(from.getKey())) {
                    check(
                            image,
                            expectedWhenReplaced(image, to),
                            from.getKey() + " copied to " + to,
                            disk -> disk.put(to, from.getValue()));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void segmentsCopiedToNewNames(final LogImage image) throws IOException {
        for (final SegmentImage segment : image.begunSegments()) {
            for (final long index : new long[] {1, segment.index() + 1, segment.index() + 2, 99}) {
                final Path copy = segmentPath(index);
                if (!image.files().containsKey(copy)) {
                    check(
                            image,
                            new Expected.Any(),
                            segment.path() + " copied to " + copy,
                            disk -> disk.put(copy, segment.content()));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void filesSwapped(final LogImage image) throws IOException {
        final List<SegmentImage> segments = image.begunSegments();
        for (final SegmentImage one : segments) {
            for (final SegmentImage other : segments) {
                if (one.index() < other.index()) {
                    check(
                            image,
                            new Expected.DamagedSomewhere(),
                            one.path() + " and " + other.path() + " swapped",
                            disk -> {
                                disk.put(one.path(), other.content());
                                disk.put(other.path(), one.content());
                            });
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void segmentsRenamed(final LogImage image) throws IOException {
        for (final SegmentImage segment : image.begunSegments()) {
            for (final String name :
                    new String[] {
                        "segment-0000000000000099.wal",
                        "segment-1.wal",
                        "spare-0000000000000042.wal",
                        segment.path().getFileName() + ".tmp",
                        segment.path().getFileName() + ".bak"
                    }) {
                check(
                        image,
                        expectedWhenGone(image, segment.path()),
                        segment.path() + " renamed to " + name,
                        disk ->
                                disk.rename(
                                        segment.path(), CrashSimulation.DIRECTORY.resolve(name)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void olderCopiesRestored(final LogImage image) throws IOException {
        for (final Map<Path, byte[]> older : image.olderFiles()) {
            for (final Map.Entry<Path, byte[]> file : older.entrySet()) {
                if (!Arrays.equals(file.getValue(), image.files().get(file.getKey()))) {
                    check(
                            image,
                            expectedWhenOlder(image, file.getKey(), file.getValue()),
                            file.getKey() + " as it was once",
                            disk -> disk.put(file.getKey(), file.getValue()));
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void foreignFilesAreLeftAlone(final LogImage image) throws IOException {
        for (final String name :
                new String[] {"notes.txt", "segment-x.wal", "segment-0000000000000001.wal~"}) {
            check(
                    image,
                    new Expected.Sound(new DamageCheck(image).lastLsn()),
                    "a foreign file " + name,
                    disk -> disk.put(CrashSimulation.DIRECTORY.resolve(name), new byte[] {1}));
        }
    }

    /** A segment must be found wanting; of the control file one slot is enough. */
    private static Expected expectedWhenShort(final LogImage image, final Path path) {
        return path.endsWith("control.wal") ? new Expected.Any() : expectedWhenGone(image, path);
    }

    private static Expected expectedWhenGone(final LogImage image, final Path path) {
        final long lastLsn = new DamageCheck(image).lastLsn();
        if (path.endsWith("control.wal") && lastLsn == 0) {
            return new Expected.Any(); // there is nothing to lose
        }
        return expectedWhenReplaced(image, path);
    }

    private static Expected expectedWhenReplaced(final LogImage image, final Path path) {
        if (isBegun(image, path) || path.endsWith("control.wal")) {
            return new Expected.DamagedSomewhere();
        }
        return isPrepared(image, path)
                ? new Expected.Any()
                : new Expected.Sound(new DamageCheck(image).lastLsn());
    }

    /** The last segment of a log that was not closed is what it was once: nothing else tells. */
    private static Expected expectedWhenOlder(
            final LogImage image, final Path path, final byte[] older) {
        final List<SegmentImage> segments = image.begunSegments();
        for (final SegmentImage segment : segments) {
            if (segment.path().equals(path)) {
                return segment == segments.get(segments.size() - 1) && !image.isClosed()
                        ? new Expected.RefusedOrAtLeast(0)
                        : new Expected.DamagedSomewhere();
            }
        }
        return new Expected.Any();
    }

    private static boolean isBegun(final LogImage image, final Path path) {
        return image.begunSegments().stream().anyMatch(segment -> segment.path().equals(path));
    }

    private static boolean isPrepared(final LogImage image, final Path path) {
        return LogImage.isSegment(path) && !isBegun(image, path);
    }

    private static TreeSet<Integer> boundaries(
            final LogImage image, final Path path, final int length) {
        final TreeSet<Integer> boundaries = new TreeSet<>(List.of(0, 1, 8, 76, length - 1));
        for (int at = 0; at < length; at += CachedFile.SECTOR_LENGTH) {
            boundaries.add(at);
        }
        for (final SegmentImage segment : image.begunSegments()) {
            if (segment.path().equals(path)) {
                for (final SegmentImage.Located record : segment.records()) {
                    boundaries.addAll(List.of(record.offset(), record.offset() + 10, record.end()));
                }
            }
        }
        boundaries.removeIf(at -> at < 0);
        return boundaries;
    }

    /** One byte, a header, each sector and page up to the length of a segment more. */
    private static TreeSet<Integer> boundariesBehind(final int length) {
        final TreeSet<Integer> boundaries =
                new TreeSet<>(List.of(length + 1, length + 8, length + 76));
        final int end = length + SEGMENT_LENGTH;
        for (int at = length / CachedFile.SECTOR_LENGTH * CachedFile.SECTOR_LENGTH;
                at <= end;
                at += CachedFile.SECTOR_LENGTH) {
            boundaries.add(at);
            if (at % CachedFile.PAGE_LENGTH == 0) {
                boundaries.addAll(List.of(at - 1, at + 1));
            }
        }
        boundaries.removeIf(at -> at <= length);
        return boundaries;
    }

    private static Path segmentPath(final long index) {
        final String digits = Long.toHexString(index);
        return CrashSimulation.DIRECTORY.resolve(
                "segment-" + "0".repeat(SEGMENT_INDEX_STEP - digits.length()) + digits + ".wal");
    }

    private static void check(
            final LogImage image,
            final Expected expected,
            final String what,
            final DamageCheck.Damaging damaging)
            throws IOException {
        new DamageCheck(image).check(damaging, expected, what);
    }
}
