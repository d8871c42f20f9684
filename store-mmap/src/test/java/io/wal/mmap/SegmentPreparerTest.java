package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.mmap.HookedDisk.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentPreparerTest {
    private static final int LENGTH = 64 << 10;
    private static final String FIRST = LogDirectory.segmentName(1);
    private static final String SECOND = LogDirectory.segmentName(2);
    private static final String SPARE = LogDirectory.spareName(1);

    @TempDir Path path;

    private final HookedDisk disk = new HookedDisk();
    private final List<String> operations = new ArrayList<>();
    private LogDirectory directory;
    private SegmentPreparer preparer;

    @BeforeEach
    void setUp() {
        directory = new LogDirectory(disk, path);
        preparer = newPreparer(2);
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation.changes()) {
                        operations.add(operation + " " + file.getFileName());
                    }
                });
    }

    @AfterEach
    void nothingIsLeftOpen() {
        assertThat(disk.openFiles()).isZero();
        assertThat(disk.openMappings()).isZero();
    }

    @Test
    void preparesASegmentUnderATemporaryNameAndMakesTheNameDurable() throws IOException {
        final SegmentPreparer.Prepared prepared = preparer.prepare(1, 9, () -> false);
        prepared.target().close();

        assertThat(prepared.header()).isEqualTo(SegmentHeader.prepared(77, 1, 9, LENGTH));
        assertThat(directory.readHeader(FIRST)).isEqualTo(prepared.header());
        assertThat(prepared.header().isBegun()).isFalse();
        assertThat(Files.size(path.resolve(FIRST))).isEqualTo(LENGTH);
        assertThat(operations.stream().distinct())
                .containsExactly(
                        "DELETE " + FIRST + ".tmp",
                        "CREATE " + FIRST + ".tmp",
                        "WRITE " + FIRST + ".tmp",
                        "FORCE " + FIRST + ".tmp",
                        "RENAME " + FIRST,
                        "FORCE_DIRECTORY " + path.getFileName(),
                        "OPEN_WRITE " + FIRST,
                        "MAP " + FIRST);
    }

    @Test
    void segmentHasRealBlocksBeforeItIsMapped() throws IOException {
        preparer.prepare(1, 9, () -> false).target().close();

        assertThat(SparseFile.allocatedLength(path.resolve(FIRST))).isGreaterThanOrEqualTo(LENGTH);
    }

    @Test
    void zeroesAreWrittenInSmallPieces() throws IOException {
        final List<Long> lengths = new ArrayList<>();
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == Operation.WRITE) {
                        lengths.add(length);
                    }
                });

        preparer.prepare(1, 9, () -> false).target().close();

        assertThat(lengths).hasSize(LENGTH / (16 << 10) + 1).allMatch(length -> length <= 16 << 10);
    }

    @Test
    void noForceHasMoreThanOneMebibyteToWrite() throws IOException {
        final long[] unforced = new long[1];
        final List<Long> forced = new ArrayList<>();
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == Operation.WRITE) {
                        unforced[0] += length;
                    } else if (operation == Operation.FORCE) {
                        forced.add(unforced[0]);
                        unforced[0] = 0;
                    }
                });
        final int length = (3 << 20) + LENGTH;

        newPreparer(2, length).prepare(1, 9, () -> false).target().close();

        assertThat(forced).hasSize(4).allMatch(bytes -> bytes <= 1 << 20);
        assertThat(unforced[0]).isZero();
    }

    /** Of a page that is not in memory, a part could only be written after reading the others. */
    @Test
    void wholePagesAreWritten() throws IOException {
        final List<Long> places = new ArrayList<>();
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == Operation.WRITE) {
                        places.add(offset);
                        places.add(length);
                    }
                });

        preparer.prepare(1, 9, () -> false).target().close();
        preparer.retire(FIRST);
        preparer.prepare(2, 9, () -> false).target().close();

        assertThat(places)
                .isNotEmpty()
                .allMatch(place -> place % SegmentDescriptor.PAGE_LENGTH == 0);
    }

    @Test
    void retiredSegmentIsUsedAgainWithoutWritingItAnew() throws IOException {
        preparer.prepare(1, 9, () -> false).target().close();
        preparer.retire(FIRST);
        assertThat(names()).containsExactly(SPARE);
        operations.clear();

        final SegmentPreparer.Prepared prepared = preparer.prepare(2, 9, () -> false);
        prepared.target().close();

        assertThat(names()).containsExactly(SECOND);
        assertThat(directory.readHeader(SECOND))
                .isEqualTo(SegmentHeader.prepared(77, 2, 9, LENGTH));
        assertThat(operations)
                .containsExactly(
                        "OPEN_WRITE " + SPARE,
                        "WRITE " + SPARE,
                        "FORCE " + SPARE, // the new header is there before the name is
                        "RENAME " + SECOND,
                        "FORCE_DIRECTORY " + path.getFileName(),
                        "OPEN_WRITE " + SECOND,
                        "MAP " + SECOND);
    }

    @Test
    void keepsNoMoreSparesThanItMay() throws IOException {
        for (int index = 1; index <= 4; index++) {
            preparer.prepare(index, 9, () -> false).target().close();
        }
        for (int index = 1; index <= 4; index++) {
            preparer.retire(LogDirectory.segmentName(index));
        }

        assertThat(names()).containsExactly(SPARE, LogDirectory.spareName(2));
    }

    @Test
    void segmentOfAnotherLengthIsDeletedRatherThanKept() throws IOException {
        preparer.prepare(1, 9, () -> false).target().close();
        try (DiskFile file = disk.open(path.resolve(FIRST), Disk.OpenMode.WRITE)) {
            file.truncate(LENGTH / 2);
        }

        preparer.retire(FIRST);

        assertThat(names()).isEmpty();
    }

    @Test
    void adoptsSparesThatAnEarlierOpeningLeft() throws IOException {
        preparer.prepare(1, 9, () -> false).target().close();
        preparer.retire(FIRST);
        Files.write(path.resolve(LogDirectory.spareName(5)), new byte[LENGTH]);
        Files.write(path.resolve(LogDirectory.spareName(6)), new byte[LENGTH]); // one too many
        Files.write(path.resolve(LogDirectory.spareName(3)), new byte[100]); // too short

        final SegmentPreparer next = newPreparer(2);
        next.adopt(directory.list());
        assertThat(names()).containsExactly(SPARE, LogDirectory.spareName(5));

        next.prepare(2, 10, () -> false).target().close();
        next.retire(SECOND); // takes a number that no spare has
        assertThat(names()).containsExactly(LogDirectory.spareName(5), LogDirectory.spareName(7));
    }

    @Test
    void givingUpLeavesNothingBehind() throws IOException {
        final AtomicInteger asked = new AtomicInteger();

        assertThat(preparer.prepare(1, 9, () -> asked.incrementAndGet() > 2)).isNull();

        assertThat(names()).isEmpty();
        assertThat(operations).doesNotContain("RENAME " + FIRST);
    }

    @Test
    void fullDiskIsAnErrorAndLeavesNothingBehind() {
        final AtomicInteger writes = new AtomicInteger();
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == Operation.WRITE && writes.incrementAndGet() == 3) {
                        throw new IOException("No space left on device");
                    }
                });

        assertThatThrownBy(() -> preparer.prepare(1, 9, () -> false))
                .isInstanceOf(IOException.class)
                .hasMessage("No space left on device");

        assertThat(path).isEmptyDirectory();
    }

    @Test
    void segmentThatCouldNotBeForcedNeverGetsItsName() {
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == Operation.FORCE) {
                        throw new IOException("Input/output error");
                    }
                });

        assertThatThrownBy(() -> preparer.prepare(1, 9, () -> false))
                .isInstanceOf(IOException.class);

        assertThat(path).isEmptyDirectory();
    }

    private List<String> names() throws IOException {
        return disk.list(path).stream().sorted().toList();
    }

    private SegmentPreparer newPreparer(final int maxSpareSegments) {
        return newPreparer(maxSpareSegments, LENGTH);
    }

    private SegmentPreparer newPreparer(final int maxSpareSegments, final int segmentLength) {
        return new SegmentPreparer(
                directory,
                77,
                new MmapStoreContext()
                        .directory(path)
                        .segmentLength(segmentLength)
                        .maxSpareSegments(maxSpareSegments));
    }
}
