package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.wal.mmap.sim.DamageCheck.Expected;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
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
        final List<byte[]> all = sectors(image);
        for (final Map.Entry<Path, byte[]> file : image.files().entrySet()) {
            final List<byte[]> own = sectorsOf(file.getValue());
            for (int at = 0; at < file.getValue().length; at += CachedFile.SECTOR_LENGTH) {
                for (final List<byte[]> others : List.of(own, all)) {
                    replaceSector(image, file, at, others.get(random.nextInt(others.size())));
                }
            }
        }
    }

    @Test
    void everySectorOfASmallLogReplacedByEveryOther() throws IOException {
        for (final LogImage image : images()) {
            if (image.toString().equals("one segment, crashed")) {
                replaceEverySectorByEveryOther(image);
                return;
            }
        }
        fail("there is no small log any more");
    }

    @ParameterizedTest
    @MethodSource("images")
    @Tag("long")
    void everySectorReplacedByEveryOther(final LogImage image) throws IOException {
        replaceEverySectorByEveryOther(image);
    }

    private void replaceEverySectorByEveryOther(final LogImage image) throws IOException {
        final List<byte[]> all = sectors(image);
        for (final Map.Entry<Path, byte[]> file : image.files().entrySet()) {
            for (int at = 0; at < file.getValue().length; at += CachedFile.SECTOR_LENGTH) {
                for (final byte[] other : all) {
                    replaceSector(image, file, at, other);
                }
            }
        }
    }

    private void replaceSector(
            final LogImage image,
            final Map.Entry<Path, byte[]> file,
            final int at,
            final byte[] sector)
            throws IOException {
        final byte[] changed = file.getValue().clone();
        overwrite(changed, at, sector);
        if (!Arrays.equals(changed, file.getValue())) {
            change(
                    image,
                    file.getKey(),
                    file.getValue(),
                    changed,
                    "sector at " + at + " replaced by " + HexFormat.of().formatHex(sector));
        }
    }

    /** Those of all files, each content once. */
    private static List<byte[]> sectors(final LogImage image) {
        final Map<ByteBuffer, byte[]> sectors = new LinkedHashMap<>();
        for (final byte[] content : image.files().values()) {
            for (final byte[] sector : sectorsOf(content)) {
                sectors.putIfAbsent(ByteBuffer.wrap(sector), sector);
            }
        }
        return List.copyOf(sectors.values());
    }

    private static List<byte[]> sectorsOf(final byte[] content) {
        final List<byte[]> sectors = new ArrayList<>();
        for (int at = 0; at < content.length; at += CachedFile.SECTOR_LENGTH) {
            sectors.add(Arrays.copyOfRange(content, at, at + CachedFile.SECTOR_LENGTH));
        }
        return sectors;
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
