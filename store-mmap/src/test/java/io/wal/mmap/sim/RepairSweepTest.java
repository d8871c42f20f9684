package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
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
        final InterruptedRepair repair = new InterruptedRepair(log.image(), log.disk(), random);
        assertThat(repair.expected().isApplied()).isTrue();

        // when, then
        long cut = 0;
        boolean isCut = true;
        while (isCut) {
            cut++;
            for (final boolean mildly : new boolean[] {true, false}) {
                try {
                    isCut = repair.check(cut, mildly);
                } catch (final Throwable t) {
                    throw new AssertionError(
                            log
                                    + ", -Dwal.sim.seed="
                                    + seed
                                    + ", cut at operation "
                                    + cut
                                    + (mildly ? ", a process crash" : ", a loss of power")
                                    + ": "
                                    + t,
                            t);
                }
            }
        }
        assertThat(cut).isGreaterThan(20);
    }

    @ParameterizedTest
    @MethodSource("damagedLogs")
    void nothingIsLostWhenTheRepairAfterOneThatDiedFails(final Damaged log) {
        final InterruptedRepair repair = new InterruptedRepair(log.image(), log.disk(), random);
        boolean hasDied = true;
        for (long operation = 1; hasDied; operation++) {
            try {
                hasDied = repair.checkFailing(operation);
            } catch (final Throwable t) {
                throw new AssertionError(
                        log
                                + ", -Dwal.sim.seed="
                                + seed
                                + ", the first repair dies at operation "
                                + operation
                                + ": "
                                + t,
                        t);
            }
        }
    }

    private static void zero(final SimulatedDisk disk, final String name, final int offset)
            throws IOException {
        final Path path = CrashSimulation.DIRECTORY.resolve(name);
        final byte[] content = disk.files().get(path);
        Arrays.fill(content, offset, offset + CachedFile.SECTOR_LENGTH, (byte) 0);
        disk.put(path, content);
    }
}
