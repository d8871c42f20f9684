package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.wal.AppendClaim;
import io.wal.Durability;
import io.wal.LogNotFoundException;
import io.wal.StorageException;
import io.wal.WriteAheadLog;
import io.wal.inspect.Damage;
import io.wal.inspect.LogReport;
import io.wal.inspect.LogReport.Verdict;
import io.wal.inspect.RecordVisitor;
import io.wal.inspect.SegmentReport;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MmapLogInspectorTest {
    private static final long LIVE_NS = TimeUnit.SECONDS.toNanos(2);

    @TempDir(factory = MemoryDirectory.class)
    Path temporary;

    private final HookedDisk disk = new HookedDisk();
    private LogFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new LogFixture(temporary.resolve("log"));
    }

    @Test
    void tellsTheFactsOfALog() throws IOException {
        final long start;
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.appendRange(log, 1, 1000);
            log.flush();
            start = log.lastLsn() + 1;
            LogFixture.checkpoint(log, "state");
            LogFixture.appendRange(log, 1001, 2000);
            Await.until("the release", () -> fixture.logDirectory().readControl().startLsn() > 1);
        } catch (final Exception e) {
            throw new AssertionError(e);
        }

        final LogReport report = inspect();

        assertThat(report.location()).isEqualTo(fixture.directory().toString());
        assertThat(report.logId())
                .isEqualTo(String.format("%016x", fixture.logDirectory().readControl().logId()));
        assertThat(report.formatVersion()).isEqualTo(1);
        assertThat(report.generation()).isEqualTo(1);
        assertThat(report.firstLsn()).isBetween(2L, start);
        assertThat(report.startLsn()).isEqualTo(start);
        assertThat(report.lastLsn()).isEqualTo(2001);
        assertThat(report.durableLsn()).isEqualTo(2001);
        assertThat(report.verdict()).isEqualTo(Verdict.SOUND);
        assertThat(report.damages()).isEmpty();
        assertThat(report.foreign()).isEmpty();
        assertThat(report.length()).isEqualTo(lengthOfSegmentsAndSpares());
        assertThat(report.segments())
                .filteredOn(segment -> segment.firstLsn() > 0)
                .extracting(SegmentReport::state)
                .endsWith("closed")
                .containsOnly("sealed", "closed");
    }

    @Test
    void infoTellsTheSameFactsWithoutReadingEveryRecord() {
        try (WriteAheadLog log = fixture.segmentLength(1 << 20).open()) {
            LogFixture.appendRange(log, 1, 50_000);
        }
        final LogReport verified = inspect();
        final LogReport info;
        try (MmapLogInspector inspector = new MmapLogInspector(disk, fixture.directory())) {
            info = inspector.info();
        }

        assertThat(info.verdict()).isEqualTo(Verdict.UNCHECKED);
        assertThat(info).usingRecursiveComparison().ignoringFields("verdict").isEqualTo(verified);
        assertThat(disk.bytesRead()).isLessThan(verified.length() * 3 / 4);
    }

    @Test
    void visitsTheRecordsAskedForInLogOrder() {
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.appendRange(log, 1, 3);
            final AppendClaim claim = new AppendClaim();
            log.tryClaim(10, Durability.FORCED, null, claim);
            claim.abort();
            log.flush();
            LogFixture.checkpoint(log, "state");
        }
        final Records all = new Records();
        final Records some = new Records();
        try (MmapLogInspector inspector = new MmapLogInspector(fixture.directory())) {
            inspector.visit(1, Long.MAX_VALUE, all);
            inspector.visit(2, 4, some);
        }

        assertThat(all.entries)
                .containsExactly(
                        "1 DATA entry 1",
                        "2 DATA entry 2",
                        "3 DATA entry 3",
                        "4 VOID ",
                        "5 CHECKPOINT state");
        assertThat(some.entries).containsExactly("2 DATA entry 2", "3 DATA entry 3", "4 VOID ");
        assertThat(all.markers).contains(RecordKind.BATCH, RecordKind.FINALIZE, RecordKind.CLOSE);
        assertThat(all.segments).isNotEmpty();
    }

    @Test
    void neverWritesAndNeverLocks() throws IOException {
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.appendRange(log, 1, 500);
            log.flush();
            copyTo(temporary.resolve("crashed"));
        }
        for (final Path path : List.of(fixture.directory(), temporary.resolve("crashed"))) {
            final Map<String, String> before = LogFixture.contentsOf(path);
            try (MmapLogInspector inspector = new MmapLogInspector(disk, path)) {
                inspector.info();
                inspector.verify(bytes -> {});
                inspector.visit(1, Long.MAX_VALUE, new Records());
            }
            assertThat(LogFixture.contentsOf(path)).isEqualTo(before);
        }
        assertThat(disk.changeCount()).isZero();
        assertThat(disk.openFiles()).isZero();
    }

    @Test
    void tellsACrashedLogFromAClosedOne() throws IOException {
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.appendRange(log, 1, 100);
            log.flush();
            copyTo(temporary.resolve("crashed"));
        }

        assertThat(inspect().verdict()).isEqualTo(Verdict.SOUND);
        assertThat(inspect(temporary.resolve("crashed")).verdict())
                .isEqualTo(Verdict.SOUND_UNCLOSED);
    }

    @Test
    void namesTheOwnerOnlyWhileItHasTheLogOpen() throws IOException {
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.append(log, "x");
            assertThat(inspect().owner()).isEqualTo(OwnerRecord.ofThisProcess().toString());
            copyTo(temporary.resolve("crashed"));
        }
        assertThat(inspect().owner()).isNull();

        Files.writeString(
                temporary.resolve("crashed/owner"),
                Long.MAX_VALUE + "\n" + OwnerRecord.ofThisProcess().host() + "\nlong ago\n");
        assertThat(inspect(temporary.resolve("crashed")).owner()).isNull();
    }

    @Test
    void reportsEachDamageOnceAndGoesOnBehindIt() throws IOException {
        try (WriteAheadLog log = fixture.open()) {
            for (int i = 0; i < 10; i++) {
                LogFixture.appendRange(log, 1, 100);
                log.flush();
            }
        }
        final List<SegmentReport> segments = inspect().segments();
        // in the midst of a segment, at its end before the seal, and behind the last checkpoint
        final List<Long> damaged = List.of(50L, segments.get(1).lastLsn(), 900L);
        final List<Damage> expected = new ArrayList<>();
        final Records sound = new Records();
        try (MmapLogInspector inspector = new MmapLogInspector(fixture.directory())) {
            inspector.visit(1, Long.MAX_VALUE, sound);
        }
        for (final long lsn : damaged) {
            final Path path = fixture.file(sound.places.get(lsn).segment());
            final byte[] bytes = Files.readAllBytes(path);
            bytes[(int) sound.places.get(lsn).offset() + 30] ^= 1;
            Files.write(path, bytes);
            expected.add(sound.places.get(lsn));
        }

        final Records records = new Records();
        final LogReport report;
        try (MmapLogInspector inspector = new MmapLogInspector(fixture.directory())) {
            report = inspector.visit(1, Long.MAX_VALUE, records);
        }

        assertThat(report.verdict()).isEqualTo(Verdict.DAMAGED);
        assertThat(report.damages())
                .extracting(
                        damage -> fixture.directory().relativize(Path.of(damage.segment())),
                        Damage::offset,
                        Damage::lsn)
                .containsExactlyElementsOf(
                        expected.stream()
                                .map(
                                        place ->
                                                tuple(
                                                        Path.of(place.segment()),
                                                        place.offset(),
                                                        place.lsn()))
                                .toList());
        assertThat(records.damages).isEqualTo(report.damages());
        sound.entries.removeIf(entry -> damaged.contains(Long.parseLong(entry.split(" ")[0])));
        assertThat(records.entries).isEqualTo(sound.entries);
        assertThat(report.lastLsn()).isEqualTo(1000);
    }

    @Test
    void placeWithoutALogIsNamed() throws IOException {
        final Path missing = temporary.resolve("missing");
        final Path empty = Files.createDirectory(temporary.resolve("empty"));
        final Path file = Files.createFile(temporary.resolve("file"));

        assertThatThrownBy(() -> inspect(missing))
                .isInstanceOf(LogNotFoundException.class)
                .hasMessage("no log at " + missing + ": there is no such directory");
        assertThatThrownBy(() -> inspect(empty))
                .isInstanceOf(LogNotFoundException.class)
                .hasMessage("no log at " + empty + ": the directory holds no control.wal");
        assertThatThrownBy(() -> inspect(file)).isInstanceOf(StorageException.class);
    }

    @Test
    void readErrorIsAnErrorAndNotTheEndOfTheLog() {
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.appendRange(log, 1, 100);
        }
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == HookedDisk.Operation.READ && offset >= 4096) {
                        throw new IOException(path + ": Input/output error");
                    }
                });

        assertThatThrownBy(
                        () -> {
                            try (MmapLogInspector inspector =
                                    new MmapLogInspector(disk, fixture.directory())) {
                                inspector.verify(bytes -> {});
                            }
                        })
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("Input/output error");
        assertThat(disk.openFiles()).isZero();
    }

    /** With checkpoints, so that segments are released and used again under the inspector. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void besideALiveWriterNothingIsEverCalledDamaged(final boolean checkpoints) throws Exception {
        final AtomicBoolean done = new AtomicBoolean();
        final AtomicReference<Throwable> failure = new AtomicReference<>();
        final AtomicLong checked = new AtomicLong();
        try (WriteAheadLog log =
                fixture.segmentLength(8 << 10)
                        .store(context -> context.maxSpareSegments(3))
                        .open()) {
            final Thread inspectorThread =
                    new Thread(
                            () -> {
                                try {
                                    do {
                                        assertSoundBesideWriter(log);
                                        checked.incrementAndGet();
                                    } while (!done.get());
                                } catch (final Throwable t) {
                                    failure.set(t);
                                }
                            });
            inspectorThread.start();
            final long endNs = System.nanoTime() + LIVE_NS;
            final UnsafeBuffer payload = new UnsafeBuffer(new byte[300]);
            for (int i = 0; System.nanoTime() < endNs && failure.get() == null; i++) {
                log.append(payload, 0, i % 300);
                if (i % 10 == 0) {
                    log.flush();
                }
                if (checkpoints && i % 100 == 0) {
                    LogFixture.checkpoint(log, "state");
                } else if (i % 5000 == 0) {
                    LogFixture.checkpoint(log, "so that the log does not grow for ever");
                }
            }
            done.set(true);
            inspectorThread.join();
        }
        assertThat(failure.get()).isNull();
        assertThat(checked).hasPositiveValue();
        assertThat(inspect().damages()).isEmpty();
    }

    private void assertSoundBesideWriter(final WriteAheadLog log) {
        final long durableBefore = log.durableLsn();
        final Records records = new Records();
        final LogReport report;
        try (MmapLogInspector inspector = new MmapLogInspector(fixture.directory())) {
            report = inspector.visit(1, Long.MAX_VALUE, records);
        }
        assertThat(report.damages()).isEmpty();
        assertThat(report.verdict())
                .isIn(
                        report.lastLsn() == 0 ? Verdict.SOUND : Verdict.SOUND_UNCLOSED,
                        Verdict.SOUND_TORN_TAIL);
        assertThat(report.lastLsn()).isGreaterThanOrEqualTo(durableBefore);
        assertThat(records.lsns).isSorted().doesNotHaveDuplicates();
    }

    private LogReport inspect() {
        return inspect(fixture.directory());
    }

    private static LogReport inspect(final Path path) {
        try (MmapLogInspector inspector = new MmapLogInspector(path)) {
            return inspector.verify(bytes -> {});
        }
    }

    private void copyTo(final Path target) throws IOException {
        final Map<String, String> contents = fixture.contents();
        Files.createDirectory(target);
        LogFixture.write(target, contents);
    }

    private long lengthOfSegmentsAndSpares() throws IOException {
        long total = 0;
        for (final String name : fixture.names()) {
            if (name.startsWith("segment-") || name.startsWith("spare-")) {
                total += Files.size(fixture.file(name));
            }
        }
        return total;
    }

    /** Takes note of everything visited. */
    private static final class Records implements RecordVisitor {
        private final List<String> entries = new ArrayList<>();
        private final List<Long> lsns = new ArrayList<>();
        private final Map<Long, Damage> places = new HashMap<>();
        private final List<RecordKind> markers = new ArrayList<>();
        private final List<String> segments = new ArrayList<>();
        private final List<Damage> damages = new ArrayList<>();

        @Override
        public void onSegment(final SegmentReport segment) {
            segments.add(segment.name());
        }

        @Override
        public void onRecord(
                final String segment,
                final long at,
                final long lsn,
                final RecordKind kind,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            if (kind.isEntry()) {
                lsns.add(lsn);
                places.put(lsn, new Damage(segment, at, lsn, "to be"));
                entries.add(
                        lsn + " " + kind + " " + buffer.getStringWithoutLengthUtf8(offset, length));
            } else {
                markers.add(kind);
            }
        }

        @Override
        public void onDamage(final Damage damage) {
            damages.add(damage);
        }
    }
}
