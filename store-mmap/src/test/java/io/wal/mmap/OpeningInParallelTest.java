package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.Checkpoint;
import io.wal.CorruptLogException;
import io.wal.Durability;
import io.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log of many sealed segments is found to be the same, with the help of threads and without. */
class OpeningInParallelTest {
    private static final int ENTRY_COUNT = 1500;

    @TempDir Path directory;

    private final HookedDisk disk = new HookedDisk();

    @AfterEach
    void nothingIsHeld() throws Exception {
        assertThat(disk.openFiles()).isZero();
        assertThat(disk.openMappings()).isZero();
        Await.until("threads end", () -> OpenCloseCycles.threads(directory).isEmpty());
    }

    @Test
    void wholeLogIsReplayedTheSame() throws IOException {
        final List<String> expected = new ArrayList<>();
        try (WriteAheadLog log = fixture(true).open()) {
            expected.addAll(append(log, 1, ENTRY_COUNT));
        }
        final Map<String, String> written = walFiles();
        assertThat(segmentNames(written)).hasSizeGreaterThan(8);

        final String alone = opened(false);
        restore(written);
        final String helped = opened(true);

        assertThat(helped).isEqualTo(alone).endsWith(expected.toString());
    }

    @Test
    void checkpointFinalizedInTheMidstSaysWhereRecoveryBegins() throws IOException {
        final long startLsn;
        try (WriteAheadLog log = fixture(true).open()) {
            append(log, 1, 400);
            final Checkpoint checkpoint = log.startCheckpoint();
            startLsn = checkpoint.startLsn();
            append(log, 401, 800);
            checkpoint.append(new UnsafeBuffer("state".getBytes()), 0, 5);
            checkpoint.finalizeCheckpoint();
            append(log, 801, ENTRY_COUNT);
        }
        final Map<String, String> written = walFiles();
        assertThat(segmentNames(written)).hasSizeGreaterThan(6);

        final String alone = opened(false);
        restore(written);
        final String helped = opened(true);

        assertThat(helped)
                .isEqualTo(alone)
                .startsWith("RecoveredLog[startLsn=" + startLsn + ",")
                .contains(" CHECKPOINT state");
    }

    @Test
    void flippedBitInEachSegmentInTurnIsFoundTheSame() throws IOException {
        try (WriteAheadLog log = fixture(true).open()) {
            append(log, 1, ENTRY_COUNT);
        }
        final Map<String, String> written = walFiles();
        final List<String> names = segmentNames(written);
        for (final String name : names.subList(0, names.size() - 2)) {
            for (final int at : new int[] {24, SegmentDescriptor.RECORDS_OFFSET + 40, 9000}) {
                final StringBuilder bytes = new StringBuilder(written.get(name));
                bytes.setCharAt(at, (char) (bytes.charAt(at) ^ 8));
                final Map<String, String> damaged = new TreeMap<>(written);
                damaged.put(name, bytes.toString());

                restore(damaged);
                final String alone = opened(false);
                final String helped = opened(true);

                final String what = name + " at " + at;
                assertThat(helped)
                        .as(what)
                        .isEqualTo(alone)
                        .startsWith("damaged " + directory.resolve(name));
                assertThat(walFiles().equals(damaged)).as(what + " was left alone").isTrue();
            }
        }
    }

    @Test
    void damageOfOneSegmentDoesNotHideThatOfAnEarlierOne() throws IOException {
        try (WriteAheadLog log = fixture(true).open()) {
            append(log, 1, ENTRY_COUNT);
        }
        final Map<String, String> damaged = new TreeMap<>(walFiles());
        final List<String> names = segmentNames(damaged);
        for (final String name : names.subList(2, 5)) {
            final StringBuilder bytes = new StringBuilder(damaged.get(name));
            bytes.setCharAt(9000, (char) (bytes.charAt(9000) ^ 1));
            damaged.put(name, bytes.toString());
        }
        restore(damaged);

        assertThat(opened(true))
                .isEqualTo(opened(false))
                .startsWith("damaged " + directory.resolve(names.get(2)));
    }

    /** What an opening comes to, in words. */
    private String opened(final boolean ownThreads) {
        try (WriteAheadLog log = fixture(ownThreads).open()) {
            final List<String> entries = LogFixture.recover(log);
            return log.recovered() + " " + entries;
        } catch (final CorruptLogException e) {
            return "damaged "
                    + e.segment()
                    + " "
                    + e.offset()
                    + " "
                    + e.lsn()
                    + " "
                    + e.getMessage();
        }
    }

    private LogFixture fixture(final boolean ownThreads) {
        return new LogFixture(directory)
                .disk(disk)
                .store(context -> context.backgroundThread(ownThreads));
    }

    private static List<String> append(final WriteAheadLog log, final int from, final int to) {
        final List<String> expected = new ArrayList<>();
        for (int i = from; i <= to; i++) {
            final String text = i + "t".repeat(i % 200);
            expected.add(LogFixture.append(log, text, Durability.WRITTEN) + " DATA " + text);
        }
        log.flush();
        return expected;
    }

    private Map<String, String> walFiles() throws IOException {
        final Map<String, String> contents = LogFixture.contentsOf(directory);
        contents.keySet().removeIf(name -> !name.endsWith(".wal"));
        return contents;
    }

    private static List<String> segmentNames(final Map<String, String> contents) {
        return contents.keySet().stream().filter(name -> name.startsWith("segment-")).toList();
    }

    private void restore(final Map<String, String> contents) throws IOException {
        for (final String name : walFiles().keySet()) {
            Files.delete(directory.resolve(name));
        }
        LogFixture.write(directory, contents);
    }
}
