package io.wal.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.Durability;
import io.wal.WalContext;
import io.wal.WriteAheadLog;
import io.wal.memory.InMemoryLogStore;
import io.wal.memory.InMemoryMedium;
import io.wal.store.Eventually;
import io.wal.store.FakeStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.Timespan;
import jdk.jfr.consumer.RecordedEvent;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlightRecorderTest {
    private static final String BATCH = "io.wal.Batch";
    private static final String STALL = "io.wal.Stall";
    private static final int PAYLOAD_LENGTH = 40;
    private static final int FRAME_LENGTH = 64;

    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[PAYLOAD_LENGTH]);

    @TempDir private Path directory;

    @Test
    void batchesTellTheirEntriesAndWhereTheTimeWent() throws Exception {
        final FakeStore store = new FakeStore().hang();
        try (FlightRecording recording = new FlightRecording(directory, BATCH)) {
            try (WriteAheadLog log = WriteAheadLog.open(new WalContext().store(store))) {
                append(log);
                store.awaitHanging();
                append(log);
                append(log);
                pass(Duration.ofMillis(20));
                store.goOn();
                log.flush();
            }

            final List<RecordedEvent> batches = recording.events(BATCH);
            assertThat(batches).hasSize(2);
            final RecordedEvent first = batches.get(0);
            assertThat(first.getString("log")).isEqualTo("fake");
            assertThat(first.getLong("firstLsn")).isEqualTo(1);
            assertThat(first.getLong("lastLsn")).isEqualTo(1);
            assertThat(first.getInt("entryCount")).isEqualTo(1);
            assertThat(first.getLong("length")).isEqualTo(FRAME_LENGTH);
            assertThat(first.getBoolean("forced")).isTrue();
            assertThat(first.getDuration("force")).isBetween(millis(20), first.getDuration());
            assertPartsOf(first);
            final RecordedEvent second = batches.get(1);
            assertThat(second.getLong("firstLsn")).isEqualTo(2);
            assertThat(second.getLong("lastLsn")).isEqualTo(3);
            assertThat(second.getInt("entryCount")).isEqualTo(2);
            assertThat(second.getLong("length")).isEqualTo(2 * FRAME_LENGTH);
            assertThat(second.getLong("queueDepth")).isEqualTo(2);
            assertThat(second.getDuration("ringWait")).isGreaterThanOrEqualTo(millis(20));
            assertPartsOf(second);
            assertThat(second.getStartTime()).isAfterOrEqualTo(first.getEndTime());
            assertThat(first.getEventType().getField("force").getAnnotation(Timespan.class).value())
                    .isEqualTo(Timespan.NANOSECONDS);
            assertThat(first.getEventType().getCategoryNames()).containsExactly("Write-Ahead Log");
            assertThat(first.getEventType().getLabel()).isEqualTo("Log Batch");
        }
    }

    @Test
    void writtenBatchIsNotForced() throws IOException {
        try (FlightRecording recording = new FlightRecording(directory, BATCH)) {
            try (WriteAheadLog log =
                    WriteAheadLog.open(
                            new WalContext()
                                    .store(new FakeStore())
                                    .forceInterval(Duration.ofHours(1)))) {
                log.appendAndAwait(payload, 0, PAYLOAD_LENGTH, Durability.WRITTEN);
            }

            assertThat(recording.events(BATCH))
                    .singleElement()
                    .satisfies(
                            batch -> {
                                assertThat(batch.getBoolean("forced")).isFalse();
                                assertThat(batch.getDuration("force")).isEqualTo(Duration.ZERO);
                            });
        }
    }

    @Test
    void onlySlowBatchesAreRecordedUnlessAskedFor() {
        assertThat(
                        jdk.jfr.EventType.getEventType(BatchEvent.class)
                                .getSettingDescriptors()
                                .stream()
                                .filter(setting -> setting.getName().equals("threshold"))
                                .findFirst()
                                .orElseThrow()
                                .getDefaultValue())
                .isEqualTo("1 ms");
    }

    @Test
    void longForceIsAStallThatNamesItsEntries() throws Exception {
        final FakeStore store = new FakeStore().hang();
        try (FlightRecording recording = new FlightRecording(directory, STALL)) {
            try (WriteAheadLog log =
                    WriteAheadLog.open(new WalContext().store(store).stallThreshold(millis(30)))) {
                append(log);
                store.awaitHanging();
                pass(millis(30));
                store.goOn();
                log.flush();
                append(log);
                log.flush();
            }

            // on a busy machine the quick one may be a stall too, but then it did take so long
            assertThat(recording.events(STALL))
                    .isNotEmpty()
                    .allSatisfy(
                            stall -> {
                                assertThat(stall.getString("log")).isEqualTo("fake");
                                assertThat(stall.getDuration()).isGreaterThanOrEqualTo(millis(30));
                            })
                    .first()
                    .satisfies(
                            stall -> {
                                assertThat(stall.getString("cause")).isEqualTo("force");
                                assertThat(stall.getLong("firstLsn")).isEqualTo(1);
                                assertThat(stall.getLong("lastLsn")).isEqualTo(1);
                            });
        }
    }

    @Test
    void openingReplayAndCheckpointsAreRecorded() throws IOException {
        final InMemoryMedium medium = new InMemoryMedium();
        try (FlightRecording recording =
                new FlightRecording(
                        directory, "io.wal.Recovery", "io.wal.Replay", "io.wal.Checkpoint")) {
            try (WriteAheadLog log = open(medium)) {
                append(log);
                append(log);
                try (var checkpoint = log.startCheckpoint()) {
                    checkpoint.append(payload, 0, PAYLOAD_LENGTH);
                    checkpoint.finalizeCheckpoint();
                }
                append(log);
            }
            try (WriteAheadLog log = open(medium)) {
                log.recover((lsn, kind, buffer, offset, length) -> {});
            }

            final RecordedEvent checkpoint = recording.events("io.wal.Checkpoint").get(0);
            assertThat(checkpoint.getString("log"))
                    .isNotEmpty()
                    .isEqualTo(recording.events("io.wal.Recovery").get(0).getString("log"));
            assertThat(checkpoint.getLong("startLsn")).isEqualTo(3);
            assertThat(checkpoint.getLong("endLsn")).isEqualTo(3);
            assertThat(recording.events("io.wal.Recovery")).hasSize(2);
            final RecordedEvent recovery = recording.events("io.wal.Recovery").get(1);
            assertThat(recovery.getLong("startLsn")).isEqualTo(3);
            assertThat(recovery.getLong("lastLsn")).isEqualTo(4);
            assertThat(recovery.getLong("generation")).isEqualTo(2);
            assertThat(recovery.getString("tail")).isEqualTo("CLOSED");
            assertThat(recording.events("io.wal.Replay"))
                    .singleElement()
                    .satisfies(
                            replay -> {
                                assertThat(replay.getLong("entryCount")).isEqualTo(2);
                                assertThat(replay.getLong("length")).isEqualTo(2 * PAYLOAD_LENGTH);
                            });
        }
    }

    @Test
    void recordingMayBeginWhileTheLogRuns() throws IOException {
        try (WriteAheadLog log = WriteAheadLog.open(new WalContext().store(new FakeStore()))) {
            append(log);
            log.flush();
            try (FlightRecording recording = new FlightRecording(directory, BATCH)) {
                append(log);
                log.flush();
                Eventually.isTrue("the batch is over", () -> log.durableLsn() == 2);
                append(log);
                log.flush();

                assertThat(recording.events(BATCH))
                        .isNotEmpty()
                        .allSatisfy(
                                batch ->
                                        assertThat(batch.getDuration())
                                                .isLessThan(Duration.ofSeconds(10)));
            }
        }
    }

    private static WriteAheadLog open(final InMemoryMedium medium) {
        return WriteAheadLog.open(new WalContext().store(new InMemoryLogStore("log", medium)));
    }

    private void append(final WriteAheadLog log) {
        log.append(payload, 0, PAYLOAD_LENGTH);
    }

    /** What a batch spends its time on is not counted twice, and the wait before it not at all. */
    private static void assertPartsOf(final RecordedEvent batch) {
        final Duration write = batch.getDuration("write");
        final Duration force = batch.getDuration("force");
        final Duration notify = batch.getDuration("notify");
        assertThat(write).isGreaterThanOrEqualTo(Duration.ZERO);
        assertThat(notify).isGreaterThanOrEqualTo(Duration.ZERO);
        assertThat(write.plus(force).plus(notify)).isLessThanOrEqualTo(batch.getDuration());
    }

    private static Duration millis(final long count) {
        return Duration.ofMillis(count);
    }

    private static void pass(final Duration time) {
        final long endNs = System.nanoTime() + time.toNanos();
        Eventually.isTrue("time passes", () -> System.nanoTime() - endNs >= 0);
    }
}
