package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.RecoveredLog;
import io.wal.WriteAheadLog;
import io.wal.inspect.LogReport;
import io.wal.inspect.SegmentReport;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The log that was written when the format was new can be read for ever. */
class GoldenLogTest {
    @TempDir Path temporary;

    private LogFixture fixture;
    private List<String> expected;

    @BeforeEach
    void copyGoldenFiles() throws IOException, URISyntaxException {
        final Path golden =
                Path.of(
                        Objects.requireNonNull(
                                        GoldenLogTest.class.getResource("/golden/v1/expected.txt"))
                                .toURI());
        expected = Files.readAllLines(golden);
        final Path directory = Files.createDirectory(temporary.resolve("log"));
        try (Stream<Path> files = Files.list(golden.resolveSibling("log"))) {
            for (final Path file : files.toList()) {
                Files.copy(file, directory.resolve(file.getFileName()));
            }
        }
        fixture = new LogFixture(directory).segmentLength(GoldenLog.SEGMENT_LENGTH);
    }

    @Test
    void inspectorFindsItSoundWithATornTail() throws IOException {
        final Set<RecordKind> kinds = EnumSet.noneOf(RecordKind.class);
        try (MmapLogInspector inspector = new MmapLogInspector(fixture.directory())) {
            final LogReport report =
                    inspector.visit(
                            1,
                            Long.MAX_VALUE,
                            (segment, at, lsn, kind, buffer, offset, length) -> kinds.add(kind));

            assertThat(report.damages()).isEmpty();
            assertThat(report.verdict()).isEqualTo(LogReport.Verdict.SOUND_TORN_TAIL);
            assertThat(report.formatVersion()).isEqualTo(1);
            assertThat(report.generation()).isEqualTo(2);
            assertThat(report.startLsn()).isEqualTo(151);
            assertThat(report.firstLsn()).isBetween(2L, 151L);
            assertThat(report.lastLsn()).isEqualTo(159);
            assertThat(report.owner()).isNull();
            assertThat(report.foreign()).isEmpty();
        }
        assertThat(kinds)
                .contains(
                        RecordKind.DATA,
                        RecordKind.CHECKPOINT,
                        RecordKind.VOID,
                        RecordKind.BATCH,
                        RecordKind.FINALIZE,
                        RecordKind.SEAL);
    }

    @Test
    void deliversWhatWasAcknowledged() {
        try (WriteAheadLog log = fixture.open()) {
            assertThat(LogFixture.recover(log)).isEqualTo(expected);
            assertThat(log.recovered().startLsn()).isEqualTo(151);
            assertThat(log.recovered().lastLsn()).isEqualTo(159);
            assertThat(log.recovered().generation()).isEqualTo(3);
            assertThat(log.recovered().tail()).isNotEqualTo(RecoveredLog.Tail.CLOSED);
        }
    }

    @Test
    void goesOn() {
        final List<String> all = new ArrayList<>(expected);
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.recover(log);
            all.addAll(LogFixture.appendRange(log, 1, 200));
        }
        assertThat(all.get(expected.size())).startsWith("160 ");

        assertThat(fixture.recoverAll()).isEqualTo(all);
    }

    /** The writer of today makes of the same records the same bytes. */
    @Test
    void itsSegmentsAreWrittenByteForByteAsThen() throws IOException {
        int segmentCount = 0;
        try (MmapLogInspector inspector = new MmapLogInspector(fixture.directory())) {
            for (final SegmentReport report : inspector.verify(bytes -> {}).segments()) {
                if (report.firstLsn() != 0) {
                    assertWrittenAgain(report.name());
                    segmentCount++;
                }
            }
        }
        assertThat(segmentCount).isGreaterThanOrEqualTo(3);
    }

    private void assertWrittenAgain(final String name) throws IOException {
        final Path path = fixture.file(name);
        final SegmentHeader header = fixture.logDirectory().readHeader(name);
        try (WrittenSegment again = new WrittenSegment(temporary.resolve(name), Disk.REAL, header);
                DiskFile file = Disk.REAL.open(path, Disk.OpenMode.READ);
                SegmentScanner scanner = new SegmentScanner()) {
            scanner.begin(file, header.seed(), header.firstLsn(), file.length());
            while (scanner.next()) {
                write(scanner, again);
            }
            final int length = again.writer().position();
            final byte[] golden = Files.readAllBytes(path);

            assertThat(length).isEqualTo((int) scanner.nextOffset());
            assertThat(again.bytes(0, length)).isEqualTo(Arrays.copyOf(golden, length));
        }
    }

    private static void write(final SegmentScanner scanner, final WrittenSegment segment)
            throws IOException {
        final long value = scanner.kind().isEntry() ? 0 : scanner.field(0);
        switch (scanner.kind()) {
            case BATCH -> segment.writer().appendBatch(scanner.lsn(), value);
            case FINALIZE -> segment.writer().appendFinalize(scanner.lsn(), value);
            case CLOSE -> segment.writer().appendClose(scanner.lsn());
            case SEAL -> {
                // one that an opening wrote names the length to which it cut the file
                final byte[] payload = new byte[scanner.payloadLength()];
                scanner.buffer().getBytes(scanner.payloadIndex(), payload);
                segment.record(RecordKind.SEAL, scanner.lsn(), payload);
            }
            default -> {
                final byte[] payload = new byte[scanner.payloadLength()];
                scanner.buffer().getBytes(scanner.payloadIndex(), payload);
                segment.record(scanner.kind(), scanner.lsn(), payload);
            }
        }
    }
}
