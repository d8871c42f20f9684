package io.wal.mmap;

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
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A salvage that was cut short must not take what it wrote itself for the log. */
class ChangedSinceSalvageTest {
    @TempDir Path temporary;

    @Test
    void segmentThatWasPutBackMeanwhileIsNotLostToWhatTheSalvageWrote() throws Exception {
        final HookedDisk disk = new HookedDisk();
        final LogFixture fixture = new LogFixture(temporary.resolve("log")).disk(disk);
        final List<String> appended;
        try (WriteAheadLog log = fixture.open()) {
            appended = LogFixture.appendRange(log, 1, 2000);
        }
        final Path missing = fixture.file(LogDirectory.segmentName(2));
        final byte[] content = Files.readAllBytes(missing);
        Files.delete(missing);
        final MmapLogRepair repair = new MmapLogRepair(disk, fixture.directory());
        failTheCommit(disk);
        assertThatThrownBy(() -> repair.apply(true)).isInstanceOf(StorageException.class);
        disk.unhook();

        Files.write(missing, content);

        assertThatThrownBy(() -> repair.apply(true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("an earlier salvage was cut short")
                .hasMessageContaining("(" + String.join(", ", written(fixture)) + ")")
                .hasMessageContaining("move 0001.open out of the attic");
        followTheAdvice(fixture);
        assertThat(repair.apply(true).action()).isEqualTo(RepairReport.Action.NONE);
        assertThat(fixture.recoverAll()).hasSameSizeAs(appended);
    }

    @Test
    void adviceNamesWhatTheSalvageWroteThoughThereIsAGapBeforeIt() throws Exception {
        final HookedDisk disk = new HookedDisk();
        final LogFixture fixture = new LogFixture(temporary.resolve("log")).disk(disk);
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.appendRange(log, 1, 2000);
        }
        Files.delete(fixture.file(LogDirectory.segmentName(2)));
        final MmapLogRepair repair = new MmapLogRepair(disk, fixture.directory());
        final long keptCount = repair.plan(true).keptEntryCount();
        failTheCommit(disk);
        assertThatThrownBy(() -> repair.apply(true)).isInstanceOf(StorageException.class);
        disk.unhook();
        final Path changed = fixture.file(LogDirectory.segmentName(3));
        final Path elsewhere = Files.move(changed, temporary.resolve("elsewhere"));

        assertThatThrownBy(() -> repair.apply(true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining("(" + String.join(", ", written(fixture)) + ")");
        Files.move(elsewhere, changed);
        followTheAdvice(fixture);
        assertThat(repair.apply(true).keptEntryCount()).isEqualTo(keptCount).isPositive();
    }

    @Test
    void adviceDoesNotNameWhatWasPutBackInThePlaceOfWhatTheSalvageWrote() throws Exception {
        final HookedDisk disk = new HookedDisk();
        final LogFixture fixture = new LogFixture(temporary.resolve("log")).disk(disk);
        final List<String> appended;
        try (WriteAheadLog log = fixture.open()) {
            appended = LogFixture.appendRange(log, 1, 2000);
        }
        final Map<String, String> whole = LogFixture.contentsOf(fixture.directory());
        final List<String> missing = new ArrayList<>(List.of(LogDirectory.CONTROL));
        missing.addAll(fixture.logDirectory().list().segments.tailMap(4L, true).values());
        for (final String name : missing) {
            Files.delete(fixture.file(name));
        }
        final MmapLogRepair repair = new MmapLogRepair(disk, fixture.directory());
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == Operation.RENAME && path.endsWith(LogDirectory.CONTROL)) {
                        throw new IOException("Input/output error");
                    }
                });
        assertThatThrownBy(() -> repair.apply(true)).isInstanceOf(StorageException.class);
        disk.unhook();
        whole.keySet().retainAll(missing);
        LogFixture.write(fixture.directory(), whole);
        final List<String> written =
                new ArrayList<>(fixture.logDirectory().list().segments.values());
        written.removeAll(missing);
        written.removeIf(name -> name.compareTo(missing.get(1)) < 0);

        assertThatThrownBy(() -> repair.apply(true))
                .isInstanceOf(StorageException.class)
                .hasMessageContaining(
                        "wrote ("
                                + (written.isEmpty() ? "none" : String.join(", ", written))
                                + ")");
        for (final String name : written) {
            Files.delete(fixture.file(name));
        }
        moveTheCopyAway(fixture);
        assertThat(repair.apply(true).action()).isEqualTo(RepairReport.Action.NONE);
        assertThat(fixture.recoverAll()).isEqualTo(appended);
    }

    @Test
    void logThatComesAfterARemovedOneIsRepairedAsIfThatHadNeverBeen() throws Exception {
        final HookedDisk disk = new HookedDisk();
        final LogFixture fixture = new LogFixture(temporary.resolve("log")).disk(disk);
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.appendRange(log, 1, 2000);
        }
        Files.delete(fixture.file(LogDirectory.segmentName(2)));
        final MmapLogRepair repair = new MmapLogRepair(disk, fixture.directory());
        failTheCommit(disk);
        assertThatThrownBy(() -> repair.apply(true)).isInstanceOf(StorageException.class);
        disk.unhook();
        MmapLogCatalog.remove(fixture.directory());
        final List<String> appended;
        try (WriteAheadLog log = fixture.open()) {
            appended = LogFixture.appendRange(log, 1, 2000);
        }

        final RepairReport report = repair.apply(true);

        assertThat(report.action()).isEqualTo(RepairReport.Action.NONE);
        assertThat(fixture.recoverAll()).isEqualTo(appended);
    }

    /** The commit; before it, what the control file says is written again. */
    private static void failTheCommit(final HookedDisk disk) {
        final AtomicInteger writes = new AtomicInteger();
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == Operation.WRITE
                            && path.endsWith(LogDirectory.CONTROL)
                            && !path.toString().contains("attic")
                            && writes.incrementAndGet() > 1) {
                        throw new IOException("Input/output error");
                    }
                });
    }

    private void followTheAdvice(final LogFixture fixture) throws IOException {
        for (final String written : written(fixture)) {
            Files.delete(fixture.file(written));
        }
        moveTheCopyAway(fixture);
    }

    private void moveTheCopyAway(final LogFixture fixture) throws IOException {
        final Path copy = fixture.file(LogDirectory.ATTIC).resolve("0001.open");
        Files.move(copy, temporary.resolve("copy"));
    }

    /** What the salvage wrote: behind the last gap. */
    private static Collection<String> written(final LogFixture fixture) throws IOException {
        final var segments = fixture.logDirectory().list().segments;
        long first = segments.lastKey();
        while (segments.containsKey(first - 1)) {
            first--;
        }
        return segments.tailMap(first, true).values();
    }
}
