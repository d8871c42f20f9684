package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.Durability;
import io.wal.EntryKind;
import io.wal.RecoveredLog;
import io.wal.WalException;
import io.wal.inspect.LogReport;
import io.wal.inspect.LogReport.Verdict;
import io.wal.mmap.MmapLogInspector;
import io.wal.mmap.MmapLogRepair;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.mmap.RepairReport;
import io.wal.mmap.RepairReport.Action;
import io.wal.mmap.RepairReport.LsnRange;
import io.wal.record.RecordKind;
import io.wal.store.AppendEvent;
import io.wal.store.CommitProgress;
import io.wal.store.StoreLimits;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.agrona.DirectBuffer;

/** Repairs damaged logs, and compares what is kept and what is lost with what was appended. */
final class RepairCheck {
    private static final Path ATTIC = CrashSimulation.DIRECTORY.resolve("attic");

    /** Entries that are appended to a repaired log. */
    static final int APPENDED = 12;

    private final LogOracle known;
    private final byte[] control;

    RepairCheck(final LogImage image) {
        known = image.newOracle();
        control = image.file("control.wal");
    }

    /**
     * Plans, repairs, and goes on with the log.
     *
     * @param damaged holds the log; is repaired.
     * @param mustKeep LSNs of entries that are intact.
     * @return the report of the repair.
     */
    RepairReport check(final SimulatedDisk damaged, final Set<Long> mustKeep) {
        final Map<Path, byte[]> before = damaged.files();
        final RepairReport plan = repair(damaged).plan(true);
        final RepairReport refusal = repair(damaged).plan(false);
        assertSameFiles(before, damaged.files());
        final RepairReport report = repair(damaged).apply(true);

        assertThat(plan.isApplied()).isFalse();
        assertThat(report.isApplied())
                .isEqualTo(plan.action() == Action.CUT || plan.action() == Action.SALVAGE);
        assertThat(report.nextLsn()).isEqualTo(plan.nextLsn());
        assertThat(report.lost()).isEqualTo(plan.lost());
        assertThat(report.kept()).isEqualTo(plan.kept());
        if (plan.action() == Action.SALVAGE) {
            assertThat(refusal.action()).isEqualTo(Action.REFUSED);
            assertThat(refusal.damages()).isNotEmpty();
            assertAllInAttic(before, damaged.files(), Action.SALVAGE);
            assertNoLsnIsUsedAgain(before, report);
        } else {
            assertThat(refusal.action()).isEqualTo(plan.action());
        }
        checkRepaired(damaged, report, mustKeep);
        return report;
    }

    /** Looks at a repaired log in all ways, and goes on with it. */
    void checkRepaired(
            final SimulatedDisk disk, final RepairReport report, final Set<Long> mustKeep) {
        final TreeMap<Long, RecordKind> held = visit(disk, report);
        if (report.action() == Action.SALVAGE) {
            for (final long lsn : mustKeep) {
                assertThat(isLost(report, lsn)).as("LSN " + lsn + " is intact").isFalse();
                if (lsn >= report.startLsn()) {
                    assertThat(held).as("LSN " + lsn + " is intact").containsKey(lsn);
                }
            }
            for (long lsn = report.startLsn(); lsn < report.nextLsn(); lsn++) {
                assertThat(held).as("dense").containsKey(lsn);
            }
        }
        goOn(disk, report, data(held, report));
    }

    static MmapLogRepair repair(final SimulatedDisk disk) {
        return new MmapLogRepair(disk, CrashSimulation.DIRECTORY);
    }

    /** Whether every file of the log that is to change is where it was, or in the attic. */
    static void assertAllInAttic(
            final Map<Path, byte[]> before, final Map<Path, byte[]> after, final Action action) {
        before.forEach(
                (path, content) -> {
                    if (LogImage.isSegment(path) && action == Action.SALVAGE
                            || path.endsWith("control.wal")) {
                        assertThat(
                                        after.entrySet().stream()
                                                .anyMatch(
                                                        file ->
                                                                isIn(file.getKey(), path)
                                                                        && Arrays.equals(
                                                                                file.getValue(),
                                                                                content)))
                                .as(path + " is kept as it was")
                                .isTrue();
                    }
                });
    }

    /** What the control file knows to have been acknowledged is lost at most. */
    private void assertNoLsnIsUsedAgain(
            final Map<Path, byte[]> damaged, final RepairReport report) {
        if (Arrays.equals(control, damaged.get(CrashSimulation.DIRECTORY.resolve("control.wal")))) {
            assertThat(report.nextLsn()).isGreaterThan(ControlImage.durableLsn(control));
        }
    }

    private static boolean isIn(final Path kept, final Path path) {
        return kept.equals(path)
                || kept.startsWith(ATTIC) && kept.getFileName().equals(path.getFileName());
    }

    private TreeMap<Long, RecordKind> visit(final SimulatedDisk disk, final RepairReport report) {
        final TreeMap<Long, RecordKind> held = new TreeMap<>();
        final LogReport found;
        try (MmapLogInspector inspector = new MmapLogInspector(disk, CrashSimulation.DIRECTORY)) {
            found =
                    inspector.visit(
                            1,
                            Long.MAX_VALUE,
                            (segment, at, lsn, kind, buffer, offset, length) -> {
                                if (kind.isEntry()) {
                                    assertThat(
                                                    kind == RecordKind.VOID && isLost(report, lsn)
                                                            || isReleased(report, lsn)
                                                            || known.isGenuine(
                                                                    lsn, kind, buffer, offset,
                                                                    length))
                                            .as("LSN " + lsn + ", " + kind + ", is genuine")
                                            .isTrue();
                                    held.put(lsn, kind);
                                }
                            });
        }
        assertThat(found.verdict()).as(found.toString()).isNotEqualTo(Verdict.DAMAGED);
        assertThat(found.verdict()).isNotEqualTo(Verdict.SOUND_TORN_TAIL);
        assertThat(found.lastLsn()).isEqualTo(report.nextLsn() - 1);
        assertThat(found.foreign()).doesNotContain("attic");
        return held;
    }

    /** Lost before the checkpoint, and so of no interest: filled up without being listed. */
    private static boolean isReleased(final RepairReport report, final long lsn) {
        return report.action() == Action.SALVAGE && lsn < report.startLsn();
    }

    private static Set<Long> data(final TreeMap<Long, RecordKind> held, final RepairReport report) {
        final Set<Long> data = new TreeSet<>();
        held.tailMap(report.startLsn())
                .forEach(
                        (lsn, kind) -> {
                            if (kind == RecordKind.DATA) {
                                data.add(lsn);
                            }
                        });
        return data;
    }

    /**
     * Opens twice, appends, and closes.
     *
     * @param mustDeliver LSNs of entries that recovery must deliver.
     * @throws WalException when the log cannot be opened.
     */
    void goOn(final SimulatedDisk disk, final RepairReport report, final Set<Long> mustDeliver) {
        for (int i = 0; i < 2; i++) {
            final Set<Long> delivered = new TreeSet<>();
            final MmapLogStore store = newStore(disk);
            final Progress progress = new Progress();
            try {
                final RecoveredLog recovered = store.open(progress, StoreLimits.DEFAULT);
                assertThat(recovered.startLsn()).isEqualTo(report.startLsn());
                assertThat(recovered.lastLsn()).isEqualTo(report.nextLsn() - 1);
                store.replay(
                        (lsn, kind, buffer, offset, length) -> {
                            assertThat(isGenuine(lsn, kind, buffer, offset, length))
                                    .as("LSN " + lsn)
                                    .isTrue();
                            delivered.add(lsn);
                        });
                assertThat(delivered).containsAll(mustDeliver);
                if (i == 1) {
                    append(store, report.nextLsn());
                    assertThat(progress.durableLsn).isEqualTo(report.nextLsn() + APPENDED - 1);
                }
            } finally {
                store.close();
            }
        }
        assertThat(repair(disk).plan(true).verdict()).isEqualTo(Verdict.SOUND_UNCLOSED);
    }

    /**
     * Opens, and closes at once.
     *
     * @throws WalException when the log cannot be opened.
     */
    static void open(final SimulatedDisk disk) {
        final MmapLogStore store = newStore(disk);
        try {
            store.open(new Progress(), StoreLimits.DEFAULT);
        } finally {
            store.close();
        }
    }

    private boolean isGenuine(
            final long lsn,
            final EntryKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        return known.isGenuine(lsn, RecordKind.valueOf(kind.name()), buffer, offset, length);
    }

    private static void append(final MmapLogStore store, final long firstLsn) {
        final AppendEvent slot = new AppendEvent(1024);
        for (int i = 0; i < APPENDED; i++) {
            slot.release();
            slot.begin(firstLsn + i, RecordKind.DATA, Durability.FORCED, 900, null);
            slot.seal();
            try {
                store.onEvent(slot, i, true);
            } catch (final Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    private static MmapLogStore newStore(final SimulatedDisk disk) {
        return new MmapLogStore(
                new MmapStoreContext()
                        .directory(CrashSimulation.DIRECTORY)
                        .disk(disk)
                        .segmentLength(2 * CachedFile.PAGE_LENGTH)
                        .backgroundThread(false));
    }

    long lastLsn(final SimulatedDisk disk) {
        try (MmapLogInspector inspector = new MmapLogInspector(disk, CrashSimulation.DIRECTORY)) {
            return inspector.verify(bytes -> {}).lastLsn();
        }
    }

    private static boolean isLost(final RepairReport report, final long lsn) {
        for (final LsnRange range : report.lost()) {
            if (lsn >= range.firstLsn() && lsn <= range.lastLsn()) {
                return true;
            }
        }
        return false;
    }

    private static void assertSameFiles(
            final Map<Path, byte[]> before, final Map<Path, byte[]> after) {
        assertThat(after.keySet()).isEqualTo(before.keySet());
        before.forEach((path, content) -> assertThat(after.get(path)).isEqualTo(content));
    }

    /** Only remembers what is durable. */
    private static final class Progress implements CommitProgress {
        private long durableLsn;

        @Override
        public void written(final long lsn) {
            // durable comes next
        }

        @Override
        public void durable(final long lsn) {
            durableLsn = lsn;
        }

        @Override
        public void failed(final WalException cause) {
            throw cause;
        }

        @Override
        public void stalled(final WalException cause) {
            // there is space
        }

        @Override
        public void wake() {
            // it is driven by hand
        }
    }
}
