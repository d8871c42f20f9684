package io.wal.mmap;

import static io.wal.mmap.LogFixture.append;
import static io.wal.mmap.LogFixture.appendRange;
import static org.assertj.core.api.Assertions.assertThat;

import io.wal.Durability;
import io.wal.WriteAheadLog;
import io.wal.event.FlightRecording;
import io.wal.metrics.LogCounter;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import jdk.jfr.consumer.RecordedEvent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MmapFlightRecorderTest {
    private static final String STALL = "io.wal.Stall";
    private static final String ROLL = "io.wal.SegmentRoll";
    private static final String PREPARATION = "io.wal.SegmentPreparation";
    private static final Duration THRESHOLD = Duration.ofMillis(400);

    private final HookedDisk disk = new HookedDisk();

    @TempDir private Path root;

    @Test
    void rollsAndPreparationsAreRecorded() throws IOException {
        try (FlightRecording recording = new FlightRecording(root, ROLL, PREPARATION)) {
            final long rolls;
            try (WriteAheadLog log = fixture().open()) {
                appendRange(log, 1, 1000);
                log.flush();
                rolls = log.counter(LogCounter.ROLLS);
                assertThat(log.counter(LogCounter.SEGMENTS)).isEqualTo(rolls + 1);
            }

            final List<RecordedEvent> rolled = recording.events(ROLL);
            assertThat(rolled.size()).isGreaterThan(2);
            assertThat(rolled).hasSize((int) rolls);
            assertThat(rolled.get(0).getString("segment")).endsWith(LogDirectory.segmentName(2));
            assertThat(rolled.get(0).getLong("firstLsn")).isGreaterThan(1);
            assertThat(rolled.get(0).getDuration("segmentWait"))
                    .isLessThanOrEqualTo(rolled.get(0).getDuration());
            assertThat(recording.events(PREPARATION))
                    .hasSizeGreaterThanOrEqualTo((int) rolls + 1)
                    .allSatisfy(
                            event -> {
                                assertThat(event.getBoolean("recycled")).isFalse();
                                assertThat(event.getLong("length"))
                                        .isEqualTo(LogFixture.SEGMENT_LENGTH);
                            });
        }
    }

    @Test
    void longForceIsAStallThatNamesItsEntries() throws Exception {
        final AtomicBoolean slow = new AtomicBoolean();
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == HookedDisk.Operation.FORCE_MAPPING
                            && slow.compareAndSet(true, false)) {
                        pass(THRESHOLD);
                    }
                });
        try (FlightRecording recording = new FlightRecording(root, STALL);
                WriteAheadLog log = fixture().open()) {
            append(log, "quick");
            log.flush();
            slow.set(true);
            append(log, "slow");
            log.flush();

            assertStall(recording, log, "force", 2, 2);
        }
    }

    @Test
    void waitForASegmentIsAStall() throws Exception {
        final AtomicBoolean slow = new AtomicBoolean();
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == HookedDisk.Operation.CREATE
                            && slow.compareAndSet(true, false)) {
                        pass(THRESHOLD.plus(THRESHOLD));
                    }
                });
        try (FlightRecording recording = new FlightRecording(root, STALL);
                WriteAheadLog log = fixture().open()) {
            slow.set(true);
            final long rolledLsn = appendUntilRolled(log);

            assertStall(recording, log, "wait for a segment", rolledLsn, rolledLsn);
        }
    }

    @Test
    void waitForSpaceIsAStall() throws Exception {
        final AtomicBoolean full = new AtomicBoolean();
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == HookedDisk.Operation.WRITE && full.get()) {
                        throw new IOException(file + ": No space left on device");
                    }
                });
        try (FlightRecording recording = new FlightRecording(root, STALL);
                WriteAheadLog log = fixture().open()) {
            full.set(true);
            final Thread relief =
                    new Thread(
                            () -> {
                                awaitStalled(log);
                                assertThat(log.counter(LogCounter.STALLED)).isEqualTo(1);
                                pass(THRESHOLD);
                                full.set(false);
                            });
            relief.start();
            final long rolledLsn = appendUntilRolled(log);
            relief.join();

            assertStall(recording, log, "wait for space", rolledLsn, rolledLsn);
            assertThat(log.counter(LogCounter.STALLED)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void everyForceIsCounted(final WriteMode mode) {
        if (mode == WriteMode.DIRECT) {
            DirectWriting.assumeSupported(root);
        }
        final LogFixture fixture = fixture().store(context -> context.writeMode(mode));
        final MmapLogStore store = fixture.newStore();
        try (WriteAheadLog log = fixture.open(store)) {
            for (int i = 0; i < 20; i++) {
                append(log, "forced");
                append(log, "written", Durability.WRITTEN);
                log.flush();
            }

            assertThat(log.counter(LogCounter.FORCES)).isBetween(20L, 60L);
            assertThat(log.counter(LogCounter.ENTRIES)).isEqualTo(40);
        }
        assertThat(store.forceCount()).isBetween(20L, 60L);
    }

    private static void assertStall(
            final FlightRecording recording,
            final WriteAheadLog log,
            final String cause,
            final long firstLsn,
            final long lastLsn)
            throws IOException {
        // on a busy machine others may be stalls too, but then they did take so long
        final List<RecordedEvent> stalls = recording.events(STALL);
        assertThat(stalls)
                .hasSize((int) log.counter(LogCounter.STALLS))
                .allSatisfy(
                        stall -> assertThat(stall.getDuration()).isGreaterThanOrEqualTo(THRESHOLD));
        assertThat(stalls.stream().filter(stall -> stall.getString("cause").equals(cause)))
                .anySatisfy(
                        stall -> {
                            assertThat(stall.getLong("firstLsn")).isEqualTo(firstLsn);
                            assertThat(stall.getLong("lastLsn")).isEqualTo(lastLsn);
                        });
    }

    /** One entry at a time, so that only the one that needed the new segment has waited. */
    private static long appendUntilRolled(final WriteAheadLog log) {
        long lsn;
        do {
            lsn = append(log, "x".repeat(1000));
            log.flush();
        } while (log.counter(LogCounter.ROLLS) == 0);
        return lsn;
    }

    private static void awaitStalled(final WriteAheadLog log) {
        try {
            Await.until("the stall", () -> log.stall() != null);
        } catch (final Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void pass(final Duration time) {
        final long endNs = System.nanoTime() + time.toNanos();
        try {
            Await.until("time passes", () -> System.nanoTime() - endNs >= 0);
        } catch (final Exception e) {
            throw new AssertionError(e);
        }
    }

    private LogFixture fixture() {
        return new LogFixture(root.resolve("log"))
                .disk(disk)
                .wal(context -> context.stallThreshold(THRESHOLD));
    }
}
