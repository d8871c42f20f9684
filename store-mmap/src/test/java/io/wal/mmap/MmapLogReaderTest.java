package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.AppendClaim;
import io.wal.CorruptLogException;
import io.wal.Durability;
import io.wal.EntryHandler;
import io.wal.LogReader;
import io.wal.LogTrimmedException;
import io.wal.StorageException;
import io.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class MmapLogReaderTest {
    @TempDir(factory = MemoryDirectory.class)
    Path temporary;

    @TempDir Path temporaryOnDisk;

    private final HookedDisk disk = new HookedDisk();
    private final List<String> delivered = new ArrayList<>();
    private final EntryHandler toDelivered =
            (lsn, kind, buffer, offset, length) ->
                    delivered.add(
                            lsn
                                    + " "
                                    + kind
                                    + " "
                                    + buffer.getStringWithoutLengthUtf8(offset, length));
    private LogFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new LogFixture(temporary.resolve("log")).disk(disk);
    }

    @AfterEach
    void nothingIsLeftOpen() {
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void readsFromAnyLsnOn() {
        try (WriteAheadLog log = fixture.segmentLength(8 << 10).open()) {
            final List<String> all = LogFixture.appendRange(log, 1, 400);
            log.flush();
            for (int from = 1; from <= 400; from += 7) {
                delivered.clear();
                try (LogReader reader = log.reader(from)) {
                    assertThat(reader.nextLsn()).isEqualTo(from);
                    assertThat(reader.poll(toDelivered, Integer.MAX_VALUE)).isEqualTo(401 - from);
                    assertThat(reader.nextLsn()).isEqualTo(401);
                    assertThat(reader.poll(toDelivered, Integer.MAX_VALUE)).isZero();
                }
                assertThat(delivered).isEqualTo(all.subList(from - 1, 400));
            }
        }
    }

    @Test
    void deliversNoMoreThanTheLimitAndGoesOnThere() {
        try (WriteAheadLog log = fixture.open()) {
            final List<String> all = LogFixture.appendRange(log, 1, 10);
            log.flush();
            try (LogReader reader = log.reader(1)) {
                assertThat(reader.poll(toDelivered, 3)).isEqualTo(3);
                assertThat(reader.nextLsn()).isEqualTo(4);
                assertThat(reader.poll(toDelivered, 100)).isEqualTo(7);
            }
            assertThat(delivered).isEqualTo(all);
        }
    }

    @Test
    void followsTheWriterFromSegmentToSegment() {
        try (WriteAheadLog log = fixture.segmentLength(8 << 10).open();
                LogReader reader = log.reader(1)) {
            final List<String> all = new ArrayList<>();
            for (int i = 0; i < 60; i++) {
                all.addAll(LogFixture.appendRange(log, 20 * i + 1, 20 * i + 20));
                log.flush();
                reader.poll(toDelivered, Integer.MAX_VALUE);
                assertThat(delivered).isEqualTo(all);
            }
            assertThat(fixture.logDirectory().list().segments).hasSizeGreaterThan(3);
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void seesOnlyWhatIsDurable() {
        try (WriteAheadLog log =
                        fixture.wal(context -> context.forceInterval(java.time.Duration.ofHours(1)))
                                .open();
                LogReader reader = log.reader(1)) {
            LogFixture.append(log, "forced");
            log.flush();
            final long written = LogFixture.append(log, "written", Durability.WRITTEN);
            Await.until("it is written", () -> log.writtenLsn() == written);

            reader.poll(toDelivered, Integer.MAX_VALUE);
            assertThat(delivered).containsExactly("1 DATA forced");

            log.awaitDurable(written);
            reader.poll(toDelivered, Integer.MAX_VALUE);
            assertThat(delivered).containsExactly("1 DATA forced", "2 DATA written");
        } catch (final Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void passesOverLsnsThatWereGivenUp() {
        try (WriteAheadLog log = fixture.open();
                LogReader reader = log.reader(1)) {
            LogFixture.append(log, "one");
            final AppendClaim claim = new AppendClaim();
            log.tryClaim(5, Durability.FORCED, null, claim);
            claim.abort();
            log.flush();

            assertThat(reader.poll(toDelivered, 10)).isEqualTo(1);
            assertThat(reader.nextLsn()).isEqualTo(3);
        }
    }

    @Test
    void whatACheckpointReleasedIsSaidToBeGone() throws Exception {
        try (WriteAheadLog log = fixture.segmentLength(8 << 10).open();
                LogReader early = log.reader(1);
                LogReader waiting = log.reader(1)) {
            LogFixture.appendRange(log, 1, 1000);
            log.flush();
            early.poll(toDelivered, 10);
            LogFixture.checkpoint(log, "state");
            Await.until(
                    "release",
                    () -> {
                        final long begin = fixture.logDirectory().readControl().firstSegmentIndex();
                        return begin > 1
                                && fixture.logDirectory().list().segments.firstKey() == begin;
                    });
            final long first =
                    fixture.logDirectory()
                            .readHeader(
                                    fixture.logDirectory().list().segments.firstEntry().getValue())
                            .firstLsn();

            assertThatThrownBy(() -> log.reader(1))
                    .isInstanceOfSatisfying(
                            LogTrimmedException.class,
                            e -> {
                                assertThat(e.lsn()).isEqualTo(1);
                                assertThat(e.firstLsn()).isEqualTo(first);
                            })
                    .hasMessage("LSN 1 is no longer held; the log begins at LSN " + first);
            assertThatThrownBy(() -> waiting.poll(toDelivered, 10))
                    .isInstanceOf(LogTrimmedException.class);
            assertThatThrownBy(() -> early.poll(toDelivered, Integer.MAX_VALUE))
                    .isInstanceOf(LogTrimmedException.class);
            try (LogReader held = log.reader(first)) {
                assertThat(held.poll(toDelivered, Integer.MAX_VALUE)).isPositive();
            }
        }
    }

    @Test
    void damageIsNamedAndAppendsGoOn() throws IOException {
        try (WriteAheadLog log = fixture.segmentLength(8 << 10).open()) {
            LogFixture.appendRange(log, 1, 400);
            log.flush();
            final Path segment = fixture.file(LogDirectory.segmentName(2));
            final byte[] bytes = Files.readAllBytes(segment);
            final int offset = SegmentDescriptor.RECORDS_OFFSET;
            final long lsn =
                    fixture.logDirectory().readHeader(LogDirectory.segmentName(2)).firstLsn();
            bytes[offset + 9] ^= 1;
            Files.write(segment, bytes);

            try (LogReader reader = log.reader(1)) {
                assertThatThrownBy(() -> reader.poll(toDelivered, Integer.MAX_VALUE))
                        .isInstanceOfSatisfying(
                                CorruptLogException.class,
                                e -> {
                                    assertThat(e.segment()).isEqualTo(segment.toString());
                                    assertThat(e.offset()).isEqualTo(offset);
                                    assertThat(e.lsn()).isEqualTo(lsn);
                                });
                assertThat(delivered).hasSize((int) lsn - 1);
            }
            LogFixture.append(log, "goes on");
            log.flush();
            assertThat(log.failure()).isNull();
        }
    }

    @Test
    void readErrorIsNoEndAndReadingCanBeTriedAgain() {
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.appendRange(log, 1, 10);
            log.flush();
            try (LogReader reader = log.reader(1)) {
                disk.hook(
                        (operation, path, offset, length) -> {
                            if (operation == HookedDisk.Operation.READ && offset >= 4096) {
                                throw new IOException(path + ": Input/output error");
                            }
                        });
                assertThatThrownBy(() -> reader.poll(toDelivered, 10))
                        .isInstanceOf(StorageException.class)
                        .hasMessage(
                                "cannot read "
                                        + fixture.directory()
                                        + ": "
                                        + fixture.file(LogDirectory.segmentName(1))
                                        + ": Input/output error");
                disk.unhook();

                assertThat(reader.poll(toDelivered, 10)).isEqualTo(10);
            }
        }
    }

    @Test
    void handlerThatThrowsEndsThePollBehindItsEntry() {
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.appendRange(log, 1, 3);
            log.flush();
            try (LogReader reader = log.reader(1)) {
                assertThatThrownBy(
                                () ->
                                        reader.poll(
                                                (lsn, kind, buffer, offset, length) -> {
                                                    throw new IllegalStateException("no");
                                                },
                                                10))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("no");
                assertThat(reader.nextLsn()).isEqualTo(2);
                assertThat(reader.poll(toDelivered, 10)).isEqualTo(2);
            }
        }
    }

    @Test
    void closedReaderIsClosed() {
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.append(log, "x");
            log.flush();
            final LogReader reader = log.reader(1);
            reader.poll(toDelivered, 10);
            reader.close();
            reader.close();

            assertThatThrownBy(() -> reader.poll(toDelivered, 10))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the reader is closed");
        }
    }

    @Test
    void readerOutlivesTheLogItWasOpenedOn() {
        final WriteAheadLog log = fixture.open();
        final List<String> all = LogFixture.appendRange(log, 1, 100);
        log.flush();
        try (LogReader reader = log.reader(1)) {
            reader.poll(toDelivered, 10);
            log.close();

            reader.poll(toDelivered, Integer.MAX_VALUE);

            assertThat(delivered).isEqualTo(all);
        }
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void segmentsUsedAgainUnderTheReaderAreGoneOrWhole(final WriteMode writeMode) throws Exception {
        if (writeMode == WriteMode.DIRECT) {
            DirectWriting.assumeSupported(temporaryOnDisk);
        }
        assertThat(
                        new ReaderBesideWriter(
                                        (writeMode == WriteMode.DIRECT
                                                        ? temporaryOnDisk
                                                        : temporary)
                                                .resolve("log"),
                                        writeMode,
                                        1500)
                                .run())
                .isEqualTo("ok");
    }

    /** Where the JVM would die of a page that is gone depends on how the code was compiled. */
    @ParameterizedTest
    @ValueSource(strings = {"-Xint", "-XX:-TieredCompilation"})
    void segmentsUsedAgainUnderTheReaderDoNotHurtTheJvm(final String option) throws Exception {
        try (ChildJvm child =
                ChildJvm.start(
                        List.of(option),
                        ReaderBesideWriter.class,
                        temporary.resolve("log"),
                        WriteMode.MAPPED,
                        1500)) {
            assertThat(child.line()).isEqualTo("ok");
            assertThat(child.finish()).isZero();
        }
    }

    @Test
    void interruptsDoNotDisturbTheReader() throws Exception {
        final AtomicBoolean done = new AtomicBoolean();
        final AtomicReference<Throwable> failure = new AtomicReference<>();
        try (WriteAheadLog log = fixture.segmentLength(8 << 10).open()) {
            final Thread readerThread =
                    new Thread(
                            () -> {
                                try (LogReader reader = log.reader(1)) {
                                    while (!done.get() || reader.nextLsn() <= log.durableLsn()) {
                                        reader.poll(toDelivered, 10);
                                    }
                                } catch (final Throwable t) {
                                    failure.set(t);
                                }
                            });
            readerThread.start();
            final List<String> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                all.addAll(LogFixture.appendRange(log, 10 * i + 1, 10 * i + 10));
                log.flush();
                readerThread.interrupt();
            }
            done.set(true);
            readerThread.join(30_000);
            assertThat(failure.get()).isNull();
            assertThat(delivered).isEqualTo(all);
        }
    }
}
