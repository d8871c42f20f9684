package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.Durability;
import io.wal.LogFailedException;
import io.wal.LogFullException;
import io.wal.WalContext;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Real file systems that are full, mounted by the test itself. */
@Timeout(120)
class FullDiskTest {
    private static final int SEGMENT_LENGTH = 64 << 10;
    private static final int PAYLOAD_LENGTH = 1000;
    private static final Duration SHORT = Duration.ofMillis(300);

    @TempDir Path temporary;

    private final List<String> acknowledged = new ArrayList<>();
    private MountedFileSystem fileSystem;
    private LogFixture fixture;

    private enum Kind {
        TMPFS,
        EXT4
    }

    @AfterEach
    void unmount() {
        if (fileSystem != null) {
            fileSystem.close();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void appendsWaitAndGoOnByThemselvesWhenThereIsSpace(final Kind kind) throws Exception {
        mount(kind, WalContext.FullPolicy.WAIT);
        final Path ballast = fillDisk(kind, 6 * SEGMENT_LENGTH);
        try (WriteAheadLog log = fixture.open()) {
            final long waiting = appendUntilUnanswered(log);
            assertThat(log.stall())
                    .isInstanceOf(LogFullException.class)
                    .hasMessageContaining("cannot prepare segment")
                    .hasMessageContaining("No space left on device");
            assertThat(log.failure()).isNull();
            assertThat(log.durableLsn()).isEqualTo(acknowledged.size());

            Files.delete(ballast);

            assertThat(log.awaitDurable(waiting, Duration.ofSeconds(30))).isTrue();
            acknowledged.add(entry(waiting));
            assertThat(log.stall()).isNull();
            append(log, 100);
        }
        assertThat(fixture.recoverAll()).isEqualTo(acknowledged);
    }

    @Test
    void appendsAreRefusedWhileTheDiskIsFullAndAcceptedAfterwards() throws Exception {
        mount(Kind.TMPFS, WalContext.FullPolicy.FAIL);
        final Path ballast = fillDisk(Kind.TMPFS, 6 * SEGMENT_LENGTH);
        try (WriteAheadLog log = fixture.open()) {
            final long waiting = appendUntilUnanswered(log);

            assertThat(tryAppend(log)).isEqualTo(WriteAheadLog.FULL);
            assertThatThrownBy(() -> log.append(payload(0), 0, PAYLOAD_LENGTH))
                    .isInstanceOf(LogFullException.class);

            Files.delete(ballast);
            assertThat(log.awaitDurable(waiting, Duration.ofSeconds(30))).isTrue();
            acknowledged.add(entry(waiting));
            append(log, 100);
        }
        assertThat(fixture.recoverAll()).isEqualTo(acknowledged);
    }

    /** Another process takes the last space while the log has a segment to write to. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void whatIsPreparedCanBeWrittenThoughTheDiskIsFull(final Kind kind) throws Exception {
        mount(kind, WalContext.FullPolicy.WAIT);
        try (WriteAheadLog log = fixture.open()) {
            append(log, 10);
            Await.until("nothing is being prepared", this::isAllocatorAtRest);
            final Path ballast = fillDisk(kind, 0);
            // the blocks are there: no entry of this segment can fail
            append(log, 30);

            final long waiting = appendUntilUnanswered(log);
            Files.delete(ballast);

            assertThat(log.awaitDurable(waiting, Duration.ofSeconds(30))).isTrue();
            acknowledged.add(entry(waiting));
        }
        assertThat(fixture.recoverAll()).isEqualTo(acknowledged);
    }

    @Test
    void closingWhileTheDiskIsFullFailsWhatWaitsAndKeepsTheRest() throws Exception {
        mount(Kind.TMPFS, WalContext.FullPolicy.WAIT);
        final Path ballast = fillDisk(Kind.TMPFS, 4 * SEGMENT_LENGTH);
        final AtomicReference<WalException> told = new AtomicReference<>();
        final WriteAheadLog log =
                fixture.wal(context -> context.closeTimeout(Duration.ofSeconds(1))).open();
        appendUntilUnanswered(log);
        log.append(
                payload(0),
                0,
                PAYLOAD_LENGTH,
                Durability.FORCED,
                (lsn, failure) -> told.set(failure));

        assertThatThrownBy(log::close)
                .isInstanceOf(LogFailedException.class)
                .hasMessageContaining("No space left on device");

        assertThat(told.get()).isInstanceOf(LogFailedException.class);
        Files.delete(ballast);
        fixture.wal(context -> context);
        assertThat(fixture.recoverAll()).startsWith(acknowledged.toArray(String[]::new));
    }

    @Test
    void checkpointsKeepAWholeDiskGoing() throws Exception {
        mount(Kind.TMPFS, WalContext.FullPolicy.WAIT);
        fillDisk(Kind.TMPFS, 6 * SEGMENT_LENGTH);
        try (WriteAheadLog log = fixture.open()) {
            for (int i = 0; i < 30; i++) { // ten times what fits
                append(log, 60);
                LogFixture.checkpoint(log, "state " + i);
            }
            Await.until("nothing waits", () -> log.stall() == null);
        }
        assertThat(fixture.recoverAll()).hasSize(1).first().asString().endsWith("state 29");
    }

    @Test
    void fullDiskIsNamedWhenALogCannotEvenBeOpened() throws Exception {
        mount(Kind.TMPFS, WalContext.FullPolicy.WAIT);
        fixture.open().close();
        final Path ballast = fillDisk(Kind.TMPFS, 0);
        final Path path = fileSystem.path().resolve("new");

        assertThatThrownBy(() -> new LogFixture(path).segmentLength(SEGMENT_LENGTH).open())
                .isInstanceOf(LogFullException.class)
                .hasMessageStartingWith("cannot open " + path + ": ")
                .hasMessageEndingWith("No space left on device");

        Files.delete(ballast);
        new LogFixture(path).segmentLength(SEGMENT_LENGTH).open().close();
    }

    private void mount(final Kind kind, final WalContext.FullPolicy policy) throws Exception {
        fileSystem =
                kind == Kind.TMPFS
                        ? MountedFileSystem.tmpfs(temporary.resolve("mounted"), 2 << 20)
                        : MountedFileSystem.ext4(temporary.resolve("mounted"), 8 << 20);
        fixture =
                new LogFixture(fileSystem.path().resolve("log"))
                        .segmentLength(SEGMENT_LENGTH)
                        .wal(context -> context.fullPolicy(policy));
    }

    /** Takes all space but so much. */
    private Path fillDisk(final Kind kind, final long free) throws IOException {
        final Path ballast = fileSystem.path().resolve("ballast-" + kind);
        final byte[] block = new byte[4096];
        try (OutputStream out = Files.newOutputStream(ballast)) {
            while (Files.getFileStore(fileSystem.path()).getUsableSpace() >= free + block.length) {
                out.write(block);
            }
            while (free == 0) {
                out.write(block); // to the last one, whatever the file system says of its space
            }
        } catch (final IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
        return ballast;
    }

    /** Appends one by one until an entry is not answered for want of space; returns its LSN. */
    private long appendUntilUnanswered(final WriteAheadLog log) {
        for (int i = 0; i < 100_000; i++) {
            final long lsn = tryAppend(log);
            while (!log.awaitDurable(lsn, SHORT)) { // it is full, or just slow
                if (log.stall() != null) {
                    return lsn;
                }
            }
            acknowledged.add(entry(lsn));
        }
        throw new AssertionError("the disk is never full");
    }

    private void append(final WriteAheadLog log, final int count) {
        for (int i = 0; i < count; i++) {
            final long lsn = tryAppend(log);
            assertThat(log.awaitDurable(lsn, Duration.ofSeconds(30))).isTrue();
            acknowledged.add(entry(lsn));
        }
    }

    private static long tryAppend(final WriteAheadLog log) {
        final UnsafeBuffer payload = payload(log.lastLsn() + 1);
        return log.tryAppend(payload, 0, PAYLOAD_LENGTH, Durability.FORCED, null);
    }

    private static UnsafeBuffer payload(final long lsn) {
        return new UnsafeBuffer(text(lsn).getBytes(StandardCharsets.US_ASCII));
    }

    private static String text(final long lsn) {
        final String number = Long.toString(lsn);
        return number + String.join("", Collections.nCopies(PAYLOAD_LENGTH - number.length(), "."));
    }

    private static String entry(final long lsn) {
        return lsn + " DATA " + text(lsn);
    }

    private boolean isAllocatorAtRest() {
        return OpenCloseCycles.areAtRest("wal-segments-" + fixture.directory());
    }
}
