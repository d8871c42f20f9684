package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentScannerTest {
    private static final int LENGTH = 16 << 10;

    @TempDir Path directory;

    private WrittenSegment segment;
    private DiskFile file;
    private SegmentScanner scanner;

    @BeforeEach
    void setUp() throws IOException {
        begin(LENGTH);
    }

    @AfterEach
    void tearDown() throws IOException {
        scanner.close();
        file.close();
        segment.close();
    }

    @Test
    void deliversSoundRecordsInOrder() throws IOException {
        segment.batch(0);
        segment.entry("one");
        segment.entry("");
        segment.record(RecordKind.VOID, 3, new byte[0]);
        segment.record(RecordKind.FINALIZE, 3, new byte[8]);

        scan();

        assertThat(next()).isEqualTo("BATCH 0 8");
        assertThat(next()).isEqualTo("DATA 1 one");
        assertThat(next()).isEqualTo("DATA 2 ");
        assertThat(next()).isEqualTo("VOID 3 ");
        assertThat(next()).isEqualTo("FINALIZE 3 8");
        assertThat(next()).isEqualTo("end");
        assertThat(scanner.nextLsn()).isEqualTo(4);
        assertThat(scanner.nextOffset()).isEqualTo(segment.writer().position());
    }

    @Test
    void emptySegmentEndsAtItsBegin() throws IOException {
        scan();

        assertThat(scanner.next()).isFalse();
        assertThat(scanner.nextLsn()).isEqualTo(1);
        assertThat(scanner.nextOffset()).isEqualTo(SegmentDescriptor.RECORDS_OFFSET);
    }

    @Test
    void runningChecksumIsTheOneThatTheSealHolds() throws IOException {
        segment.batch(0);
        segment.entry("one");
        segment.entry("two");
        segment.seal(2);

        scan();
        long before = 0;
        while (scanner.kind() != RecordKind.SEAL) {
            before = scanner.runningChecksum();
            assertThat(scanner.next()).isTrue();
        }

        assertThat(scanner.field(MarkerDescriptor.CHECKSUM_OFFSET)).isEqualTo(before).isNotZero();
    }

    @Test
    void everyFlippedBitOfARecordEndsTheSegmentThere() throws IOException {
        segment.entry("first");
        final int second = segment.entry("second entry");
        final int third = segment.entry("third");
        for (int bit = 8 * second; bit < 8 * third; bit++) {
            segment.put(bit / 8, (byte) (segment.get(bit / 8) ^ 1 << bit % 8));

            scan();
            assertThat(next()).isEqualTo("DATA 1 first");
            assertThat(scanner.next()).as("bit " + (bit - 8 * second)).isFalse();
            assertThat(scanner.nextOffset()).isEqualTo(second);
            assertThat(scanner.nextLsn()).isEqualTo(2);

            segment.put(bit / 8, (byte) (segment.get(bit / 8) ^ 1 << bit % 8));
        }
        scan();
        assertThat(all()).containsExactly("DATA 1 first", "DATA 2 second entry", "DATA 3 third");
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                Integer.MIN_VALUE,
                -1,
                0,
                1,
                RecordDescriptor.HEADER_LENGTH - 1,
                RecordDescriptor.HEADER_LENGTH, // ends inside the record
                RecordDescriptor.HEADER_LENGTH + 200, // reaches into the next record
                LENGTH - SegmentDescriptor.RECORDS_OFFSET,
                LENGTH,
                Integer.MAX_VALUE - 7,
                Integer.MAX_VALUE
            })
    void wrongLengthEndsTheSegmentWithoutAllocatingWhatItSays(final int length) throws IOException {
        segment.entry("first");
        final int second = segment.entry("second entry");
        segment.entry("third");
        segment.putInt(second + RecordDescriptor.LENGTH_OFFSET, length);

        scan();
        final long directBefore = directMemory();

        assertThat(next()).isEqualTo("DATA 1 first");
        assertThat(scanner.next()).isFalse();
        assertThat(scanner.nextOffset()).isEqualTo(second);
        assertThat(directMemory()).isLessThanOrEqualTo(directBefore);
    }

    /** Forged: the checksum fits, the space does not. */
    @Test
    void lengthBeyondTheSegmentIsRefusedWhateverTheChecksumSays() throws IOException {
        final int last = LENGTH - RecordDescriptor.HEADER_LENGTH;
        segment.entry("x".repeat(last - segment.writer().position() - 24));
        assertThat(segment.writer().position()).isEqualTo(last);
        final byte[] frame = new byte[RecordDescriptor.HEADER_LENGTH];
        frame[RecordDescriptor.LENGTH_OFFSET] = RecordDescriptor.HEADER_LENGTH + 1;
        frame[RecordDescriptor.LSN_OFFSET] = 2;
        frame[RecordDescriptor.KIND_OFFSET] = RecordKind.DATA.code();
        segment.putBytes(last, frame);
        segment.sealAgain(last, frame.length);

        scan();

        assertThat(scanner.next()).isTrue();
        assertThat(scanner.next()).isFalse();

        segment.put(last + RecordDescriptor.LENGTH_OFFSET, (byte) RecordDescriptor.HEADER_LENGTH);
        segment.sealAgain(last, frame.length);
        scan();
        assertThat(scanner.next()).isTrue();
        assertThat(next()).isEqualTo("DATA 2 "); // the same, and it fits
    }

    @Test
    void recordOutOfTurnEndsTheSegment() throws IOException {
        segment.entry("first");
        final int gap = segment.record(RecordKind.DATA, 3, new byte[] {'x'});
        scan();
        assertThat(all()).containsExactly("DATA 1 first");

        restart();
        segment.entry("first");
        segment.record(RecordKind.DATA, 1, new byte[] {'x'});
        scan();
        assertThat(all()).containsExactly("DATA 1 first");

        restart();
        segment.entry("first");
        segment.record(RecordKind.BATCH, 2, new byte[8]); // markers carry the LSN before them
        scan();
        assertThat(all()).containsExactly("DATA 1 first");
        assertThat(scanner.nextOffset()).isEqualTo(gap);
    }

    @Test
    void staleRecordsOfAnEarlierUseAreNoRecords() throws IOException {
        final int before = segment.header().seed();
        segment.entry("one");
        segment.entry("two");

        for (final int seed :
                new int[] {
                    SegmentHeader.seed(42, 4, 1), // next generation
                    SegmentHeader.seed(42, 3, 2), // next use of the space
                    SegmentHeader.seed(43, 3, 1), // another log
                }) {
            assertThat(seed).isNotEqualTo(before);
            scanner.begin(file, seed, 1, LENGTH);
            assertThat(scanner.next()).isFalse();
            assertThat(scanner.seek(SegmentDescriptor.RECORDS_OFFSET, 0)).isFalse();
        }
    }

    @Test
    void seekFindsSoundRecordsBehindAHole() throws IOException {
        segment.entry("one");
        final int hole = segment.entry("two");
        segment.entry("three");
        final int third = segment.offsets().get(2);
        segment.batch(1);
        segment.put(hole, (byte) ~segment.get(hole));

        scan();
        assertThat(next()).isEqualTo("DATA 1 one");
        assertThat(scanner.next()).isFalse();

        assertThat(scanner.seek(hole, 1)).isTrue();
        assertThat(scanner.offset()).isEqualTo(third);
        assertThat(scanner.lsn()).isEqualTo(3);
        assertThat(scanner.nextLsn()).isEqualTo(4);
        assertThat(next()).isEqualTo("BATCH 3 8");
        assertThat(scanner.next()).isFalse();
        assertThat(scanner.seek(scanner.nextOffset(), 1)).isFalse();
    }

    @Test
    void seekPassesOverRecordsWithImpossibleLsns() throws IOException {
        segment.entry("one");
        final int from = segment.writer().position();
        segment.record(RecordKind.DATA, 1, new byte[0]); // before what is looked for
        segment.record(RecordKind.DATA, Long.MAX_VALUE, new byte[0]); // more than fit the segment
        segment.record(RecordKind.DATA, -5, new byte[0]);
        final int good = segment.record(RecordKind.DATA, 7, new byte[0]);

        scan();

        assertThat(scanner.seek(from, 2)).isTrue();
        assertThat(scanner.offset()).isEqualTo(good);
    }

    @Test
    void readsRecordsLargerThanItsWindowAndAcrossItsEdges() throws IOException {
        restart(2 << 20);
        final List<String> expected = new ArrayList<>();
        final Random random = new Random(7);
        for (int i = 1; i <= 400; i++) {
            final String payload = "p".repeat(random.nextInt(2000)) + i;
            segment.entry(payload);
            expected.add("DATA " + i + " " + payload);
        }
        final String large = "L".repeat(600_000);
        segment.entry(large);
        expected.add("DATA 401 " + large);
        segment.entry("small again");
        expected.add("DATA 402 small again");

        scan();

        assertThat(all()).isEqualTo(expected);
    }

    @Test
    void readsTheLargestPayloadOfTheSegment() throws IOException {
        final int most = SegmentDescriptor.maxPayloadLength(LENGTH);
        segment.batch(0);
        segment.entry("x".repeat(most));

        scan();

        assertThat(scanner.next()).isTrue();
        assertThat(scanner.next()).isTrue();
        assertThat(scanner.payloadLength()).isEqualTo(most);
    }

    @Test
    void seesWhatWasWrittenBehindItsWindowOnlyAfterRefresh() throws IOException {
        segment.entry("one");
        scan();
        assertThat(next()).isEqualTo("DATA 1 one");
        assertThat(scanner.next()).isFalse();

        segment.entry("two");
        assertThat(scanner.next()).isFalse(); // what was read ahead

        scanner.refresh();
        assertThat(next()).isEqualTo("DATA 2 two");
    }

    @Test
    void resumesAtAPlaceItHadReached() throws IOException {
        segment.entry("one");
        segment.entry("two");
        segment.entry("three");
        scan();
        assertThat(next()).isEqualTo("DATA 1 one");
        final long offset = scanner.nextOffset();
        final long checksum = scanner.runningChecksum();
        while (scanner.next()) {
            // to the end
        }
        final long end = scanner.runningChecksum();

        scanner.resume(offset, 2, checksum);

        assertThat(all()).containsExactly("DATA 2 two", "DATA 3 three");
        assertThat(scanner.runningChecksum()).isEqualTo(end);
    }

    @Test
    void fileShorterThanToldIsTheEnd() throws IOException {
        segment.entry("one");
        final int second = segment.entry("two");
        try (DiskFile writable = Disk.REAL.open(segment.path(), Disk.OpenMode.WRITE)) {
            for (int length = second + 31; length > second; length--) {
                writable.truncate(length);
                scan();
                assertThat(all()).as("cut at " + length).containsExactly("DATA 1 one");
                assertThat(scanner.seek(second, 1)).isFalse();
            }
        }
    }

    @Test
    void junkIsNeverARecordAndNeverAnError() throws IOException {
        final long seed = Long.getLong("wal.test.seed", System.nanoTime());
        final Random random = new Random(seed);
        final byte[] junk = new byte[LENGTH - SegmentDescriptor.RECORDS_OFFSET];
        for (int i = 0; i < 50; i++) {
            random.nextBytes(junk);
            for (int at = 0; at < junk.length; at += 64) { // make half of it plausible
                if (random.nextBoolean()) {
                    Arrays.fill(junk, at + 4, at + 24, (byte) 0);
                    junk[at + 4] = (byte) random.nextInt();
                    junk[at + 5] = (byte) random.nextInt(4);
                    junk[at + 8] = (byte) random.nextInt(3);
                    junk[at + 16] = (byte) random.nextInt(20);
                }
            }
            segment.putBytes(SegmentDescriptor.RECORDS_OFFSET, junk);

            scan();

            assertThat(scanner.next()).as("wal.test.seed=" + seed).isFalse();
            assertThat(scanner.seek(SegmentDescriptor.RECORDS_OFFSET, 0))
                    .as("wal.test.seed=" + seed)
                    .isFalse();
        }
    }

    SegmentScanner newScanner() {
        return new SegmentScanner();
    }

    private void begin(final int length) throws IOException {
        segment = WrittenSegment.begun(directory.resolve("segment"), length);
        file = Disk.REAL.open(segment.path(), Disk.OpenMode.READ);
        scanner = newScanner();
    }

    private void restart() throws IOException {
        restart(LENGTH);
    }

    private void restart(final int length) throws IOException {
        tearDown();
        begin(length);
    }

    private void scan() {
        scanner.begin(
                file,
                segment.header().seed(),
                segment.header().firstLsn(),
                segment.header().segmentLength());
    }

    private String next() throws IOException {
        if (!scanner.next()) {
            return "end";
        }
        final String payload =
                scanner.kind().isEntry() ? text() : Integer.toString(scanner.payloadLength());
        return scanner.kind() + " " + scanner.lsn() + " " + payload;
    }

    private List<String> all() throws IOException {
        final List<String> records = new ArrayList<>();
        String record;
        while (!(record = next()).equals("end")) {
            records.add(record);
        }
        return records;
    }

    private String text() {
        final byte[] bytes = new byte[scanner.payloadLength()];
        scanner.buffer().getBytes(scanner.payloadIndex(), bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static long directMemory() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(pool -> pool.getName().equals("direct"))
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
