package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.CorruptLogException;
import io.wal.StorageException;
import io.wal.mmap.RepairReport;
import io.wal.mmap.RepairReport.Action;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Repairs of one damaged log that are cut by a crash, and then done anew: whatever was there before
 * is there or in the attic, and in the end all is as if the first repair had not been cut.
 */
final class InterruptedRepair {
    private static final int OPERATIONS = 40;

    private final LogImage image;
    private final SimulatedDisk damaged;
    private final RandomGenerator random;
    private final Map<Path, byte[]> before;
    private final RepairReport expected;

    /**
     * Repairs a copy of the log undisturbed, to have something to compare with.
     *
     * @param image of the log before it was damaged.
     * @param damaged holds the log; is left as it is.
     * @param random chooses what crashes leave.
     */
    InterruptedRepair(
            final LogImage image, final SimulatedDisk damaged, final RandomGenerator random) {
        this.image = image;
        this.damaged = damaged;
        this.random = random;
        before = damaged.files();
        expected = RepairCheck.repair(damaged.copy()).apply(true);
    }

    /** What a repair that is not cut says. */
    RepairReport expected() {
        return expected;
    }

    /**
     * Cuts a repair, perhaps cuts the one that follows, and lets the next one be.
     *
     * @param operation of a writer at which the first one is cut.
     * @param mildly whether only the process dies there.
     * @return whether the first one had so many operations.
     */
    boolean check(final long operation, final boolean mildly) {
        final SimulatedDisk disk = damaged.copy();
        final boolean isCut = cut(disk, operation, mildly);
        RepairCheck.assertAllInAttic(before, disk.files(), expected.action());
        checkOpening(disk.copy());
        cut(disk, 1 + random.nextInt(OPERATIONS), random.nextBoolean());
        RepairCheck.assertAllInAttic(before, disk.files(), expected.action());
        checkRepairedAnew(disk);
        return isCut;
    }

    /**
     * Has the process of a repair die, the next repair fail, and then the power go off, and lets
     * another one be.
     *
     * @param operation of a writer at which the first one dies.
     * @return whether it had so many operations.
     */
    boolean checkFailing(final long operation) {
        final SimulatedDisk dead = damaged.copy();
        final boolean isCut = cut(dead, operation, true);
        sweep(
                dead,
                InterruptedRepair::fail,
                disk -> RepairCheck.assertAllInAttic(before, disk.files(), expected.action()));
        return isCut;
    }

    /**
     * Cuts a repair by a loss of power, and lets the next one be.
     *
     * @param operation of a writer at which the first one is cut.
     * @return whether it had so many operations.
     */
    boolean checkPowerLoss(final long operation) {
        final SimulatedDisk disk = damaged.copy();
        final boolean isCut = cut(disk, operation, false);
        checkRepairedAnew(disk);
        return isCut;
    }

    /**
     * Has the process of a repair die, and the power go off during the opening that follows; the
     * next repair goes on where the first one was.
     *
     * @param operation of a writer at which the repair dies.
     * @return whether it had so many operations.
     */
    boolean checkOpeningCut(final long operation) {
        final SimulatedDisk dead = damaged.copy();
        final boolean isCut = cut(dead, operation, true);
        sweep(dead, this::cutOpening, disk -> {});
        return isCut;
    }

    /**
     * Disturbs what comes next at each of its operations, and lets the power go off and the next
     * repair be.
     */
    private void sweep(
            final SimulatedDisk dead,
            final Disturbance disturbance,
            final Consumer<SimulatedDisk> check) {
        boolean isDisturbed = true;
        for (long operation = 1; isDisturbed; operation++) {
            final SimulatedDisk disk = dead.copy();
            try {
                isDisturbed = disturbance.at(disk, operation);
                disk.powerCut(random);
                disk.clearFaults();
                check.accept(disk);
                checkRepairedAnew(disk);
            } catch (final Throwable t) {
                throw new AssertionError("then at operation " + operation + ": " + t, t);
            }
        }
    }

    private boolean cutOpening(final SimulatedDisk disk, final long operation) {
        disk.cutPowerAt(operation);
        try {
            RepairCheck.open(disk);
        } catch (final PowerLoss e) {
            // seen by the state of the disk
        } catch (final CorruptLogException e) {
            assertThat(expected.action()).isEqualTo(Action.SALVAGE);
        }
        return !disk.isOn();
    }

    private static boolean fail(final SimulatedDisk disk, final long operation) {
        disk.failAt(operation, new IOException("broken"));
        try {
            RepairCheck.repair(disk).apply(true);
        } catch (final StorageException e) {
            // it can be repaired again
        }
        disk.clearFaults();
        return disk.failureCount() > 0;
    }

    private boolean cut(final SimulatedDisk disk, final long operation, final boolean mildly) {
        disk.cutPowerAt(operation);
        try {
            RepairCheck.repair(disk).apply(true);
        } catch (final PowerLoss e) {
            // seen by the state of the disk
        }
        final boolean isCut = !disk.isOn();
        if (mildly) {
            disk.processCrash();
        } else {
            disk.powerCut(random);
        }
        disk.clearFaults();
        return isCut;
    }

    /** Until the repair counts the log is refused; then it is whole, and stays so. */
    private void checkOpening(final SimulatedDisk disk) {
        final RepairCheck check = new RepairCheck(image);
        try {
            check.goOn(disk, expected, Set.of());
        } catch (final CorruptLogException e) {
            assertThat(expected.action()).isEqualTo(Action.SALVAGE);
            return;
        }
        RepairCheck.repair(disk).apply(true);
        assertThat(check.lastLsn(disk)).isEqualTo(expected.nextLsn() - 1 + RepairCheck.APPENDED);
    }

    private void checkRepairedAnew(final SimulatedDisk disk) {
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
        new RepairCheck(image).checkRepaired(disk, expected, Set.of());
    }

    /** Disturbs something at an operation; returns whether it had so many. */
    private interface Disturbance {
        boolean at(SimulatedDisk disk, long operation);
    }
}
