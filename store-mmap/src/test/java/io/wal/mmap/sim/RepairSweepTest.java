package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.mmap.Disk;
import io.wal.mmap.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Cuts repairs at their first, second, third operation and so on; then the repairs of those, or
 * these fail. {@code -Dwal.sim.seed=N} replays a sweep.
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
                disk.forceDirectory(CrashSimulation.DIRECTORY); // a crash must not undo it
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
                        "control file missing, no entries", "empty", disk -> disk.delete(CONTROL)),
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
        sweep(log, (repair, operation) -> repair.check(operation, true));
        sweep(log, (repair, operation) -> repair.check(operation, false));
    }

    @ParameterizedTest
    @MethodSource("damagedLogs")
    void nothingIsLostWhenTheRepairAfterOneThatDiedFails(final Damaged log) {
        sweep(log, InterruptedRepair::checkFailing);
    }

    @ParameterizedTest
    @MethodSource("damagedLogs")
    void canBeRepairedWhenTheOpeningAfterARepairThatDiedIsCut(final Damaged log) {
        sweep(log, InterruptedRepair::checkOpeningCut);
    }

    /** Its writer died between writing and forcing it. */
    @Test
    void nothingIsLostWhenTheControlFileIsNotDurable() throws IOException {
        final Damaged log =
                Damaged.of(
                        "sector zeroed",
                        "many segments, crashed",
                        disk -> zero(disk, "segment-0000000000000002.wal", 5120));
        final byte[] control = log.disk().files().get(CONTROL);
        final int newest = ControlImage.newestSlot(control);
        zero(log.disk(), "control.wal", newest);
        try (DiskFile file = log.disk().open(CONTROL, Disk.OpenMode.WRITE)) {
            file.write(ByteBuffer.wrap(control, newest, CachedFile.SECTOR_LENGTH), newest);
        }
        sweep(log, InterruptedRepair::checkPowerLoss);
        sweep(log, InterruptedRepair::checkOpeningCut);
    }

    /** Checks operation after operation, until there are no more. */
    private void sweep(final Damaged log, final Check check) {
        final InterruptedRepair repair = new InterruptedRepair(log.image(), log.disk(), random);
        assertThat(repair.expected().isApplied()).isTrue();
        long operation = 0;
        boolean isCut = true;
        while (isCut) {
            operation++;
            try {
                isCut = check.at(repair, operation);
            } catch (final Throwable t) {
                throw new AssertionError(
                        log
                                + ", -Dwal.sim.seed="
                                + seed
                                + ", the first repair ends at operation "
                                + operation
                                + ": "
                                + t,
                        t);
            }
        }
        assertThat(operation).isGreaterThan(20);
    }

    private static void zero(final SimulatedDisk disk, final String name, final int offset)
            throws IOException {
        final Path path = CrashSimulation.DIRECTORY.resolve(name);
        final byte[] content = disk.files().get(path);
        Arrays.fill(content, offset, offset + CachedFile.SECTOR_LENGTH, (byte) 0);
        disk.put(path, content);
    }

    /** What is checked of repairs that end at an operation. */
    private interface Check {
        boolean at(InterruptedRepair repair, long operation);
    }
}
