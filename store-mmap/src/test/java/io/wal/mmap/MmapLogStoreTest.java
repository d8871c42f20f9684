package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.Checkpoint;
import io.wal.CorruptLogException;
import io.wal.Durability;
import io.wal.LogReader;
import io.wal.LogTrimmedException;
import io.wal.RecoveredLog;
import io.wal.WalContext;
import io.wal.WriteAheadLog;
import io.wal.inspect.LogReport;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MmapLogStoreTest {
    private static final int SEGMENT_LENGTH = 16 << 10;

    @TempDir Path directory;

    @Test
    void recoversWhatWasAcknowledgedAfterClose() {
        try (WriteAheadLog log = open()) {
            assertThat(log.recovered().isEmpty()).isTrue();
            for (int i = 1; i <= 1000; i++) {
                assertThat(append(log, "entry " + i)).isEqualTo(i);
            }
            assertThat(log.flush()).isEqualTo(1000);
        }
        try (WriteAheadLog log = open()) {
            final List<String> entries = recover(log);
            assertThat(entries)
                    .hasSize(1000)
                    .startsWith("1 DATA entry 1")
                    .endsWith("1000 DATA entry 1000");
            assertThat(log.recovered().tail()).isEqualTo(RecoveredLog.Tail.CLOSED);
            assertThat(append(log, "more")).isEqualTo(1001);
        }
        try (WriteAheadLog log = open()) {
            assertThat(recover(log)).hasSize(1001).endsWith("1001 DATA more");
        }
    }

    @Test
    void recoversFromTheLastFinalizedCheckpoint() {
        try (WriteAheadLog log = open()) {
            for (int i = 1; i <= 2000; i++) {
                append(log, "before " + i);
            }
            final Checkpoint checkpoint = log.startCheckpoint();
            final UnsafeBuffer state = new UnsafeBuffer("state".getBytes(StandardCharsets.UTF_8));
            checkpoint.append(state, 0, state.capacity());
            append(log, "meanwhile");
            checkpoint.finalizeCheckpoint();
            append(log, "after");
            final Checkpoint unfinished = log.startCheckpoint();
            unfinished.append(state, 0, state.capacity());
            append(log, "last");
        }
        try (WriteAheadLog log = open()) {
            assertThat(recover(log))
                    .containsExactly(
                            "2001 CHECKPOINT state",
                            "2002 DATA meanwhile",
                            "2003 DATA after",
                            "2005 DATA last");
        }
    }

    @Test
    void newLogBeginsAtTheLsnThatWasAskedFor() {
        final Path path = directory.resolve("later");
        for (int i = 0; i < 3; i++) {
            try (WriteAheadLog log = openFrom(path, 1000)) {
                assertThat(log.recovered().isEmpty()).isTrue();
                assertThat(log.lastLsn()).isEqualTo(999);
            }
            try (MmapLogInspector inspector = new MmapLogInspector(path)) {
                final LogReport report = inspector.verify(bytes -> {});
                assertThat(report.verdict()).isEqualTo(LogReport.Verdict.SOUND);
                assertThat(List.of(report.startLsn(), report.lastLsn()))
                        .containsExactly(1000L, 999L);
            }
        }

        try (WriteAheadLog log = openFrom(path, 1)) {
            assertThat(append(log, "a")).isEqualTo(1000);
            assertThat(append(log, "b")).isEqualTo(1001);
            assertThat(log.flush()).isEqualTo(1001);
            assertThatThrownBy(() -> poll(log.reader(999))).isInstanceOf(LogTrimmedException.class);
            assertThat(poll(log.reader(1000))).isEqualTo(2);
        }

        try (WriteAheadLog log = openFrom(path, 5)) {
            assertThat(recover(log)).containsExactly("1000 DATA a", "1001 DATA b");
        }
        assertThatThrownBy(() -> openFrom(directory.resolve("none"), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("firstLsn");
    }

    private static WriteAheadLog openFrom(final Path path, final long firstLsn) {
        return WriteAheadLog.open(
                new WalContext()
                        .store(
                                new MmapLogStore(
                                        new MmapStoreContext()
                                                .directory(path)
                                                .segmentLength(SEGMENT_LENGTH)
                                                .firstLsn(firstLsn))));
    }

    private static int poll(final LogReader opened) {
        try (LogReader reader = opened) {
            return reader.poll((lsn, kind, buffer, offset, length) -> {}, 10);
        }
    }

    /** A finalize has no LSN of its own, and is evidence that must not be taken for a torn tail. */
    @Test
    void damagedFinalizeIsDamageWhenSomethingWasWrittenBehindIt() throws IOException {
        for (final boolean closes : new boolean[] {true, false}) {
            final Path path = directory.resolve("finalize-" + closes);
            final WriteAheadLog log = open(path, WriteMode.MAPPED, SEGMENT_LENGTH);
            append(log, "before");
            try (Checkpoint checkpoint = log.startCheckpoint()) {
                checkpoint.finalizeCheckpoint();
            }
            if (!closes) {
                append(log, "after");
                log.flush();
            }
            final byte[] image = Files.readAllBytes(segment(path, 1));
            log.close();
            if (!closes) {
                Files.write(segment(path, 1), image);
            }
            final int at = indexOfKind(image, RecordKind.FINALIZE);
            flip(segment(path, 1), at + RecordDescriptor.HEADER_LENGTH);

            assertThat(new MmapLogInspector(path).verify(bytes -> {}).verdict())
                    .as("closed: " + closes)
                    .isEqualTo(LogReport.Verdict.DAMAGED);
            assertThatThrownBy(() -> open(path, WriteMode.MAPPED, SEGMENT_LENGTH))
                    .isInstanceOf(CorruptLogException.class);
        }
    }

    @Test
    void directWritingTakesPayloadsLargerThanItsStagingBuffer() {
        final Path path = directory.resolve("large");
        final UnsafeBuffer large = new UnsafeBuffer(new byte[5 << 20]);
        large.setMemory(0, large.capacity(), (byte) 7);
        try (WriteAheadLog log = open(path, WriteMode.DIRECT, 16 << 20)) {
            append(log, "small");
            log.awaitDurable(log.append(large, 0, large.capacity()));
            append(log, "small again");
        }
        try (WriteAheadLog log = open(path, WriteMode.DIRECT, 16 << 20)) {
            final List<Integer> lengths = new ArrayList<>();
            log.recover(
                    (lsn, kind, buffer, offset, length) -> {
                        lengths.add(length);
                        if (length > 100) {
                            assertThat(new UnsafeBuffer(buffer, offset, length)).isEqualTo(large);
                        }
                    });
            assertThat(lengths).containsExactly(5, 5 << 20, 11);
        }
    }

    @Test
    void readerSaysWhenTheNextSegmentIsGone() throws IOException {
        final Path path = directory.resolve("gone");
        try (WriteAheadLog log = open(path, WriteMode.MAPPED, SEGMENT_LENGTH)) {
            for (int i = 1; i <= 1000; i++) {
                append(log, "entry " + i);
            }
            log.flush();
            Files.delete(segment(path, 2));

            try (LogReader reader = log.reader(1)) {
                assertThatThrownBy(
                                () -> {
                                    while (reader.poll((l, k, b, o, n) -> {}, 100) > 0) {
                                        // reads on
                                    }
                                })
                        .isInstanceOf(CorruptLogException.class);
            }
        }
    }

    private static Path segment(final Path path, final long index) {
        return path.resolve(LogDirectory.segmentName(index));
    }

    private static int indexOfKind(final byte[] image, final RecordKind kind) {
        final UnsafeBuffer buffer = new UnsafeBuffer(image);
        int at = SegmentDescriptor.RECORDS_OFFSET;
        while (RecordDescriptor.kind(buffer, at) != kind) {
            at += RecordDescriptor.align(RecordDescriptor.length(buffer, at));
        }
        return at;
    }

    private static void flip(final Path file, final int offset) throws IOException {
        final byte[] bytes = Files.readAllBytes(file);
        bytes[offset] ^= 1;
        Files.write(file, bytes);
    }

    private static WriteAheadLog open(
            final Path path, final WriteMode mode, final int segmentLength) {
        return WriteAheadLog.open(
                new WalContext()
                        .store(
                                new MmapLogStore(
                                        new MmapStoreContext()
                                                .directory(path)
                                                .writeMode(mode)
                                                .segmentLength(segmentLength))));
    }

    private static long append(final WriteAheadLog log, final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return log.append(new UnsafeBuffer(bytes), 0, bytes.length, Durability.FORCED, null);
    }

    private static List<String> recover(final WriteAheadLog log) {
        final List<String> entries = new ArrayList<>();
        log.recover(
                (lsn, kind, buffer, offset, length) ->
                        entries.add(
                                lsn
                                        + " "
                                        + kind
                                        + " "
                                        + buffer.getStringWithoutLengthUtf8(offset, length)));
        return entries;
    }

    private WriteAheadLog open() {
        return WriteAheadLog.open(
                new WalContext()
                        .store(
                                new MmapLogStore(
                                        new MmapStoreContext()
                                                .directory(directory.resolve("log"))
                                                .segmentLength(SEGMENT_LENGTH))));
    }
}
