package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.Checkpoint;
import io.wal.Durability;
import io.wal.LogFailedException;
import io.wal.LogReader;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import io.wal.metrics.LogCounter;
import io.wal.mmap.HookedDisk.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The first failure of the disk ends the log, is told to everyone, and loses nothing. */
class FailingDiskTest {
    private static final String REASON = "Input/output error";

    @TempDir Path temporary;

    private final HookedDisk disk = new HookedDisk();
    private LogFixture fixture;

    @AfterEach
    void nothingIsHeld() {
        assertThat(disk.openFiles()).isZero();
        assertThat(disk.openLocks()).isZero();
        assertThat(disk.openMappings()).isZero();
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void failedForceFailsAllThatWaitAndIsNeverTriedAgain(final WriteMode mode) throws Exception {
        begin(mode);
        final WriteAheadLog log = fixture.open();
        final List<String> acknowledged = LogFixture.appendRange(log, 1, 100);
        log.flush();
        final AtomicInteger forcesSince = failEveryForce(mode, new IOException(REASON));

        final List<CompletableFuture<Long>> pending = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            try {
                pending.add(log.appendAsync(text("lost?"), 0, 5, Durability.FORCED));
            } catch (final LogFailedException e) { // it may know already
                break;
            }
        }

        for (final CompletableFuture<Long> future : pending) {
            assertThatThrownBy(future::join)
                    .isInstanceOf(CompletionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            LogFailedException.class,
                            e -> assertThat(e.lastDurableLsn()).isEqualTo(100))
                    .hasMessage(
                            "the log failed; the last surely durable LSN is 100; close and open it"
                                    + " to recover ("
                                    + REASON
                                    + ")");
        }
        assertFailed(log, 100);
        assertThat(forcesSince).hasValue(1);
        try (LogReader reader = log.reader(1)) { // what is durable can be read
            assertThat(reader.poll((lsn, kind, buffer, offset, length) -> {}, 1000)).isEqualTo(100);
        }
        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
        assertThat(forcesSince).hasValue(1);

        disk.unhook();
        assertThat(fixture.recoverAll()).startsWith(acknowledged.toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void errorOfTheJvmEndsTheLogToo(final WriteMode mode) throws Exception {
        for (final Error error :
                List.of(
                        new InternalError("a fault occurred in an unsafe memory access"),
                        new OutOfMemoryError("played"),
                        new StackOverflowError("played"))) {
            begin(mode);
            final WriteAheadLog log = fixture.open();
            if (!log.recovered().isEmpty()) {
                LogFixture.recover(log);
            }
            final long last = LogFixture.append(log, "acknowledged");
            log.flush();
            failEveryForce(mode, error);

            assertThatThrownBy(() -> log.appendAndAwait(text("lost?"), 0, 5, Durability.FORCED))
                    .isInstanceOf(LogFailedException.class)
                    .hasCause(error);
            assertFailed(log, last);
            assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);

            disk.unhook();
            assertThat(fixture.recoverAll()).contains(last + " DATA acknowledged");
        }
    }

    @Test
    void nothingIsAcknowledgedAfterTheFailureWhateverItsDurability() throws Exception {
        begin(WriteMode.MAPPED);
        final WriteAheadLog log = fixture.open();
        LogFixture.append(log, "acknowledged");
        log.flush();
        failEveryForce(WriteMode.MAPPED, new IOException(REASON));
        final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();

        log.append(text("lost?"), 0, 5, Durability.FORCED, (lsn, e) -> told.add(lsn + " " + e));
        Await.until("the failure", () -> log.failure() != null);
        for (final Durability durability : Durability.values()) {
            assertThatThrownBy(() -> log.append(text("late"), 0, 4, durability, null))
                    .isInstanceOf(LogFailedException.class);
            assertThat(log.tryAppend(text("late"), 0, 4, durability, null))
                    .isEqualTo(WriteAheadLog.FAILED);
        }

        Await.until("the answer", () -> !told.isEmpty());
        assertThat(told).hasSize(1).first().asString().contains("LogFailedException");
        assertThat(log.durableLsn()).isEqualTo(1);
        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
        disk.unhook();
    }

    @Test
    void failedSealEndsTheLogBeforeTheNextSegmentIsBegun() throws Exception {
        begin(WriteMode.MAPPED);
        final WriteAheadLog log = fixture.open();
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == Operation.FORCE_MAPPING && offset + length > 7000) {
                        throw new IOException(REASON);
                    }
                });

        assertThatThrownBy(
                        () -> {
                            for (int i = 1; i <= 1000; i++) {
                                LogFixture.append(log, "entry " + i);
                                log.flush();
                            }
                        })
                .isInstanceOf(LogFailedException.class);
        final long durable = log.durableLsn();
        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
        assertThat(fixture.logDirectory().readHeader(LogDirectory.segmentName(2)).isBegun())
                .isFalse();

        disk.unhook();
        assertThat(fixture.recoverAll()).hasSizeGreaterThanOrEqualTo((int) durable);
    }

    @Test
    void failureToPrepareTheNextSegmentEndsTheLogWhenItIsNeeded() throws Exception {
        begin(WriteMode.MAPPED);
        final WriteAheadLog log = fixture.open();
        LogFixture.append(log, "first");
        log.flush();
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == Operation.CREATE) {
                        throw new IOException(path + " (Too many open files)");
                    }
                });

        final long last = appendUntilItFails(log);

        assertThat(log.failure())
                .hasMessageContaining("cannot prepare segment")
                .hasMessageContaining("Too many open files");
        assertThat(log.durableLsn()).isGreaterThanOrEqualTo(last);
        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
        disk.unhook();
        assertThat(fixture.recoverAll()).hasSize((int) last);
    }

    @Test
    void failureToMakeASegmentsNameDurableIsAFailureToPrepare() throws Exception {
        begin(WriteMode.MAPPED);
        final WriteAheadLog log = fixture.open();
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == Operation.FORCE_DIRECTORY) {
                        throw new IOException(REASON);
                    }
                });

        final long last = appendUntilItFails(log);

        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
        disk.unhook();
        assertThat(fixture.recoverAll()).hasSize((int) last);
    }

    @Test
    void failureToWriteTheControlFileEndsTheLogAndReleasesNothing() throws Exception {
        begin(WriteMode.MAPPED);
        final WriteAheadLog log = fixture.open();
        LogFixture.appendRange(log, 1, 500);
        log.flush();
        final long begun = 1 + log.counter(LogCounter.ROLLS);
        Await.until(
                "the note of the last segment, the write before the one that fails",
                () -> fixture.logDirectory().readControl().begunSegmentIndex() == begun);
        final List<String> before = segmentNames();
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == Operation.WRITE && path.endsWith(LogDirectory.CONTROL)) {
                        throw new IOException(REASON);
                    }
                });

        final Checkpoint checkpoint = log.startCheckpoint();
        checkpoint.append(text("state"), 0, 5);
        checkpoint.finalizeCheckpoint(); // it is final and durable; only its space is not released

        Await.until("the failure", () -> log.failure() != null);
        assertThat(log.failure()).hasMessageContaining("cannot release segments of");
        assertThat(segmentNames()).containsAll(before);
        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);

        disk.unhook();
        assertThat(fixture.recoverAll()).containsExactly("501 CHECKPOINT state");
    }

    @Test
    void checkpointWhoseForceFailsCountsWhollyOrNotAtAll() throws Exception {
        begin(WriteMode.MAPPED);
        final WriteAheadLog log = fixture.open();
        final List<String> entries = LogFixture.appendRange(log, 1, 50);
        log.flush();
        final Checkpoint checkpoint = log.startCheckpoint();
        final long lsn = checkpoint.append(text("state"), 0, 5);
        log.awaitDurable(lsn);
        failEveryForce(WriteMode.MAPPED, new IOException(REASON));

        assertThatThrownBy(checkpoint::finalizeCheckpoint).isInstanceOf(LogFailedException.class);
        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
        disk.unhook();

        final List<String> recovered = fixture.recoverAll();
        if (!recovered.equals(entries)) {
            assertThat(recovered).containsExactly("51 CHECKPOINT state");
        }
        assertThat(fixture.recoverAll()).isEqualTo(recovered);
    }

    @Test
    void failedProofOfACleanEndIsToldAndLosesNothing() throws Exception {
        begin(WriteMode.MAPPED);
        final WriteAheadLog log = fixture.open();
        final List<String> entries = LogFixture.appendRange(log, 1, 50);
        log.flush();
        failEveryForce(WriteMode.MAPPED, new IOException(REASON));

        assertThatThrownBy(log::close)
                .isInstanceOfSatisfying(
                        LogFailedException.class,
                        e -> assertThat(e.lastDurableLsn()).isEqualTo(50));

        disk.unhook();
        assertThat(fixture.recoverAll()).isEqualTo(entries);
    }

    private void begin(final WriteMode mode) {
        if (mode == WriteMode.DIRECT) {
            DirectWriting.assumeSupported(temporary);
        }
        fixture =
                new LogFixture(temporary.resolve("log"))
                        .segmentLength(8 << 10)
                        .disk(disk)
                        .store(context -> context.writeMode(mode));
    }

    /** Fails what makes a segment's records durable; counts how often that was tried. */
    private AtomicInteger failEveryForce(final WriteMode mode, final Throwable failure) {
        final AtomicInteger tries = new AtomicInteger();
        disk.hook(
                (operation, path, offset, length) -> {
                    final boolean isForce =
                            mode == WriteMode.MAPPED
                                    ? operation == Operation.FORCE_MAPPING
                                    : operation == Operation.WRITE
                                            && path.toString().endsWith(".wal")
                                            && offset >= SegmentDescriptor.RECORDS_OFFSET;
                    if (isForce) {
                        tries.incrementAndGet();
                        if (failure instanceof Error error) {
                            throw error;
                        }
                        throw (IOException) failure;
                    }
                });
        return tries;
    }

    private static void assertFailed(final WriteAheadLog log, final long lastDurableLsn) {
        assertThat(log.failure())
                .isInstanceOfSatisfying(
                        LogFailedException.class,
                        e -> assertThat(e.lastDurableLsn()).isEqualTo(lastDurableLsn));
        assertThat(log.durableLsn()).isEqualTo(lastDurableLsn);
        assertThatThrownBy(() -> LogFixture.append(log, "late"))
                .isInstanceOf(LogFailedException.class);
        assertThatThrownBy(() -> log.awaitDurable(log.lastLsn()))
                .isInstanceOf(LogFailedException.class);
        assertThatThrownBy(log::flush).isInstanceOf(LogFailedException.class);
        assertThatThrownBy(log::startCheckpoint).isInstanceOf(LogFailedException.class);
    }

    /** Returns the last LSN that was acknowledged. */
    private static long appendUntilItFails(final WriteAheadLog log) {
        long last = log.durableLsn();
        try {
            for (int i = 0; i < 1000; i++) {
                last = log.appendAndAwait(text("x".repeat(100)), 0, 100, Durability.FORCED);
            }
        } catch (final WalException e) {
            return last;
        }
        throw new AssertionError("it never failed");
    }

    private List<String> segmentNames() throws IOException {
        return List.copyOf(fixture.logDirectory().list().segments.values());
    }

    private static UnsafeBuffer text(final String text) {
        return new UnsafeBuffer(text.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }
}
