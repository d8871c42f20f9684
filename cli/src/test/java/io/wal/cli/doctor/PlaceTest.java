package io.wal.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlaceTest {
    private static final int FILE_LENGTH = 64 << 10;
    private static final List<String> MOUNTS =
            List.of(
                    "22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw,errors=remount-ro",
                    "23 22 8:2 / /data rw,noatime shared:1 master:2 - xfs /dev/sda2 rw,nobarrier",
                    "24 23 0:40 /sub /data/with\\040space rw - btrfs /dev/sdb rw,subvol=/sub",
                    "25 22 0:41 / /data rw - tmpfs tmpfs rw",
                    "nonsense");

    @TempDir private Path directory;

    @Test
    void findsTheDeepestMount() {
        assertThat(Mount.parse(MOUNTS, Path.of("/var/lib")).fileSystem()).isEqualTo("ext4");
        assertThat(Mount.parse(MOUNTS, Path.of("/database")).fileSystem()).isEqualTo("ext4");
        assertThat(Mount.parse(MOUNTS, Path.of("/data/with space/log")))
                .isEqualTo(
                        new Mount(
                                "/data/with space",
                                "btrfs",
                                "/dev/sdb",
                                "rw,rw,subvol=/sub",
                                "0:40"));
    }

    @Test
    void laterMountHidesTheEarlierOneAtTheSamePlace() {
        assertThat(Mount.parse(MOUNTS, Path.of("/data/log")).fileSystem()).isEqualTo("tmpfs");
        assertThat(Mount.parse(MOUNTS.subList(0, 3), Path.of("/data/log")))
                .satisfies(mount -> assertThat(mount.fileSystem()).isEqualTo("xfs"))
                .satisfies(mount -> assertThat(mount.hasOption("nobarrier")).isTrue())
                .satisfies(mount -> assertThat(mount.hasOption("barrier")).isFalse());
    }

    @Test
    void everyDirectoryHasAMount() throws IOException {
        assertThat(Mount.of(directory).fileSystem()).isNotBlank();
    }

    @Test
    void readsWhatLinuxSaysOfADisk() throws IOException {
        final Path disk = Files.createDirectories(directory.resolve("block/sda"));
        final Path partition = Files.createDirectories(disk.resolve("sda1"));
        Files.writeString(partition.resolve("partition"), "1\n");
        Files.createDirectories(disk.resolve("queue"));
        Files.writeString(disk.resolve("queue/write_cache"), "write back\n");
        Files.writeString(disk.resolve("queue/rotational"), "1\n");
        Files.createDirectories(disk.resolve("device"));
        Files.writeString(disk.resolve("device/model"), "ACME 15000 \n");
        Files.writeString(disk.resolve("stat"), "  1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17\n");
        final Path link = Files.createSymbolicLink(directory.resolve("8:1"), partition);

        final Device device = Device.in(link);

        assertThat(device)
                .isEqualTo(new Device("sda", "ACME 15000", "write back", true, disk.toRealPath()));
        assertThat(device.writesAndFlushes()).containsExactly(7 * 512, 16);
        assertThat(device.isVirtual()).isFalse();
        assertThat(new Device("vdb", "", "", false, disk).isVirtual()).isTrue();
        Files.writeString(disk.resolve("stat"), "1 2 3 4 5 6 7 8 9 10 11\n"); // Linux before 5.5
        assertThat(device.writesAndFlushes()).isNull();
    }

    @Test
    void placeWithoutADeviceHasNone() {
        assertThat(Device.in(directory.resolve("0:40"))).isNull();
        assertThat(Device.of("")).isNull();
    }

    @Test
    void tellsBlocksFromHoles() throws IOException {
        final Path whole = Files.write(directory.resolve("whole"), new byte[FILE_LENGTH]);
        final Path holes = directory.resolve("holes");
        try (var file = new java.io.RandomAccessFile(holes.toFile(), "rw")) {
            file.setLength(FILE_LENGTH);
        }

        assertThat(Allocation.of(whole)).isGreaterThanOrEqualTo(FILE_LENGTH);
        assertThat(Allocation.of(holes)).isLessThan(FILE_LENGTH);
        assertThat(Allocation.of(directory.resolve("none"))).isEqualTo(-1);
    }

    @Test
    void probesWriteOneBatchBehindTheOther() throws IOException {
        final ByteBuffer source =
                BufferUtil.allocateDirectAligned(
                        FILE_LENGTH + 2 * DirectProbe.BLOCK_LENGTH, DirectProbe.BLOCK_LENGTH);
        while (source.hasRemaining()) {
            source.put((byte) 'x');
        }
        source.clear();
        check(new MappedProbe(file("mapped"), FILE_LENGTH, new UnsafeBuffer(source)), "mapped", 0);
        check(new PositionalProbe(file("positional"), FILE_LENGTH, source), "positional", 0);
        check(
                new DirectProbe(file("direct"), FILE_LENGTH, source),
                "direct",
                DirectProbe.BLOCK_LENGTH);
    }

    @Test
    void measuresOnceAtLeastAndForgetsTheWarmUp() throws IOException {
        final Counting probe = new Counting();
        final Measurement measurement =
                new Measurement(probe, WritePath.MAPPED, 4096, true, 300, null);

        measurement.slice(-1);
        measurement.slice(0);
        assertThat(measurement.point())
                .satisfies(point -> assertThat(point.forceCount()).isEqualTo(2))
                .satisfies(point -> assertThat(point.p50Us()).isPositive())
                .satisfies(point -> assertThat(point.p99Us()).as("of two").isNaN())
                .satisfies(point -> assertThat(point.deviceBytes()).isNaN());
        measurement.reset();

        assertThat(measurement.point().forceCount()).isZero();
        assertThat(measurement.point().p50Us()).isNaN();
        assertThat(probe.touched).isEqualTo(600);
        assertThat(probe.written).isEqualTo(600);
    }

    private void check(final Probe probe, final String name, final int blockLength)
            throws IOException {
        try (probe) {
            probe.touch(5_000);
            assertThat(written(name)).as("touching changes nothing").isZero();
            probe.write(5_000);
            probe.write(5_000);
            assertThat(written(name)).isEqualTo(blockLength == 0 ? 10_000 : 3 * blockLength);
            probe.write(FILE_LENGTH - 10_000);
            assertThat(written(name)).isEqualTo(FILE_LENGTH);
            probe.touch(1);
            probe.write(1); // from the begin again
            assertThat(Files.size(directory.resolve(name))).isEqualTo(FILE_LENGTH);
        }
    }

    private Path file(final String name) throws IOException {
        return Files.write(directory.resolve(name), new byte[FILE_LENGTH]);
    }

    /** Bytes that are not zero; they are at the begin. */
    private int written(final String name) throws IOException {
        final byte[] bytes = Files.readAllBytes(directory.resolve(name));
        int length = 0;
        while (length < bytes.length && bytes[length] == 'x') {
            length++;
        }
        assertThat(
                        Arrays.mismatch(
                                new byte[bytes.length - length],
                                0,
                                bytes.length - length,
                                bytes,
                                length,
                                bytes.length))
                .isEqualTo(-1);
        return length;
    }

    private static final class Counting implements Probe {
        private int touched;
        private int written;

        @Override
        public void touch(final int length) {
            touched += length;
        }

        @Override
        public void write(final int length) {
            written += length;
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
