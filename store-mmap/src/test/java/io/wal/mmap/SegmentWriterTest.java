package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.mmap.HookedDisk.Operation;
import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentWriterTest {
    private static final int LENGTH = 16 << 10;
    private static final int RECORDS = SegmentDescriptor.RECORDS_OFFSET;

    @TempDir Path directory;

    private final HookedDisk disk = new HookedDisk();
    private final List<String> forces = new ArrayList<>();
    private WrittenSegment segment;
    private SegmentWriter writer;

    @BeforeEach
    void setUp() throws IOException {
        segment =
                new WrittenSegment(
                        directory.resolve("segment"),
                        disk,
                        SegmentHeader.prepared(42, 7, 3, LENGTH).begun(4, 99, 0xABCDEF));
        writer = segment.writer();
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == Operation.FORCE_MAPPING) {
                        forces.add(offset + "+" + length);
                    }
                });
    }

    @AfterEach
    void tearDown() {
        segment.close();
        assertThat(disk.openMappings()).isZero();
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void beginPutsTheHeaderInPlaceAndTheFirstForceCoversIt() throws IOException {
        final ByteBuffer bytes = ByteBuffer.wrap(segment.bytes(0, RECORDS));

        assertThat(SegmentDescriptor.decode(bytes, bytes.capacity(), "segment"))
                .isEqualTo(segment.header());
        assertThat(segment.header().firstLsn()).isEqualTo(100);
        assertThat(writer.hasUnforced()).isTrue();

        writer.force();
        assertThat(forces).containsExactly("0+" + RECORDS);
        assertThat(writer.hasUnforced()).isFalse();
    }

    @Test
    void forcesExactlyWhatIsNotYetForced() throws IOException {
        writer.force();
        writer.force(); // nothing to do
        segment.entry("12345678");
        segment.entry("1");
        writer.force();
        segment.batch(100);
        writer.force();

        assertThat(forces).containsExactly("0+4096", RECORDS + "+64", (RECORDS + 64) + "+32");
    }

    @Test
    void entryFitsAsLongAsTheMarkersBehindItDo() throws IOException {
        final int batch = MarkerDescriptor.frameLength(RecordKind.BATCH);
        final int most = LENGTH - RECORDS - batch - SegmentDescriptor.RESERVE;

        assertThat(writer.fits(most)).isTrue();
        assertThat(writer.fits(most + 8)).isFalse();

        segment.batch(0);
        segment.entry("x".repeat(most - 24));
        assertThat(writer.fits(0)).isFalse();
        assertThat(LENGTH - writer.position()).isEqualTo(SegmentDescriptor.RESERVE);

        writer.appendFinalize(100, 100);
        writer.appendClose(100);
        segment.seal(100);
        assertThat(writer.position()).isEqualTo(LENGTH); // to the last byte, and not beyond
    }

    @Test
    void nothingIsToBeTouchedWhenTouchingAheadIsOff() throws IOException {
        segment.entry("one");
        writer.force();

        assertThat(writer.needsTouch(0)).isFalse();
    }

    @Test
    void touchingAheadChangesNothingAndEndsWithTheSegment() throws IOException {
        segment.entry("one");
        final byte[] before = Files.readAllBytes(segment.path());

        assertThat(writer.needsTouch(4096)).isTrue();
        assertThat(writer.touch(4096)).isTrue();
        assertThat(writer.needsTouch(4096)).isFalse();
        assertThat(writer.touch(4096)).isFalse(); // until the writer has moved on
        assertThat(writer.touch(0)).isFalse();
        assertThat(writer.touch(Integer.MAX_VALUE)).isTrue(); // to the end, not behind it
        assertThat(writer.touch(Integer.MAX_VALUE)).isFalse();
        assertThat(writer.needsTouch(Integer.MAX_VALUE)).isFalse();

        assertThat(Files.readAllBytes(segment.path())).isEqualTo(before);
    }

    @Test
    void sealHoldsTheRunningChecksumThatTheSuccessorRepeats() throws IOException {
        segment.entry("one");
        segment.entry("two");

        final long checksum = writer.appendSeal(101, 100);

        assertThat(checksum).isNotZero();
        try (DiskFile file = disk.open(segment.path(), Disk.OpenMode.READ);
                SegmentScanner scanner = new SegmentScanner()) {
            scanner.begin(file, segment.header().seed(), 100, LENGTH);
            while (scanner.next() && scanner.kind() != RecordKind.SEAL) {
                // to the seal
            }
            assertThat(scanner.field(MarkerDescriptor.CHECKSUM_OFFSET)).isEqualTo(checksum);
            assertThat(scanner.field(MarkerDescriptor.DURABLE_LSN_OFFSET)).isEqualTo(100);
            assertThat(scanner.field(MarkerDescriptor.SEGMENT_LENGTH_OFFSET)).isEqualTo(LENGTH);
        }
    }
}
