package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.CorruptLogException;
import io.wal.mmap.RepairReport;
import io.wal.mmap.RepairReport.Action;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cuts repairs at their first, second, third operation and so on; then the repairs of those. {@code
 * -Dwal.sim.seed=N} replays a sweep.
 */
class RepairSweepTest {
    private static final Path CONTROL = CrashSimulation.DIRECTORY.resolve("control.wal");

    private final long seed = Long.getLong("wal.sim.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    /** A damaged log. */
    record Damaged(String name, LogImage image, SimulatedDisk disk) {
        static Damaged of(
                final String name, final String imageName, final DamageCheck.Damaging damaging) {
            final LogImage image =
                    LogImages.all().stream()
                            .filter(candidate -> candidate.toString().equals(imageName))
                            .findFirst()
                            .orElseThrow();
            final SimulatedDisk disk = image.newDisk();
            try {
                damaging.damage(disk);
            } catch (final IOException e) {
                throw new AssertionError(e);
            }
            disk.junk(true);
            return new Damaged(name, image, disk);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static List<Damaged> damagedLogs() {
        return List.of(
                Damaged.of("torn tail", "torn tail", disk -> {}),
                Damaged.of(
                        "sector zeroed",
                        "many segments, crashed",
                        disk -> zero(disk, "segment-0000000000000002.wal", 5120)),
                Damaged.of(
                        "header zeroed",
                        "many segments, closed",
                        disk -> zero(disk, "segment-0000000000000002.wal", 0)),
                Damaged.of(
                        "segment missing",
                        "many segments, closed",
                        disk ->
                                disk.delete(
                                        CrashSimulation.DIRECTORY.resolve(
                                                "segment-0000000000000002.wal"))),
                Damaged.of(
                        "control file missing",
                        "recycled, with a checkpoint",
                        disk -> disk.delete(CONTROL)),
                Damaged.of(
                        "control file damaged",
                        "recycled, with a checkpoint",
                        disk -> {
                            zero(disk, "control.wal", 0);
                            zero(disk, "control.wal", 4096);
                        }));
    }

    @ParameterizedTest
    @MethodSource("damagedLogs")
    void nothingIsLostWhereverARepairIsCut(final Damaged log) {
        // given
        final Map<Path, byte[]> before = log.disk().files();
        final SimulatedDisk undisturbed = log.disk().copy();
        final RepairReport expected = RepairCheck.repair(undisturbed).apply(true);
        assertThat(expected.isApplied()).isTrue();

        // when
        long cut = 0;
        boolean whole = false;
        while (!whole) {
            cut++;
            for (int outcome = 0; outcome < 2; outcome++) {
                final SimulatedDisk disk = log.disk().copy();
                try {
                    whole = cut(disk, cut, outcome == 0);

                    // then
                    RepairCheck.assertAllInAttic(before, disk.files(), expected.action());
                    checkOpening(log, disk.copy(), expected);
                    cut(disk, 1 + random.nextInt(40), random.nextBoolean());
                    RepairCheck.assertAllInAttic(before, disk.files(), expected.action());
                    checkRepairedAnew(log, disk, expected);
                } catch (final Throwable t) {
                    throw new AssertionError(
                            log
                                    + ", -Dwal.sim.seed="
                                    + seed
                                    + ", cut at operation "
                                    + cut
                                    + ", outcome "
                                    + outcome
                                    + ": "
                                    + t,
                            t);
                }
            }
        }
        assertThat(cut).isGreaterThan(20);
    }

    /** Says whether it was not cut. */
    private boolean cut(final SimulatedDisk disk, final long operation, final boolean mildly) {
        disk.cutPowerAt(operation);
        try {
            RepairCheck.repair(disk).apply(true);
        } catch (final PowerLoss e) {
            // seen by the state of the disk
        }
        final boolean whole = disk.isOn();
        if (mildly) {
            disk.processCrash();
        } else {
            disk.powerCut(random);
        }
        disk.clearFaults();
        return whole;
    }

    /** Until the repair counts the log is refused; then it is whole, and stays so. */
    private static void checkOpening(
            final Damaged log, final SimulatedDisk disk, final RepairReport expected) {
        final RepairCheck check = new RepairCheck(log.image());
        try {
            check.goOn(disk, expected, Set.of());
        } catch (final CorruptLogException e) {
            assertThat(expected.action()).isEqualTo(Action.SALVAGE);
            return;
        }
        RepairCheck.repair(disk).apply(true);
        assertThat(check.lastLsn(disk)).isEqualTo(expected.nextLsn() - 1 + RepairCheck.APPENDED);
    }

    private static void checkRepairedAnew(
            final Damaged log, final SimulatedDisk disk, final RepairReport expected) {
        final RepairReport plan = RepairCheck.repair(disk).plan(true);
        final RepairReport report = RepairCheck.repair(disk).apply(true);
        assertThat(report.action()).isEqualTo(plan.action());
        if (report.action() == Action.SALVAGE) {
            assertThat(report.lost()).isEqualTo(expected.lost());
            assertThat(report.kept()).isEqualTo(expected.kept());
            assertThat(plan.lost()).isEqualTo(expected.lost());
        }
        assertThat(disk.files().keySet())
                .noneMatch(path -> path.getParent().toString().endsWith(".open"));
        new RepairCheck(log.image()).checkRepaired(disk, expected, Set.of());
    }

    private static void zero(final SimulatedDisk disk, final String name, final int offset)
            throws IOException {
        final Path path = CrashSimulation.DIRECTORY.resolve(name);
        final byte[] content = disk.files().get(path);
        Arrays.fill(content, offset, offset + CachedFile.SECTOR_LENGTH, (byte) 0);
        disk.put(path, content);
    }
}
