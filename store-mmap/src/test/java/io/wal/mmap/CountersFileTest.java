package io.wal.mmap;

import static io.wal.mmap.LogFixture.append;
import static io.wal.mmap.LogFixture.appendRange;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.LogNotFoundException;
import io.wal.UnsupportedFormatException;
import io.wal.WriteAheadLog;
import io.wal.inspect.CounterReport;
import io.wal.inspect.CounterReport.Writer;
import io.wal.metrics.LogCounter;
import io.wal.metrics.Stall;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class CountersFileTest {
    private static final int VERSION_OFFSET = 8;

    private final HookedDisk disk = new HookedDisk();

    @TempDir private Path root;

    @Test
    void publishesWhatTheLogCountsWhileItRuns() throws Exception {
        final Instant before = Instant.now().minusMillis(1);
        try (WriteAheadLog log = fixture().open()) {
            appendRange(log, 1, 1000);
            log.flush();
            log.startCheckpoint().finalizeCheckpoint();
            Await.until("all is published", () -> counters().value(LogCounter.CHECKPOINTS) == 1);

            final CounterReport report = counters();
            for (final LogCounter counter : LogCounter.ALL) {
                if (counter != LogCounter.SEGMENTS) { // they are released behind the checkpoint
                    assertThat(report.value(counter))
                            .as(counter.label())
                            .isEqualTo(log.counter(counter));
                }
            }
            assertThat(report.value(LogCounter.DURABLE_LSN)).isEqualTo(1000);
            assertThat(report.value(LogCounter.ROLLS)).isPositive();
            assertThat(report.values()).hasSize(LogCounter.ALL.size());
            assertThat(report.writer()).isEqualTo(Writer.RUNNING);
            assertThat(report.generation()).isEqualTo(1);
            assertThat(report.processId()).isEqualTo(ProcessHandle.current().pid());
            assertThat(report.openedAt()).isBetween(before, Instant.now());
            assertThat(report.changedAt()).isBetween(report.openedAt(), Instant.now());
            assertThat(report.location()).isEqualTo(fixture().directory().toString());
        }
    }

    @Test
    void agronaReadsTheFileThroughAMapping() throws Exception {
        try (WriteAheadLog log = fixture().open()) {
            append(log, "entry");
            log.flush();
            Await.until("it is published", () -> counters().value(LogCounter.DURABLE_LSN) == 1);

            try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.READ)) {
                final MappedByteBuffer mapped =
                        channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
                final UnsafeBuffer buffer = new UnsafeBuffer(mapped);
                final CountersReader reader =
                        new CountersReader(
                                CountersDescriptor.metadata(buffer),
                                CountersDescriptor.values(buffer));
                assertThat(reader.getCounterLabel(LogCounter.DURABLE_LSN.ordinal()))
                        .isEqualTo("durable LSN");
                assertThat(reader.getCounterValue(LogCounter.DURABLE_LSN.ordinal())).isEqualTo(1);
                BufferUtil.free(mapped);
            }
        }
    }

    @Test
    void goesOnWhileAForceHangs() throws Exception {
        final AtomicBoolean hanging = new AtomicBoolean();
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == HookedDisk.Operation.FORCE_MAPPING) {
                        awaitQuietly(hanging);
                    }
                });
        try (WriteAheadLog log = fixture().open()) {
            hanging.set(true);
            append(log, "one");
            Await.until("the force", () -> counters().value(LogCounter.FORCING_SINCE_MS) > 0);
            append(log, "two");
            append(log, "three");
            Await.until("the queue", () -> counters().value(LogCounter.LAST_LSN) == 3);

            assertThat(counters().value(LogCounter.DURABLE_LSN)).isZero();
            hanging.set(false);
            log.flush();
            Await.until("the end", () -> counters().value(LogCounter.FORCING_SINCE_MS) == 0);
        }
    }

    @Test
    void namesTheLastStallAndItsEntries() throws Exception {
        final AtomicBoolean hanging = new AtomicBoolean();
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == HookedDisk.Operation.FORCE_MAPPING) {
                        awaitQuietly(hanging);
                    }
                });
        final Instant before = Instant.now().minusMillis(1);
        try (WriteAheadLog log =
                fixture().wal(context -> context.stallThreshold(Duration.ofMillis(50))).open()) {
            assertThat(counters().lastStall()).isNull();
            hanging.set(true);
            append(log, "entry");
            Await.until(
                    "the force takes long",
                    () -> {
                        final long sinceMs = counters().value(LogCounter.FORCING_SINCE_MS);
                        return sinceMs > 0 && System.currentTimeMillis() - sinceMs > 60;
                    });
            hanging.set(false);
            log.flush();
            Await.until("it is published", () -> counters().lastStall() != null);

            final Stall stall = counters().lastStall();
            assertThat(stall.cause()).isEqualTo(Stall.Cause.FORCE);
            assertThat(stall.durationNs()).isGreaterThan(50_000_000);
            assertThat(stall.firstLsn()).isEqualTo(1);
            assertThat(stall.lastLsn()).isEqualTo(1);
            assertThat(Instant.ofEpochMilli(counters().value(LogCounter.LAST_STALL_MS)))
                    .isBetween(before, Instant.now());
        }
    }

    @Test
    void saysThatTheLogWasClosed() {
        try (WriteAheadLog log = fixture().open()) {
            append(log, "entry");
        }

        assertThat(counters().writer()).isEqualTo(Writer.CLOSED);
        assertThat(counters().value(LogCounter.CLOSED)).isEqualTo(1);
        assertThat(counters().value(LogCounter.ENTRIES)).isEqualTo(1);
    }

    @Test
    void saysThatTheLogHasFailed() throws Exception {
        final AtomicBoolean failing = new AtomicBoolean();
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == HookedDisk.Operation.FORCE_MAPPING && failing.get()) {
                        throw new IOException("on purpose");
                    }
                });
        final WriteAheadLog log = fixture().open();
        failing.set(true);
        append(log, "entry");

        Await.until("the failure", () -> counters().value(LogCounter.FAILED) == 1);
        assertThat(counters().writer()).isEqualTo(Writer.RUNNING);
        assertThatThrownBy(log::close).hasMessageContaining("on purpose");
    }

    @Test
    void writerThatDiedIsGone() throws Exception {
        try (WriteAheadLog log = fixture().open()) {
            append(log, "entry");
            log.flush();
            Await.until("it is published", () -> counters().value(LogCounter.DURABLE_LSN) == 1);
            final Path copy = root.resolve("copy");
            copyAll(fixture().directory(), copy);
            Files.writeString(
                    copy.resolve(LogDirectory.OWNER), "4194305\nlocalhost\nsome time ago\n");

            final CounterReport report = new MmapLogInspector(copy).counters();
            assertThat(report.writer()).isEqualTo(Writer.GONE);
            assertThat(report.value(LogCounter.DURABLE_LSN)).isEqualTo(1);
        }
    }

    @Test
    void countersOfAnEarlierOpeningAreNotThoseOfTheWriter() throws Exception {
        try (WriteAheadLog log = fixture().open()) {
            append(log, "entry");
            log.flush();
            Await.until("it is published", () -> counters().value(LogCounter.DURABLE_LSN) == 1);
            Files.copy(file(), root.resolve("old"));
        }
        try (WriteAheadLog log = fixture().store(context -> context.countersFile(false)).open()) {
            Files.copy(
                    root.resolve("old"), file(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);

            assertThat(counters().generation()).isEqualTo(1);
            assertThat(counters().writer()).isEqualTo(Writer.GONE);
            assertThat(log.recovered().generation()).isEqualTo(2);
        }
    }

    @Test
    void theNextOpeningCountsAnew() {
        try (WriteAheadLog log = fixture().open()) {
            appendRange(log, 1, 10);
        }
        try (WriteAheadLog log = fixture().open()) {
            assertThat(log.counter(LogCounter.ENTRIES)).isZero();
        }

        assertThat(counters().generation()).isEqualTo(2);
        assertThat(counters().value(LogCounter.ENTRIES)).isZero();
        assertThat(counters().value(LogCounter.DURABLE_LSN)).isEqualTo(10);
    }

    @Test
    void fileBelongsToTheLogAndGoesWithIt() throws IOException {
        try (WriteAheadLog log = fixture().open()) {
            append(log, "entry");
            assertThat(file()).exists();
        }
        assertThat(fixture().logDirectory().list().foreign).isEmpty();
        try (WriteAheadLog log = fixture().open()) {
            log.remove();
        }

        assertThat(file()).doesNotExist();
    }

    @Test
    void canBeTurnedOff() {
        final LogFixture fixture = fixture().store(context -> context.countersFile(false));
        try (WriteAheadLog log = fixture.open()) {
            append(log, "entry");

            assertThat(file()).doesNotExist();
            assertThat(counters()).isNull();
        }
    }

    @Test
    void logDoesWithoutWhenTheFileCannotBeMade() {
        disk.hook(
                (operation, path, offset, length) -> {
                    if (path.endsWith(LogDirectory.COUNTERS)
                            && operation == HookedDisk.Operation.WRITE) {
                        throw new IOException("No space left on device");
                    }
                });
        final Logger logger = Logger.getLogger("io.wal");
        logger.setLevel(Level.OFF); // it warns
        try (WriteAheadLog log = fixture().open()) {
            append(log, "entry");

            assertThat(log.flush()).isEqualTo(1);
            assertThat(counters()).isNull();
        } finally {
            logger.setLevel(null);
        }
    }

    @Test
    void isNeverForced() {
        final AtomicBoolean forced = new AtomicBoolean();
        disk.hook(
                (operation, path, offset, length) -> {
                    if (path.endsWith(LogDirectory.COUNTERS)
                            && (operation == HookedDisk.Operation.FORCE
                                    || operation == HookedDisk.Operation.FORCE_MAPPING)) {
                        forced.set(true);
                    }
                });
        try (WriteAheadLog log = fixture().open()) {
            appendRange(log, 1, 100);
        }

        assertThat(counters().value(LogCounter.ENTRIES)).isEqualTo(100);
        assertThat(forced).isFalse();
    }

    @Test
    void nothingIsLeftOpen() {
        try (WriteAheadLog log = fixture().open()) {
            append(log, "entry");
        }

        assertThat(disk.openFiles()).isZero();
        assertThat(disk.openMappings()).isZero();
        assertThat(Thread.getAllStackTraces().keySet())
                .extracting(Thread::getName)
                .noneMatch(name -> name.startsWith("wal-counters-" + root));
    }

    @Test
    void halfMadeFileIsNone() throws IOException {
        try (WriteAheadLog log = fixture().open()) {
            append(log, "entry");
        }
        Files.write(file(), new byte[CountersDescriptor.FILE_LENGTH]);
        assertThat(counters()).isNull();
        Files.write(file(), new byte[10]);

        assertThat(counters()).isNull();
    }

    @Test
    void shortenedFileIsNone() throws IOException {
        try (WriteAheadLog log = fixture().open()) {
            append(log, "entry");
        }
        final byte[] whole = Files.readAllBytes(file());
        for (final int length : new int[] {100, 5_000, 21_000, whole.length - 1}) {
            Files.write(file(), java.util.Arrays.copyOf(whole, length));
            assertThat(counters()).as("of %d bytes", length).isNull();
        }
    }

    @Test
    void newerVersionIsRefused() throws IOException {
        try (WriteAheadLog log = fixture().open()) {
            append(log, "entry");
        }
        try (FileChannel channel = FileChannel.open(file(), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {2, 2, 2, 2}), VERSION_OFFSET);
        }

        assertThatThrownBy(this::counters).isInstanceOf(UnsupportedFormatException.class);
    }

    @Test
    void noLogHasNoCounters() {
        assertThatThrownBy(this::counters).isInstanceOf(LogNotFoundException.class);
    }

    /** While the file is written all the time, its values fit together. */
    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void whatIsReadFitsTogether() throws Exception {
        fixture().open().close();
        final Path file = file();
        final AtomicBoolean done = new AtomicBoolean();
        final LogDirectory directory = fixture().logDirectory();
        try (DiskFile opened = Disk.REAL.open(file, Disk.OpenMode.WRITE)) {
            final DiskMapping mapping = opened.map(CountersDescriptor.FILE_LENGTH);
            final UnsafeBuffer buffer = mapping.buffer();
            final UnsafeBuffer values = CountersDescriptor.values(buffer);
            final Thread writer =
                    new Thread(
                            () -> {
                                long tick = CountersDescriptor.tick(buffer) + 100;
                                while (!done.get()) {
                                    CountersDescriptor.putTick(buffer, ++tick);
                                    for (int i = 0; i < LogCounter.ALL.size(); i++) {
                                        values.putLongVolatile(
                                                CountersReader.counterOffset(i), tick);
                                    }
                                    CountersDescriptor.putTick(buffer, ++tick);
                                    pause(tick);
                                }
                            });
            writer.start();
            try {
                Await.until(
                        "the first values",
                        () ->
                                CountersFile.read(directory).values().get(LogCounter.CLOSED)
                                        > LogCounter.ALL.size());
                for (int i = 0; i < 2_000; i++) {
                    final Map<LogCounter, Long> read = CountersFile.read(directory).values();
                    assertThat(read.values()).containsOnly(read.get(LogCounter.LAST_LSN));
                }
            } finally {
                done.set(true);
                writer.join();
                mapping.close();
            }
        }
    }

    private static void pause(final long tick) {
        final long endNs = System.nanoTime() + 20_000 + tick % 50_000;
        while (System.nanoTime() - endNs < 0) {
            Thread.onSpinWait();
        }
    }

    private static void awaitQuietly(final AtomicBoolean hanging) {
        try {
            Await.until("it may go on", () -> !hanging.get());
        } catch (final Exception e) {
            throw new AssertionError(e);
        }
    }

    private static void copyAll(final Path from, final Path to) throws IOException {
        Files.createDirectories(to);
        for (final String name : Disk.REAL.list(from)) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
    }

    private CounterReport counters() {
        return new MmapLogInspector(fixture().directory()).counters();
    }

    private Path file() {
        return fixture().file(LogDirectory.COUNTERS);
    }

    private LogFixture fixture() {
        return new LogFixture(root.resolve("log"))
                .disk(disk)
                .store(context -> context.countersFile(true));
    }
}
