package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.mmap.sim.DamageCheck.Expected;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Damages logs of all kinds in all ways; the answer must be right each time. */
class DamageTest {
    /** One bit of every so many is flipped, a different one in each run. */
    private static final int BIT_STRIDE = Integer.getInteger("wal.damage.stride", 131);

    private final long seed = Long.getLong("wal.sim.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    static List<LogImage> images() {
        return LogImages.all();
    }

    @Test
    void theLogsAreOfTheKindTheyAreMeantToBe() {
        // given
        final List<LogImage> images = images();

        // then: sound, as they are
        for (final LogImage image : images) {
            final DamageCheck check = new DamageCheck(image);
            check.check(image.newDisk(), new Expected.Sound(check.lastLsn()));
        }
        assertThat(images).extracting(image -> image.begunSegments().size()).contains(1, 2, 3);
        assertThat(images)
                .anyMatch(
                        image ->
                                image.files().keySet().stream()
                                        .anyMatch(p -> p.toString().contains("spare")));
    }

    @ParameterizedTest
    @MethodSource("images")
    void flippedBits(final LogImage image) throws IOException {
        flipBits(image, random.nextInt(BIT_STRIDE), BIT_STRIDE);
    }

    @ParameterizedTest
    @MethodSource("images")
    @Tag("long")
    void everyFlippedBit(final LogImage image) throws IOException {
        flipBits(image, 0, 1);
    }

    @ParameterizedTest
    @MethodSource("images")
    void zeroedSectors(final LogImage image) throws IOException {
        for (final Map.Entry<Path, byte[]> file : image.files().entrySet()) {
            for (int at = 0; at < file.getValue().length; at += CachedFile.SECTOR_LENGTH) {
                final byte[] changed = file.getValue().clone();
                overwrite(changed, at, new byte[CachedFile.SECTOR_LENGTH]);
                change(
                        image,
                        file.getKey(),
                        file.getValue(),
                        changed,
                        "sector at " + at + " zeroed");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("images")
    void sectorsReplacedByOthers(final LogImage image) throws IOException {
        final Map<Path, byte[]> files = image.files();
        final List<byte[]> contents = List.copyOf(files.values());
        for (final Map.Entry<Path, byte[]> file : files.entrySet()) {
            for (int at = 0; at < file.getValue().length; at += CachedFile.SECTOR_LENGTH) {
                for (int i = 0; i < 2; i++) {
                    final byte[] other =
                            i == 0
                                    ? file.getValue()
                                    : contents.get(random.nextInt(contents.size()));
                    final int sectorCount = other.length / CachedFile.SECTOR_LENGTH;
                    if (sectorCount > 0) {
                        final int from = random.nextInt(sectorCount) * CachedFile.SECTOR_LENGTH;
                        final byte[] sector = new byte[CachedFile.SECTOR_LENGTH];
                        System.arraycopy(other, from, sector, 0, sector.length);
                        final byte[] changed = file.getValue().clone();
                        overwrite(changed, at, sector);
                        change(
                                image,
                                file.getKey(),
                                file.getValue(),
                                changed,
                                "sector at " + at + " replaced by one from " + from);
                    }
                }
            }
        }
    }

    private void flipBits(final LogImage image, final int first, final int stride)
            throws IOException {
        for (final Map.Entry<Path, byte[]> file : image.files().entrySet()) {
            final byte[] changed = file.getValue().clone();
            for (int bit = first; bit < changed.length * Byte.SIZE; bit += stride) {
                changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
                change(
                        image,
                        file.getKey(),
                        file.getValue(),
                        changed,
                        "bit " + bit % Byte.SIZE + " at " + bit / Byte.SIZE);
                changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            }
        }
    }

    private void change(
            final LogImage image,
            final Path path,
            final byte[] before,
            final byte[] after,
            final String what)
            throws IOException {
        final DamageCheck check = new DamageCheck(image);
        check.check(
                disk -> disk.put(path, after),
                check.expectedAfterChange(path, before, after),
                path + ", " + what + " (-Dwal.sim.seed=" + seed + ")");
    }

    private static void overwrite(final byte[] content, final int at, final byte[] sector) {
        System.arraycopy(sector, 0, content, at, Math.min(sector.length, content.length - at));
    }
}
