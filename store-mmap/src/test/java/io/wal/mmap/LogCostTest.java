package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With checkpoints, neither recovery nor disk use depends on how much was ever appended. */
@Timeout(120)
class LogCostTest {
    private static final int SEGMENT_LENGTH = 8 << 10;
    private static final int SPARES = 4;

    @TempDir(factory = MemoryDirectory.class)
    Path temporary;

    private final HookedDisk disk = new HookedDisk();

    @Test
    void recoveryCostsWhatLiesAfterTheLastCheckpoint() throws Exception {
        final long few = bytesReadByRecovery("few", 1);
        final long many = bytesReadByRecovery("many", 12);

        assertThat(many).as("read after 12 times as much").isLessThan(few * 5 / 4);
    }

    @Test
    void recoveryCostsMoreWhenMoreLiesAfterTheLastCheckpoint() throws Exception {
        final LogFixture fixture = fixture("log");
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.appendRange(log, 1, 2000);
        }
        final long before = disk.bytesRead();
        assertThat(fixture.recoverAll()).hasSize(2000);

        assertThat(disk.bytesRead() - before).isGreaterThan(2000 * 32);
    }

    /** As after a crash between a checkpoint and the release of what lies before it. */
    @Test
    void openingAmongAThousandSealedSegmentsReadsOnlyWhatLiesAfterTheLastCheckpoint()
            throws Exception {
        final long few = bytesReadAmongSealedSegments("few", 10);
        final long many = bytesReadAmongSealedSegments("many", 1_000);

        assertThat(many).as("read among a hundred times as many").isLessThan(few * 5 / 4);
    }

    @Test
    void diskUseIsBoundedHoweverMuchIsAppended() throws Exception {
        final LogFixture fixture = fixture("log");
        long appendedLength = 0;
        long mostUsed = 0;
        try (WriteAheadLog log = fixture.open()) {
            for (int i = 0; i < 200; i++) {
                LogFixture.appendRange(log, 1, 300);
                appendedLength += 300 * 40;
                LogFixture.checkpoint(log, "state " + i);
                awaitReleased(fixture);
                mostUsed = Math.max(mostUsed, used(fixture.directory()));
            }
        }

        // the segment of the checkpoint, the one behind it, one that is prepared, spares, the rest
        assertThat(mostUsed).isLessThanOrEqualTo((SPARES + 3L) * SEGMENT_LENGTH + (16 << 10));
        assertThat(appendedLength).isGreaterThan(30 * mostUsed);
    }

    private long bytesReadAmongSealedSegments(final String name, final int segments)
            throws Exception {
        final LogFixture fixture = fixture(name);
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.appendRange(log, 1_000, 1_000 + segments * SEGMENT_LENGTH / 40);
            log.flush();
        }
        final Map<String, String> sealed = fixture.contents(); // none comes or goes any more
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.recover(log);
            LogFixture.checkpoint(log, "state");
            awaitReleased(fixture);
            LogFixture.appendRange(log, 1_000, 1_100);
            log.flush();
        }
        sealed.keySet()
                .removeIf(file -> !file.startsWith("segment-") || Files.exists(fixture.file(file)));
        assertThat(sealed).hasSizeGreaterThanOrEqualTo(segments - 1);
        LogFixture.write(fixture.directory(), sealed);
        final long readBefore = disk.bytesRead();
        try (WriteAheadLog log = fixture.open()) {
            assertThat(LogFixture.recover(log)).hasSize(102);
        }
        return disk.bytesRead() - readBefore;
    }

    /** By opening and recovering, with always the same behind the last checkpoint. */
    private long bytesReadByRecovery(final String name, final int rounds) throws Exception {
        final LogFixture fixture = fixture(name);
        try (WriteAheadLog log = fixture.open()) {
            for (int i = 0; i < rounds; i++) {
                LogFixture.appendRange(log, 1_000, 1_999); // some 40 KB
            }
            log.flush();
        }
        try (WriteAheadLog log = fixture.open()) { // begins a segment, in both alike
            LogFixture.recover(log);
            LogFixture.checkpoint(log, "state");
            awaitReleased(fixture);
            LogFixture.appendRange(log, 1_000, 1_100);
            log.flush();
        }
        final long readBefore = disk.bytesRead();
        final List<String> recovered;
        try (WriteAheadLog log = fixture.open()) {
            recovered = LogFixture.recover(log);
        }
        assertThat(recovered).hasSize(102);
        return disk.bytesRead() - readBefore;
    }

    /** Until only what lies after the checkpoint is held: its segment is the first. */
    private static void awaitReleased(final LogFixture fixture) throws Exception {
        Await.until(
                "release",
                () -> {
                    final LogDirectory directory = fixture.logDirectory();
                    final Control control = directory.readControl();
                    final var segments = directory.list().segments;
                    return segments.firstKey() == control.firstSegmentIndex()
                            && segments.size() <= 3;
                });
    }

    private static long used(final Path directory) throws IOException {
        long used = 0;
        for (final String name : Disk.REAL.list(directory)) {
            try {
                used += Files.size(directory.resolve(name));
            } catch (final NoSuchFileException e) {
                // it was released meanwhile
            }
        }
        return used;
    }

    private LogFixture fixture(final String name) {
        return new LogFixture(temporary.resolve(name))
                .segmentLength(SEGMENT_LENGTH)
                .disk(disk)
                .store(context -> context.maxSpareSegments(SPARES));
    }
}
