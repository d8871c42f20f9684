package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.wal.mmap.RecoveryTable.End;
import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class SegmentChecksTest {
    private static final int LENGTH = 16 << 10;
    private static final int COUNT = 6;

    @TempDir Path path;

    private final HookedDisk disk = new HookedDisk();
    private final Map<Long, String> segments = new TreeMap<>();

    /** Writes what a segment holds behind one entry. */
    private interface Content {
        void write(WrittenSegment segment) throws IOException;
    }

    @AfterEach
    void nothingIsHeld() throws Exception {
        assertThat(disk.openFiles()).isZero();
        assertThat(OpenCloseCycles.threads(path)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void soundSegmentsAreToldWithWhatTheySay(final boolean ownThreads) throws IOException {
        final long[] checksums = new long[COUNT + 1];
        final int[] ends = new int[COUNT + 1];
        for (int i = 1; i <= COUNT; i++) {
            final int index = i;
            write(
                    i,
                    segment -> {
                        finish(segment, index);
                        ends[index] = segment.offsets().get(segment.offsets().size() - 1);
                        checksums[index] = sealedChecksum(segment, ends[index]);
                    });
        }

        try (SegmentChecks checks = begin(ownThreads)) {
            for (int i = 1; i <= COUNT; i++) {
                final SegmentChecks.SoundSegment sound = checks.take(i);

                assertThat(sound.header().index()).isEqualTo(i);
                assertThat(sound.fileLength()).isEqualTo(LENGTH);
                assertThat(sound.summary())
                        .isEqualTo(
                                new SegmentSummary(
                                        End.SEALED,
                                        10L * i + 2,
                                        ends[i],
                                        checksums[i],
                                        10L * i + 1,
                                        10L * i - 3,
                                        10L * i + 1,
                                        LENGTH));
                assertThat(checks.take(i)).as("again").isNull();
            }
            assertThat(checks.take(99)).isNull();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void unsoundSegmentsAreLeftToTheScan(final boolean ownThreads) throws IOException {
        write(1, segment -> segment.seal(0));
        write(2, segment -> {}); // no seal
        write(3, segment -> segment.record(RecordKind.CLOSE, segment.lastLsn(), close()));
        write(
                4,
                segment -> {
                    segment.seal(0);
                    final int offset = segment.offsets().get(0) + 25;
                    segment.put(offset, (byte) (segment.get(offset) ^ 4));
                });
        write(
                5,
                segment -> {
                    final int offset = segment.seal(0) + 26;
                    segment.put(offset, (byte) (segment.get(offset) ^ 1));
                });
        write(6, segment -> segment.seal(0));
        Files.move(path.resolve(name(6)), path.resolve(name(7))); // header of another index
        segments.put(7L, name(7)); // 6 is missing
        writeHeader(8, SegmentHeader.prepared(42, 8, 3, LENGTH));
        write(9, segment -> segment.seal(0));
        Files.write(path.resolve(name(9)), new byte[100]); // no header
        write(10, segment -> segment.seal(0)); // cannot be read
        write(11, segment -> segment.seal(0));
        disk.hook(
                (operation, at, offset, length) -> {
                    if (operation == HookedDisk.Operation.READ
                            && at.endsWith(name(10))
                            && offset > 0) {
                        throw new IOException("no such sector");
                    }
                });

        try (SegmentChecks checks = begin(ownThreads)) {
            assertThat(checks.take(1)).isNotNull();
            for (long index = 2; index <= 10; index++) {
                assertThat(checks.take(index)).as("segment " + index).isNull();
            }
            assertThat(checks.take(11)).isNotNull();
        }
    }

    @Test
    void recordsThatTakeMuchMemoryAreLeftToTheScan() throws IOException {
        final int most = SegmentChecks.LONGEST_RECORD - 24;
        final int length = 2 * SegmentChecks.LONGEST_RECORD;
        write(1, length, segment -> entryAndSeal(segment, most));
        write(2, length, segment -> entryAndSeal(segment, most + 1));

        try (SegmentChecks checks = begin(true)) {
            assertThat(checks.take(1)).isNotNull();
            assertThat(checks.take(2)).isNull();
        }
    }

    @Test
    void interruptIsKeptAndDisturbsNothing() throws IOException {
        for (int i = 1; i <= COUNT; i++) {
            write(i, segment -> segment.seal(0));
        }

        Thread.currentThread().interrupt();
        try (SegmentChecks checks = begin(true)) {
            for (int i = 1; i <= COUNT; i++) {
                assertThat(checks.take(i)).isNotNull();
            }
        }

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void interruptWhileACheckIsWaitedForIsKept() throws Exception {
        final Held held = new Held();
        try (SegmentChecks checks = begin(true)) {
            held.awaitFirst();
            final boolean[] kept = new boolean[1];
            final SegmentChecks.SoundSegment[] sound = new SegmentChecks.SoundSegment[1];
            final Thread asker =
                    new Thread(
                            () -> {
                                sound[0] = checks.take(1);
                                kept[0] = Thread.currentThread().isInterrupted();
                            });
            asker.start();
            asker.interrupt();
            held.release();
            asker.join();

            assertThat(sound[0]).isNotNull();
            assertThat(kept[0]).isTrue();
        }
    }

    @Test
    void closingWhileChecksRunWaitsForThemAndOpensNothingMore() throws Exception {
        final Held held = new Held();
        final SegmentChecks checks = begin(true);
        held.awaitFirst();
        final boolean[] kept = new boolean[1];
        final Thread closer =
                new Thread(
                        () -> {
                            checks.close();
                            kept[0] = Thread.currentThread().isInterrupted();
                        });
        closer.start();
        closer.interrupt();
        Await.until("it waits", () -> closer.getState() == Thread.State.TIMED_WAITING);
        held.release();
        closer.join();

        assertThat(kept[0]).isTrue();
        assertThat(disk.openFiles()).isZero();
        assertThat(disk.count(HookedDisk.Operation.OPEN_READ)).isLessThan(COUNT);
    }

    /** Segments whose records cannot be read for the time being. */
    private final class Held {
        private final CountDownLatch first = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        Held() throws IOException {
            for (int i = 1; i <= COUNT; i++) {
                write(i, segment -> segment.seal(0));
            }
            disk.hook(
                    (operation, at, offset, length) -> {
                        if (operation == HookedDisk.Operation.READ && offset > 0) {
                            first.countDown();
                            Await.quietly(released);
                        }
                    });
        }

        void awaitFirst() {
            assumeTrue(
                    Runtime.getRuntime().availableProcessors() > 1, "one thread asks and checks");
            Await.quietly(first);
        }

        void release() {
            released.countDown();
        }
    }

    private SegmentChecks begin(final boolean ownThreads) {
        final SegmentChecks checks = new SegmentChecks(new LogDirectory(disk, path), ownThreads);
        checks.begin(segments);
        return checks;
    }

    private void write(final long index, final Content content) throws IOException {
        write(index, LENGTH, content);
    }

    /** A segment whose first entry has the LSN 10 times the index. */
    private void write(final long index, final int length, final Content content)
            throws IOException {
        final SegmentHeader header =
                SegmentHeader.prepared(42, index, 3, length).begun(3, 10 * index - 1, 7);
        segments.put(index, name(index));
        try (WrittenSegment segment =
                new WrittenSegment(path.resolve(name(index)), Disk.REAL, header)) {
            segment.entry("entry of " + index);
            content.write(segment);
        }
    }

    private void writeHeader(final long index, final SegmentHeader header) throws IOException {
        segments.put(index, name(index));
        final Path file = Files.write(path.resolve(name(index)), new byte[LENGTH]);
        try (DiskFile opened = Disk.REAL.open(file, Disk.OpenMode.WRITE)) {
            LogDirectory.writeHeader(opened, header);
        }
    }

    private static void finish(final WrittenSegment segment, final long index) throws IOException {
        segment.batch(10 * index - 1);
        segment.entry("another");
        final byte[] startLsn = new byte[MarkerDescriptor.payloadLength(RecordKind.FINALIZE)];
        startLsn[MarkerDescriptor.START_LSN_OFFSET] = (byte) (10 * index - 3);
        segment.record(RecordKind.FINALIZE, segment.lastLsn(), startLsn);
        segment.seal(10 * index + 1);
    }

    private static void entryAndSeal(final WrittenSegment segment, final int payloadLength)
            throws IOException {
        segment.entry("x".repeat(payloadLength));
        segment.seal(0);
    }

    private static byte[] close() {
        return new byte[MarkerDescriptor.payloadLength(RecordKind.CLOSE)];
    }

    private static long sealedChecksum(final WrittenSegment segment, final int seal) {
        final byte[] frame = segment.bytes(seal, MarkerDescriptor.frameLength(RecordKind.SEAL));
        return MarkerDescriptor.get(new UnsafeBuffer(frame), 0, MarkerDescriptor.CHECKSUM_OFFSET);
    }

    private static String name(final long index) {
        return LogDirectory.segmentName(index);
    }
}
