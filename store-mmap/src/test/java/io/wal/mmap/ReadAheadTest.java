package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.record.RecordDescriptor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Segments of many chunks, read ahead: what is found is what a scanner finds that reads itself. */
class ReadAheadTest {
    private static final int LENGTH = 2 << 20;
    private static final int CHUNK = ReadAhead.CHUNK_LENGTH;
    private static final int HEADROOM = ReadAhead.HEADROOM;

    @TempDir Path directory;

    private final HookedDisk disk = new HookedDisk();
    private WrittenSegment segment;
    private DiskFile file;
    private SegmentScanner ahead;
    private SegmentScanner alone;

    @BeforeEach
    void setUp() throws IOException {
        segment = WrittenSegment.begun(directory.resolve("segment"), LENGTH);
        file = disk.open(segment.path(), Disk.OpenMode.READ);
        ahead = new SegmentScanner(new ReadAhead(directory.toString()));
        alone = new SegmentScanner();
    }

    @AfterEach
    void tearDown() throws Exception {
        ahead.close();
        alone.close();
        file.close();
        segment.close();
        assertThat(disk.openFiles()).isZero();
        assertThat(OpenCloseCycles.threads(directory)).isEmpty();
    }

    @Test
    void recordsThatEndBeforeAtAndBehindTheEndOfAChunk() throws IOException {
        for (int i = 0; i < 20; i++) {
            final int end = SegmentDescriptor.RECORDS_OFFSET + (i + 1) * CHUNK;
            frameTo(end + 8 * (i % 9 - 4)); // from 32 bytes before it to 32 behind
        }
        assertSame();
    }

    @Test
    void headersThatAChunkEndCutsAtEachWord() throws IOException {
        for (int i = 1; i < 20; i++) {
            final int end = SegmentDescriptor.RECORDS_OFFSET + i * CHUNK;
            frameTo(end - 8 * (i % 4));
            frameTo(segment.writer().position() + 32);
        }
        assertSame();
    }

    @Test
    void recordsLongerThanHeadroomAndThanItAndAChunkTogether() throws IOException {
        for (final int frame :
                new int[] {
                    CHUNK,
                    HEADROOM - 8,
                    HEADROOM,
                    HEADROOM + 8,
                    HEADROOM + CHUNK - 8,
                    40,
                    HEADROOM + CHUNK,
                    HEADROOM + CHUNK + 8,
                    2 * HEADROOM,
                    40,
                    48
                }) {
            frameTo(segment.writer().position() + frame);
        }
        assertSame();
    }

    @Test
    void eachLongRecordFromEachPlaceInAChunk() throws IOException {
        for (final int before : new int[] {24, CHUNK - 24, CHUNK - 8, CHUNK, CHUNK + 8}) {
            for (final int frame : new int[] {HEADROOM, HEADROOM + 8, HEADROOM + CHUNK}) {
                anew();
                frameTo(SegmentDescriptor.RECORDS_OFFSET + before / 24 * 24);
                frameTo(segment.writer().position() + frame);
                frameTo(segment.writer().position() + CHUNK);
                frameTo(segment.writer().position() + 24);
                assertSame();
            }
        }
    }

    @Test
    void mixedSizes() throws IOException {
        final long seed = Long.getLong("wal.test.seed", System.nanoTime());
        final Random random = new Random(seed);
        for (int round = 0; round < 10; round++) {
            anew();
            fill(random);
            assertThat(trace(ahead)).as("wal.test.seed=" + seed).isEqualTo(trace(alone));
        }
    }

    @Test
    void damageInALaterChunkEndsTheSegmentThereAndSeekFindsWhatFollows() throws IOException {
        fillEvenly();
        for (final int number : new int[] {70, 500, 900}) {
            final int hole = segment.offsets().get(number);
            segment.put(hole + 30, (byte) ~segment.get(hole + 30));

            assertSame();
            assertThat(ahead.nextOffset()).isEqualTo(hole);
            assertThat(ahead.seek(hole, number)).isTrue();
            assertThat(ahead.lsn()).isEqualTo(number + 2);
            assertThat(rest(ahead)).hasSize(segment.offsets().size() - number - 2);

            segment.put(hole + 30, (byte) ~segment.get(hole + 30));
        }
    }

    @Test
    void resumesRefreshesAndSeeksInTheMidstOfAChunk() throws IOException {
        fillEvenly();
        final List<String> expected = trace(alone);
        begin(ahead);
        final int middle = 333;
        for (int i = 0; i < middle; i++) {
            assertThat(ahead.next()).isTrue();
        }
        final long offset = ahead.nextOffset();
        final long checksum = ahead.runningChecksum();

        ahead.refresh();
        assertThat(rest(ahead)).isEqualTo(expected.subList(middle, expected.size()));
        ahead.resume(offset, middle + 1, checksum);
        assertThat(rest(ahead)).isEqualTo(expected.subList(middle, expected.size()));

        begin(ahead);
        assertThat(ahead.next()).isTrue();
        assertThat(ahead.seek(offset, middle)).isTrue(); // far ahead of what was read
        assertThat(ahead.lsn()).isEqualTo(middle + 1);
        assertThat(ahead.seek(segment.offsets().get(5), 5)).isTrue(); // and back
        assertThat(ahead.lsn()).isEqualTo(6);
    }

    @Test
    void seesWhatIsWrittenMeanwhileAfterRefresh() throws IOException {
        fillEvenly();
        begin(ahead);
        final int present = rest(ahead).size();

        segment.entry("one more");
        ahead.refresh();

        assertThat(ahead.next()).isTrue();
        assertThat(ahead.lsn()).isEqualTo(present + 1);
        assertThat(ahead.next()).isFalse();
    }

    @Test
    void fileCutShortIsTheEnd() throws IOException {
        fillEvenly();
        final int boundary = SegmentDescriptor.RECORDS_OFFSET + 9 * CHUNK;
        try (DiskFile writable = Disk.REAL.open(segment.path(), Disk.OpenMode.WRITE)) {
            for (final int length : new int[] {boundary + 100, boundary, boundary - 1, 4096, 0}) {
                writable.truncate(length);
                assertSame();
                assertThat(ahead.nextOffset())
                        .isLessThanOrEqualTo(Math.max(length, SegmentDescriptor.RECORDS_OFFSET));
            }
        }
    }

    @Test
    void failureComesInItsTurnAndElsewhereIsReadOn() throws IOException {
        fillEvenly();
        final List<String> expected = trace(alone);
        final int from = SegmentDescriptor.RECORDS_OFFSET + 3 * CHUNK;
        failReadsBehind(from);

        begin(ahead);
        int count = 0;
        try {
            while (ahead.next()) {
                assertThat(describe(ahead)).isEqualTo(expected.get(count++));
            }
            throw new AssertionError("no failure in " + count + " records");
        } catch (final IOException e) {
            assertThat(e).hasMessage("no such sector");
        }
        assertThat(ahead.nextOffset()).isBetween(from - 2200L, (long) from); // not too early
        assertThat(segment.offsets().get(count)).isEqualTo((int) ahead.nextOffset());
        assertThatThrownBy(ahead::next).hasMessage("no such sector"); // still

        disk.unhook();
        assertThat(ahead.seek(segment.offsets().get(4), 4)).isTrue();
        assertThat(ahead.lsn()).isEqualTo(5);
        assertThat(rest(ahead)).hasSize(expected.size() - 5);
    }

    @Test
    void goesOnWhereAReadFailedOnce() throws IOException {
        fillEvenly();
        final List<String> expected = trace(alone);
        final AtomicBoolean failed = new AtomicBoolean();
        disk.hook(
                (operation, path, offset, length) -> {
                    if (offset > 5 * CHUNK && failed.compareAndSet(false, true)) {
                        throw new IOException("once");
                    }
                });

        begin(ahead);
        final List<String> records = new ArrayList<>();
        boolean thrown = false;
        for (boolean more = true; more; ) {
            try {
                more = ahead.next();
                if (more) {
                    records.add(describe(ahead));
                }
            } catch (final IOException e) {
                assertThat(thrown).isFalse();
                thrown = true;
            }
        }
        assertThat(thrown).isTrue();
        assertThat(records).isEqualTo(expected);
        disk.unhook();
        assertSame(); // and from the begin again, ahead
    }

    @Test
    void interruptIsKeptAndDisturbsNothing() throws IOException {
        fillEvenly();
        final List<String> expected = trace(alone);

        Thread.currentThread().interrupt();
        final List<String> found = trace(ahead);
        ahead.leave();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void fileIsNotTouchedOnceItWasLeft() throws IOException {
        fillEvenly();
        final AtomicBoolean left = new AtomicBoolean();
        final AtomicBoolean touched = new AtomicBoolean();
        disk.hook(
                (operation, path, offset, length) -> {
                    if (left.get()) {
                        touched.set(true);
                    }
                });
        for (int i = 0; i < 300; i++) {
            left.set(false);
            begin(ahead);
            for (int j = 0; j < i % 80; j++) {
                assertThat(ahead.next()).isTrue();
            }
            ahead.leave();
            left.set(true);
        }
        assertThat(touched).isFalse();
        left.set(false);
        disk.unhook();
        assertSame();
    }

    @Test
    void readerThatIsFarEnoughAheadSleepsUntilHalfOfItsChunksAreFree() throws Exception {
        final AtomicInteger reads = new AtomicInteger();
        final int chunkCount = 20;
        final int length = chunkCount * CHUNK;
        final Path path = directory.resolve("chunks");
        Files.write(path, new byte[length]);
        disk.hook(
                (operation, name, offset, count) ->
                        reads.addAndGet(operation == HookedDisk.Operation.READ ? 1 : 0));
        try (DiskFile chunks = disk.open(path, Disk.OpenMode.READ);
                ReadAhead reader = new ReadAhead(directory.toString())) {
            for (int i = 0; i < 100; i++) { // one that is woken too early need not be quick
                reads.set(0);
                reader.start(chunks, 0, length);
                Await.until(
                        "all chunks are full, and the thread sleeps",
                        () -> reads.get() == ReadAhead.CHUNK_COUNT && isReaderAsleep());
                for (int j = 0; j < ReadAhead.CHUNK_COUNT / 2 - 1; j++) {
                    reader.release(reader.next());
                    Thread.yield();
                }
                if (i % 2 == 0) {
                    reader.stop(); // whatever it began is done
                    assertThat(reads).hasValue(ReadAhead.CHUNK_COUNT);
                } else {
                    reader.release(reader.next()); // the one that it waits for
                    Await.until("it reads on", () -> reads.get() == 3 * ReadAhead.CHUNK_COUNT / 2);
                }
            }

            reader.start(chunks, 0, length);
            final Deque<ReadAhead.Chunk> held = new ArrayDeque<>();
            int count = 0;
            for (ReadAhead.Chunk chunk = reader.next(); chunk != null; chunk = reader.next()) {
                held.add(chunk);
                count++;
                if (held.size() == 2) { // as a scanner does
                    reader.release(held.poll());
                }
            }
            assertThat(count).as("none is left out").isEqualTo(chunkCount);
        }
    }

    @Test
    void isClosedInTheMidstOfASegmentAndTwice() throws Exception {
        fillEvenly();
        begin(ahead);
        assertThat(ahead.next()).isTrue();
        assertThat(OpenCloseCycles.threads(directory)).hasSize(1);

        ahead.close();
        ahead.close();

        assertThat(OpenCloseCycles.threads(directory)).isEmpty();
    }

    @Test
    void threadHasEndedWhenItIsClosed() throws Exception {
        for (int i = 0; i < 200; i++) { // one that outlives it does so by microseconds
            final ReadAhead reader = new ReadAhead(directory.toString());
            reader.start(file, 0, LENGTH);
            Thread.currentThread().interrupt();
            reader.close();

            assertThat(Thread.interrupted()).isTrue();
            assertThat(OpenCloseCycles.threads(directory)).isEmpty();
        }
    }

    private boolean isReaderAsleep() {
        return OpenCloseCycles.areAtRest("wal-read-ahead-" + directory);
    }

    private void failReadsBehind(final long from) {
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == HookedDisk.Operation.READ && offset + length > from) {
                        throw new IOException("no such sector");
                    }
                });
    }

    private void anew() throws IOException {
        tearDownFiles();
        segment = WrittenSegment.begun(directory.resolve("segment"), LENGTH);
        file = disk.open(segment.path(), Disk.OpenMode.READ);
    }

    private void tearDownFiles() throws IOException {
        ahead.leave();
        alone.leave();
        file.close();
        segment.close();
    }

    /** About a thousand records of 1 to 2 KiB. */
    private void fillEvenly() throws IOException {
        for (int i = 0; i < 1000; i++) {
            segment.entry("e".repeat(1000 + i));
        }
    }

    private void fill(final Random random) throws IOException {
        while (true) {
            final int most =
                    switch (random.nextInt(20)) {
                        case 0 -> HEADROOM + 2 * CHUNK;
                        case 1, 2, 3 -> CHUNK;
                        default -> 3000;
                    };
            final int length = random.nextInt(most);
            if (segment.writer().position() + length + 100 > LENGTH) {
                return;
            }
            segment.entry("m".repeat(length));
        }
    }

    /** An entry that ends at an offset. */
    private void frameTo(final int end) throws IOException {
        final int payloadLength =
                end - segment.writer().position() - RecordDescriptor.HEADER_LENGTH;
        segment.entry("f".repeat(payloadLength));
        assertThat(segment.writer().position()).isEqualTo(end);
    }

    private void assertSame() throws IOException {
        assertThat(trace(ahead)).isEqualTo(trace(alone));
        assertThat(ahead.nextOffset()).isEqualTo(alone.nextOffset());
        assertThat(ahead.nextLsn()).isEqualTo(alone.nextLsn());
    }

    private void begin(final SegmentScanner scanner) {
        scanner.begin(file, segment.header().seed(), segment.header().firstLsn(), LENGTH);
    }

    private List<String> trace(final SegmentScanner scanner) throws IOException {
        begin(scanner);
        return rest(scanner);
    }

    private static List<String> rest(final SegmentScanner scanner) throws IOException {
        final List<String> records = new ArrayList<>();
        while (scanner.next()) {
            records.add(describe(scanner));
        }
        return records;
    }

    private static String describe(final SegmentScanner scanner) {
        final byte[] payload = new byte[scanner.payloadLength()];
        scanner.buffer().getBytes(scanner.payloadIndex(), payload);
        return scanner.kind()
                + " "
                + scanner.lsn()
                + " at "
                + scanner.offset()
                + ": "
                + payload.length
                + " bytes, hash "
                + Arrays.hashCode(payload)
                + ", then "
                + scanner.nextOffset()
                + ", checksum "
                + scanner.runningChecksum();
    }
}
