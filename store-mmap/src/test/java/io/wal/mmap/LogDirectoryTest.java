package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.UnsupportedFormatException;
import io.wal.mmap.HookedDisk.Operation;
import io.wal.record.RecordChecksum;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogDirectoryTest {
    private static final Control CONTROL = new Control(1, 77, 0, 1, 1, 0, 0, 0);

    @TempDir Path path;

    private final HookedDisk disk = new HookedDisk();

    @Test
    void namesAreOfFixedWidthSoThatAListingIsLogOrder() {
        assertThat(LogDirectory.segmentName(1)).isEqualTo("segment-0000000000000001.wal");
        assertThat(LogDirectory.segmentName(0xABCDEF)).isEqualTo("segment-0000000000abcdef.wal");
        assertThat(LogDirectory.segmentName(Long.MAX_VALUE))
                .isEqualTo("segment-7fffffffffffffff.wal");
        assertThat(LogDirectory.spareName(10)).isEqualTo("spare-000000000000000a.wal");
        assertThat(LogDirectory.temporaryName(LogDirectory.segmentName(1)))
                .isEqualTo("segment-0000000000000001.wal.tmp");

        final List<String> names = new ArrayList<>();
        for (final long index : new long[] {1, 9, 10, 15, 16, 255, 256, 1L << 40, 1L << 62}) {
            names.add(LogDirectory.segmentName(index));
        }
        final List<String> sorted = new ArrayList<>(names);
        Collections.sort(sorted);
        assertThat(names).isEqualTo(sorted);
    }

    @Test
    void tellsOwnFilesFromForeignOnes() throws IOException {
        final List<String> foreign =
                List.of(
                        "README",
                        "control.wal.bak",
                        "lock.tmp",
                        "segment-0000000000000000.wal", // there is no segment 0
                        "segment-000000000000000A.wal", // upper case: not how it is written
                        "segment-00000000000000001.wal",
                        "segment-000000000000001.wal",
                        "segment-000000000000000g.wal",
                        "segment-0000000000000002.wal.tmp2",
                        "segment-8000000000000000.wal", // negative
                        "something.tmp",
                        "spare-1.wal");
        for (final String name : foreign) {
            Files.createFile(path.resolve(name));
        }
        Files.createDirectory(path.resolve("subdirectory"));
        for (final String name :
                List.of(
                        "control.wal",
                        "lock",
                        "owner",
                        "removed.wal",
                        "segment-0000000000000003.wal",
                        "segment-000000000000000a.wal",
                        "spare-0000000000000002.wal",
                        "segment-000000000000000b.wal.tmp",
                        "control.wal.tmp")) {
            Files.createFile(path.resolve(name));
        }

        final LogDirectory.Listing listing = directory().list();

        final List<String> allForeign = new ArrayList<>(foreign);
        allForeign.add("subdirectory");
        Collections.sort(allForeign);
        assertThat(listing.foreign).containsExactlyElementsOf(allForeign);
        assertThat(listing.segments.keySet()).containsExactly(3L, 10L);
        assertThat(listing.spares.keySet()).containsExactly(2L);
        assertThat(listing.temporaries)
                .containsExactlyInAnyOrder("segment-000000000000000b.wal.tmp", "control.wal.tmp");
        assertThat(listing.hasControl).isTrue();
        assertThat(listing.isBeingRemoved).isTrue();
        assertThat(listing.isLog()).isTrue();
    }

    @Test
    void directoryWithoutControlFileAndSegmentsIsNoLog() throws IOException {
        assertThat(directory().list().isLog()).isFalse();

        Files.createFile(path.resolve("lock"));
        Files.createFile(path.resolve("owner"));
        Files.createFile(path.resolve("spare-0000000000000001.wal"));
        Files.createFile(path.resolve("segment-0000000000000001.wal.tmp"));
        assertThat(directory().list().isLog()).isFalse();

        Files.createFile(path.resolve("segment-0000000000000001.wal"));
        assertThat(directory().list().isLog()).isTrue();

        Files.createFile(path.resolve("removed.wal"));
        assertThat(directory().list().isLog()).isFalse();
    }

    @Test
    void controlFileIsMadeUnderATemporaryNameForcedAndRenamed() throws IOException {
        final List<String> operations = new ArrayList<>();
        disk.hook(
                (operation, file, offset, length) ->
                        operations.add(operation + " " + file.getFileName()));

        directory().createControl(CONTROL);

        assertThat(operations)
                .containsExactly(
                        "DELETE control.wal.tmp",
                        "CREATE control.wal.tmp",
                        "WRITE control.wal.tmp",
                        "WRITE control.wal.tmp",
                        "FORCE control.wal.tmp",
                        "RENAME control.wal");
        assertThat(Files.size(path.resolve("control.wal"))).isEqualTo(8192);
        assertThat(directory().readControl()).isEqualTo(CONTROL);
    }

    @Test
    void newerOfTwoSoundSlotsCounts() throws IOException {
        directory().createControl(CONTROL);
        final Control second = CONTROL.nextGeneration(1);
        final Control third = second.released(4, 100, 120);

        directory().writeControl(second);
        assertThat(directory().readControl()).isEqualTo(second);

        directory().writeControl(third);
        assertThat(directory().readControl()).isEqualTo(third);
    }

    @Test
    void whenTheNewerSlotIsCutShortTheOneBeforeCounts() throws IOException {
        directory().createControl(CONTROL);
        directory().writeControl(CONTROL.nextGeneration(1));

        overwrite(0, new byte[512]);

        assertThat(directory().readControl()).isEqualTo(CONTROL);
    }

    @Test
    void controlFileWithoutASoundSlotReadsAsNone() throws IOException {
        assertThat(directory().readControl()).isNull();

        directory().createControl(CONTROL);
        overwrite(4096, new byte[512]);
        assertThat(directory().readControl()).isNull();

        Files.write(path.resolve("control.wal"), new byte[100]);
        assertThat(directory().readControl()).isNull();
    }

    @Test
    void controlFileOfANewerVersionIsRefused() throws IOException {
        directory().createControl(CONTROL);
        final ByteBuffer slot = ByteBuffer.allocate(ControlDescriptor.SLOT_LENGTH);
        ControlDescriptor.encode(CONTROL, slot);
        slot.order(ByteOrder.LITTLE_ENDIAN).putInt(ControlDescriptor.VERSION_OFFSET, 3);
        final int crc = new RecordChecksum().of(slot, 0, ControlDescriptor.CRC_OFFSET);
        slot.clear();
        slot.putInt(ControlDescriptor.CRC_OFFSET, crc);
        overwrite(4096, slot.array());

        assertThatThrownBy(() -> directory().readControl())
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessage(
                        path.resolve("control.wal")
                                + " has format version 3, and this library reads up to version 1;"
                                + " use a newer library");
    }

    @Test
    void writingTheControlFileForcesItAndTouchesOneSectorOnly() throws IOException {
        directory().createControl(CONTROL);
        final List<String> operations = new ArrayList<>();
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation.changes()) {
                        operations.add(operation + " " + offset + " " + length);
                    }
                });

        directory().writeControl(CONTROL.nextGeneration(1));

        assertThat(operations).containsExactly("OPEN_WRITE 0 0", "WRITE 0 84", "FORCE 0 0");
    }

    @Test
    void readsTheHeaderOfASegment() throws IOException {
        final String name = LogDirectory.segmentName(5);
        final SegmentHeader header = SegmentHeader.prepared(77, 5, 2, 8192).begun(2, 99, 0xABC);
        Files.write(path.resolve(name), new byte[8192]);
        assertThat(directory().readHeader(name)).isNull();

        try (DiskFile file = disk.open(path.resolve(name), Disk.OpenMode.WRITE)) {
            LogDirectory.writeHeader(file, header);
        }

        assertThat(directory().readHeader(name)).isEqualTo(header);
        assertThat(header.firstLsn()).isEqualTo(100);
        assertThat(header.predecessorLsn()).isEqualTo(99);
        assertThat(disk.openFiles()).isZero();
        assertThat(disk.count(Operation.FORCE)).isZero();
    }

    private void overwrite(final long offset, final byte[] bytes) throws IOException {
        try (DiskFile file = disk.open(path.resolve("control.wal"), Disk.OpenMode.WRITE)) {
            file.write(ByteBuffer.wrap(bytes), offset);
        }
    }

    private LogDirectory directory() {
        return new LogDirectory(disk, path);
    }
}
