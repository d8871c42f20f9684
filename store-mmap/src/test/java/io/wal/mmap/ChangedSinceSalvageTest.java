package io.wal.mmap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.StorageException;
import io.wal.WriteAheadLog;
import io.wal.mmap.HookedDisk.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A salvage that was cut short must not take what it wrote itself for the log. */
class ChangedSinceSalvageTest {
    private static final String SECOND = LogDirectory.segmentName(2);

    @TempDir Path temporary;

    private final HookedDisk disk = new HookedDisk();
    private LogFixture fixture;
    private List<String> appended;
    private Map<String, String> whole;
    private MmapLogRepair repair;

    @BeforeEach
    void setUp() throws IOException {
        fixture = new LogFixture(temporary.resolve("log")).disk(disk);
        try (WriteAheadLog log = fixture.open()) {
            appended = LogFixture.appendRange(log, 1, 2000);
        }
        whole = LogFixture.contentsOf(fixture.directory());
        repair = new MmapLogRepair(disk, fixture.directory());
    }

    @Test
    void segmentThatWasPutBackMeanwhileIsNotLostToWhatTheSalvageWrote() throws IOException {
        cutASalvageWithout(List.of(SECOND));

        putBack(List.of(SECOND));

        assertThatThrownBy(() -> repair.apply(true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("an earlier salvage was cut short")
                .hasMessageContaining("(" + String.join(", ", written()) + ")")
                .hasMessageContaining("move 0001.open out of the attic");
        followTheAdvice(written());
        assertThat(repair.apply(true).action()).isEqualTo(RepairReport.Action.NONE);
        assertThat(fixture.recoverAll()).isEqualTo(appended);
    }

    @Test
    void adviceNamesWhatTheSalvageWroteThoughThereIsAGapBeforeIt() throws IOException {
        Files.delete(fixture.file(SECOND));
        final long keptCount = repair.plan(true).keptEntryCount();
        cutASalvageWithout(List.of());
        final String third = LogDirectory.segmentName(3);
        Files.delete(fixture.file(third));

        assertThatThrownBy(() -> repair.apply(true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("(" + String.join(", ", written()) + ")");
        putBack(List.of(third));
        followTheAdvice(written());
        assertThat(repair.apply(true).keptEntryCount()).isEqualTo(keptCount).isPositive();
    }

    @Test
    void adviceDoesNotNameWhatWasPutBackInThePlaceOfWhatTheSalvageWrote() throws IOException {
        final List<String> missing =
                new ArrayList<>(fixture.logDirectory().list().segments.tailMap(4L, true).values());
        missing.add(LogDirectory.CONTROL);
        cutASalvageWithout(missing);
        putBack(missing);
        final List<String> written =
                new ArrayList<>(fixture.logDirectory().list().segments.values());
        written.removeAll(whole.keySet());

        assertThatThrownBy(() -> repair.apply(true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(
                        "(" + (written.isEmpty() ? "none" : String.join(", ", written)) + ")");
        followTheAdvice(written);
        assertThat(repair.apply(true).action()).isEqualTo(RepairReport.Action.NONE);
        assertThat(fixture.recoverAll()).isEqualTo(appended);
    }

    @Test
    void nothingIsToBeDeletedWhenTheLogWasOpenedSince() throws IOException {
        cutASalvageAndOpenWhatWasThereBefore();

        assertThatNothingIsToBeDeleted();
        followTheAdvice(List.of());
        assertThat(repair.apply(true).action()).isEqualTo(RepairReport.Action.NONE);
        assertThat(fixture.recoverAll()).isEqualTo(appended);
    }

    @Test
    void whatAnOpeningWroteIsNotNamedThoughTheControlFileIsLostBehindIt() throws IOException {
        cutASalvageAndOpenWhatWasThereBefore();
        Files.delete(fixture.file(LogDirectory.CONTROL));

        assertThatNothingIsToBeDeleted();
        followTheAdvice(List.of());
        repair.apply(true);
        assertThat(fixture.recoverAll()).isEqualTo(appended);
    }

    @Test
    void whatTheSalvageWroteIsToBeDeletedBesideFilesOfALaterOpening() throws IOException {
        appendMore();
        final Map<String, String> later = LogFixture.contentsOf(fixture.directory());
        for (final String name : later.keySet()) {
            Files.delete(fixture.file(name));
        }
        LogFixture.write(fixture.directory(), whole);
        cutASalvageWithout(List.of(SECOND));
        final Set<String> written = new TreeSet<>(written());
        LogFixture.write(fixture.directory(), later);
        written.removeAll(later.keySet()); // how many segments there are is chance

        assertThatThrownBy(() -> repair.apply(true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(
                        "opened since, so only delete the segments that the salvage wrote ("
                                + String.join(", ", written)
                                + "), and move 0001.open");
        followTheAdvice(written);
        assertThat(repair.apply(true).action()).isEqualTo(RepairReport.Action.NONE);
        assertThat(fixture.recoverAll()).isEqualTo(appended);
    }

    @Test
    void salvageWithoutAnySegmentIsNotTakenForFinished() throws IOException {
        final List<String> segments = List.copyOf(fixture.logDirectory().list().segments.values());
        cutASalvageWithout(segments);
        putBack(segments);

        assertThatThrownBy(() -> repair.apply(true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("an earlier salvage was cut short");
        assertThat(fixture.file(LogDirectory.ATTIC).resolve("0001.open")).exists();
    }

    @Test
    void segmentThatWasPutBackInThePlaceOfOneThatTheSalvageWroteIsKept() throws IOException {
        final NavigableMap<Long, String> segments = fixture.logDirectory().list().segments;
        final String last = segments.lastEntry().getValue();
        cutASalvageWithout(
                List.of(
                        segments.lowerEntry(segments.lastKey()).getValue(),
                        last,
                        LogDirectory.CONTROL));
        putBack(List.of(last));

        assertThatThrownBy(() -> repair.apply(true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("an earlier salvage was cut short");
        assertThat(Files.readString(fixture.file(last), ISO_8859_1)).isEqualTo(whole.get(last));
    }

    @Test
    void salvagedLogIsSalvagedAgainWithoutControlFileAndHeaders() throws IOException {
        Files.delete(fixture.file(SECOND));
        repair.apply(true);
        final List<String> kept = fixture.recoverAll();
        Files.delete(fixture.file(LogDirectory.CONTROL));
        for (final String name : fixture.logDirectory().list().segments.values()) {
            breakHeader(name);
        }

        assertThat(repair.apply(true).action()).isEqualTo(RepairReport.Action.SALVAGE);
        assertThat(fixture.recoverAll()).isEqualTo(kept).isNotEmpty();
    }

    @Test
    void salvageIsFinishedThoughHeadersWereLostBetweenItsCopyAndItsSegments() throws IOException {
        appendMore();
        final NavigableMap<Long, String> segments = fixture.logDirectory().list().segments;
        Files.delete(fixture.file(SECOND));
        Files.delete(fixture.file(LogDirectory.CONTROL));
        cutASalvageBefore(
                (operation, path) ->
                        operation == Operation.WRITE
                                && path.getParent().equals(fixture.directory())
                                && path.getFileName().toString().startsWith("segment-"));
        for (final String name : fixture.logDirectory().list().segments.values()) {
            if (fixture.logDirectory().readHeader(name).generation() > 1) {
                breakHeader(name);
            }
        }
        cutASalvageBefore(
                (operation, path) ->
                        operation == Operation.DELETE
                                && path.equals(fixture.file(segments.firstEntry().getValue())));

        assertThat(repair.apply(true).action()).isEqualTo(RepairReport.Action.NONE);
        assertThat(fixture.recoverAll()).isNotEmpty();
    }

    @Test
    void logThatComesAfterARemovedOneIsRepairedAsIfThatHadNeverBeen() throws IOException {
        cutASalvageWithout(List.of(SECOND));
        MmapLogCatalog.remove(fixture.directory());
        final List<String> anew;
        try (WriteAheadLog log = fixture.open()) {
            anew = LogFixture.appendRange(log, 1, 2000);
        }

        final RepairReport report = repair.apply(true);

        assertThat(report.action()).isEqualTo(RepairReport.Action.NONE);
        assertThat(fixture.recoverAll()).isEqualTo(anew);
    }

    /** It dies when the control file is to move on; before it, what that says is written again. */
    private void cutASalvageWithout(final List<String> missing) throws IOException {
        for (final String name : missing) {
            Files.delete(fixture.file(name));
        }
        final AtomicInteger writes = new AtomicInteger();
        cutASalvageBefore(
                (operation, path) ->
                        path.equals(fixture.file(LogDirectory.CONTROL))
                                && (operation == Operation.RENAME
                                        || operation == Operation.WRITE
                                                && writes.incrementAndGet() > 1));
    }

    private void cutASalvageBefore(final BiPredicate<Operation, Path> fails) {
        disk.hook(
                (operation, path, offset, length) -> {
                    if (fails.test(operation, path)) {
                        throw new IOException("Input/output error");
                    }
                });
        assertThatThrownBy(() -> repair.apply(true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("Input/output error");
        disk.unhook();
    }

    private void cutASalvageAndOpenWhatWasThereBefore() throws IOException {
        cutASalvageWithout(List.of(SECOND));
        putBack(List.of(SECOND));
        for (final String name : written()) {
            Files.delete(fixture.file(name));
        }
        appendMore();
    }

    private void appendMore() {
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.recover(log);
            appended.addAll(LogFixture.appendRange(log, 2001, 2100));
        }
    }

    private void breakHeader(final String name) throws IOException {
        final byte[] bytes = Files.readAllBytes(fixture.file(name));
        bytes[SegmentDescriptor.CRC_OFFSET] ^= 1;
        Files.write(fixture.file(name), bytes);
    }

    private void assertThatNothingIsToBeDeleted() {
        assertThatThrownBy(() -> repair.apply(true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("opened since, so only move 0001.open out of the attic. Then")
                .hasMessageNotContaining("delete");
    }

    private void putBack(final List<String> names) throws IOException {
        final Map<String, String> contents = new TreeMap<>(whole);
        contents.keySet().retainAll(names);
        LogFixture.write(fixture.directory(), contents);
    }

    private void followTheAdvice(final Collection<String> written) throws IOException {
        for (final String name : written) {
            Files.delete(fixture.file(name));
        }
        final Path copy = fixture.file(LogDirectory.ATTIC).resolve("0001.open");
        Files.move(copy, temporary.resolve("copy"));
    }

    /** What the salvage wrote: behind the last gap. */
    private Collection<String> written() throws IOException {
        final var segments = fixture.logDirectory().list().segments;
        long first = segments.lastKey();
        while (segments.containsKey(first - 1)) {
            first--;
        }
        return segments.tailMap(first, true).values();
    }
}
