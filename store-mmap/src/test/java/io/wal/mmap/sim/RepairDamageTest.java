package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.LogNotFoundException;
import io.wal.mmap.RepairReport;
import io.wal.mmap.RepairReport.Action;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Damages logs of all kinds in all ways, and repairs them: what is intact is kept, the rest named.
 */
class RepairDamageTest {
    /** One bit of every so many is flipped, a different one in each run. */
    private static final int BIT_STRIDE = Integer.getInteger("wal.repair.stride", 1511);

    private final long seed = Long.getLong("wal.sim.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    static List<LogImage> images() {
        return LogImages.all();
    }

    @ParameterizedTest
    @MethodSource("images")
    void soundLogsAreLeftAloneAndTornTailsAreCut(final LogImage image) {
        final SimulatedDisk disk = image.newDisk();

        final RepairReport report = new RepairCheck(image).check(disk, Set.of());

        assertThat(report.action()).isIn(Action.NONE, Action.CUT);
        assertThat(report.lost()).isEmpty();
        if (image.toString().equals("torn tail")) {
            assertThat(report.action()).isEqualTo(Action.CUT);
            assertThat(report.cuts()).hasSize(1);
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void flippedBits(final LogImage image) {
        flipBits(image, random.nextInt(BIT_STRIDE), BIT_STRIDE);
    }

    @ParameterizedTest
    @MethodSource("images")
    @Tag("long")
    void manyFlippedBits(final LogImage image) {
        flipBits(image, random.nextInt(17), 17);
    }

    @ParameterizedTest
    @MethodSource("images")
    void zeroedSectors(final LogImage image) {
        for (final Map.Entry<Path, byte[]> file : image.files().entrySet()) {
            for (int at = 0; at < file.getValue().length; at += CachedFile.SECTOR_LENGTH) {
                final byte[] changed = file.getValue().clone();
                Arrays.fill(
                        changed,
                        at,
                        Math.min(at + CachedFile.SECTOR_LENGTH, changed.length),
                        (byte) 0);
                changed(image, file.getKey(), changed, "sector at " + at + " zeroed");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void sectorsReplacedByOthers(final LogImage image) {
        final List<byte[]> contents = List.copyOf(image.files().values());
        for (final Map.Entry<Path, byte[]> file : image.files().entrySet()) {
            for (int at = 0;
                    at + CachedFile.SECTOR_LENGTH <= file.getValue().length;
                    at += CachedFile.SECTOR_LENGTH) {
                final byte[] other = contents.get(random.nextInt(contents.size()));
                final int count = other.length / CachedFile.SECTOR_LENGTH;
                if (count > 0) {
                    final int from = random.nextInt(count) * CachedFile.SECTOR_LENGTH;
                    final byte[] changed = file.getValue().clone();
                    System.arraycopy(other, from, changed, at, CachedFile.SECTOR_LENGTH);
                    changed(
                            image,
                            file.getKey(),
                            changed,
                            "sector at " + at + " replaced by one from " + from);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void filesMissingCutOrRenamed(final LogImage image) {
        for (final Map.Entry<Path, byte[]> file : image.files().entrySet()) {
            final Path path = file.getKey();
            repair(image, path + " deleted", disk -> disk.delete(path), intactBeside(image, path));
            for (final int length : new int[] {0, 100, 4096, 5000, file.getValue().length - 1}) {
                if (length >= 0 && length < file.getValue().length) {
                    changed(
                            image,
                            path,
                            Arrays.copyOf(file.getValue(), length),
                            "cut to " + length);
                }
            }
        }
        for (final SegmentImage segment : image.begunSegments()) {
            repair(
                    image,
                    segment.path() + " renamed",
                    disk ->
                            disk.rename(
                                    segment.path(),
                                    CrashSimulation.DIRECTORY.resolve(
                                            "segment-0000000000000099.wal")),
                    image.intact(Path.of("none"), new byte[0]));
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void filesSwappedDuplicatedOrRestored(final LogImage image) {
        final List<SegmentImage> segments = image.begunSegments();
        for (final SegmentImage one : segments) {
            for (final SegmentImage other : segments) {
                if (one.index() < other.index()) {
                    repair(
                            image,
                            one.path() + " and " + other.path() + " swapped",
                            disk -> {
                                disk.put(one.path(), other.content());
                                disk.put(other.path(), one.content());
                            },
                            image.intact(Path.of("none"), new byte[0]));
                }
                if (one != other) {
                    repair(
                            image,
                            one.path() + " copied to " + other.path(),
                            disk -> disk.put(other.path(), one.content()),
                            intactBeside(image, other.path()));
                }
            }
        }
        for (final Map<Path, byte[]> older : image.olderFiles()) {
            older.forEach(
                    (path, content) ->
                            repair(
                                    image,
                                    path + " as it was once",
                                    disk -> disk.put(path, content),
                                    Set.of()));
        }
    }

    /** The first and the last resort: nothing but records is left of a log. */
    @ParameterizedTest
    @MethodSource("images")
    void controlFileAndAllHeadersLost(final LogImage image) {
        repair(
                image,
                "control file gone",
                disk -> disk.delete(CrashSimulation.DIRECTORY.resolve("control.wal")),
                Set.of());
        repair(
                image,
                "all headers damaged",
                disk -> {
                    for (final SegmentImage segment : image.begunSegments()) {
                        final byte[] changed = segment.content().clone();
                        changed[72] ^= 1;
                        disk.put(segment.path(), changed);
                    }
                },
                image.intact(Path.of("none"), new byte[0]));
        repair(
                image,
                "all headers damaged, and control file gone",
                disk -> {
                    disk.delete(CrashSimulation.DIRECTORY.resolve("control.wal"));
                    for (final SegmentImage segment : image.begunSegments()) {
                        final byte[] changed = segment.content().clone();
                        changed[72] ^= 1;
                        disk.put(segment.path(), changed);
                    }
                },
                Set.of());
    }

    private void flipBits(final LogImage image, final int first, final int stride) {
        for (final Map.Entry<Path, byte[]> file : image.files().entrySet()) {
            for (int bit = first; bit < file.getValue().length * Byte.SIZE; bit += stride) {
                final byte[] changed = file.getValue().clone();
                changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
                changed(
                        image,
                        file.getKey(),
                        changed,
                        "bit " + bit % Byte.SIZE + " at " + bit / Byte.SIZE);
            }
        }
    }

    private void changed(
            final LogImage image, final Path path, final byte[] after, final String what) {
        repair(image, path + ", " + what, disk -> disk.put(path, after), image.intact(path, after));
    }

    private void repair(
            final LogImage image,
            final String what,
            final DamageCheck.Damaging damaging,
            final Set<Long> mustKeep) {
        final SimulatedDisk disk = image.newDisk();
        try {
            damaging.damage(disk);
            new RepairCheck(image).check(disk, mustKeep);
        } catch (final LogNotFoundException e) {
            assertThat(image.begunSegments()).as(what).allMatch(s -> s.records().isEmpty());
        } catch (final Throwable t) {
            throw new AssertionError(
                    image + ": " + what + " (-Dwal.sim.seed=" + seed + "): " + t, t);
        }
    }

    private static Set<Long> intactBeside(final LogImage image, final Path path) {
        return image.intact(path, new byte[0]);
    }
}
