package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.Durability;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.mmap.WriteMode;
import io.wal.record.RecordKind;
import io.wal.store.StoreLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * One script with all that happens in the life of a log, and a crash at its first, second, third
 * operation and so on; then another one at each operation of the recovery that follows. {@code
 * -Dwal.sim.seed=N} replays a sweep, {@code -Dwal.sim.outcomes=N} tries more of what each crash may
 * leave.
 */
class CrashSweepTest {
    private static final Path DIRECTORY = Path.of("/db/log");
    private static final int SEGMENT_LENGTH = 2 * CachedFile.PAGE_LENGTH;
    private static final int LARGE_LENGTH = 1500;

    /** Of the outcomes of a crash, how many are tried; the first is a mere process crash. */
    private static final int OUTCOME_COUNT = Integer.getInteger("wal.sim.outcomes", 2);

    private final long seed = Long.getLong("wal.sim.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);
    private WriteMode writeMode;
    private int recoveryCount;

    @ParameterizedTest
    @EnumSource
    void keepsItsPromisesWhereverTheScriptIsCut(final WriteMode mode) throws IOException {
        // given
        writeMode = mode;
        long cut = 0;
        boolean whole = false;

        // when
        while (!whole) {
            final SimulatedDisk disk = newDisk();
            final LogOracle oracle = new LogOracle();
            disk.cutPowerAt(++cut);
            try {
                runScript(log(disk, oracle));
                whole = disk.isOn();
                for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
                    recoverWithCuts(disk.copy(), oracle.copy(), outcome);
                }
            } catch (final Throwable t) {
                throw new AssertionError(
                        "-Dwal.sim.seed=" + seed + ", cut at operation " + cut + ": " + t, t);
            }
        }

        // then
        System.out.println(
                "crash sweep, "
                        + mode
                        + ", seed "
                        + seed
                        + ": "
                        + cut
                        + " operations, "
                        + recoveryCount
                        + " recoveries");
        assertThat(cut).isGreaterThan(100);
    }

    /** Crashes, and cuts the recovery that follows at each of its operations. */
    private void recoverWithCuts(
            final SimulatedDisk disk, final LogOracle oracle, final int outcome) {
        crash(log(disk, oracle), outcome);
        boolean whole = false;
        for (long cut = 1; !whole; cut++) {
            final SimulatedDisk recovered = disk.copy();
            final LogOracle expected = oracle.copy();
            recovered.cutPowerAt(cut);
            final DrivenLog log = log(recovered, expected);
            log.open();
            recoveryCount++;
            whole = recovered.isOn();
            crash(log, random.nextInt(OUTCOME_COUNT));
            recovered.clearFaults();
            goOn(log);
        }
    }

    /** Recovers, appends, closes, and finds it all again. */
    private void goOn(final DrivenLog log) {
        for (int i = 0; i < 2; i++) {
            log.open();
            recoveryCount++;
            append(log, LARGE_LENGTH);
            append(log, 10);
            log.close();
            log.powerCut(random);
        }
    }

    private void crash(final DrivenLog log, final int outcome) {
        if (outcome == 0) {
            log.processCrash();
        } else {
            log.powerCut(random);
        }
    }

    /**
     * Appends, rolls, a checkpoint, releasing, recycling, a discarded checkpoint, close, reopen.
     */
    private static void runScript(final DrivenLog log) {
        log.open();
        append(log, 0);
        append(log, 10);
        for (int i = 0; i < 4; i++) {
            append(log, LARGE_LENGTH);
        }
        log.close();
        open(log);
        if (log.isOpen()) {
            log.startCheckpoint();
        }
        append(log, RecordKind.CHECKPOINT, 700, Durability.FORCED);
        append(log, 20);
        append(log, RecordKind.CHECKPOINT, 30, Durability.FORCED);
        finish(log);
        for (int i = 0; i < 6; i++) {
            append(log, LARGE_LENGTH);
        }
        append(log, RecordKind.DATA, 40, Durability.WRITTEN);
        append(log, RecordKind.VOID, 0, Durability.FORCED);
        if (log.isOpen()) {
            log.startCheckpoint();
        }
        append(log, RecordKind.CHECKPOINT, 50, Durability.WRITTEN);
        if (log.isOpen()) {
            log.discardCheckpoint();
            log.flush();
        }
        if (log.isOpen()) {
            log.startCheckpoint();
        }
        append(log, LARGE_LENGTH);
        finish(log);
        append(log, LARGE_LENGTH);
        log.close();
        open(log);
        append(log, 60);
        log.close();
    }

    private static void open(final DrivenLog log) {
        if (log.disk().isOn()) {
            log.open();
        }
    }

    private static void append(final DrivenLog log, final int length) {
        append(log, RecordKind.DATA, length, Durability.FORCED);
    }

    private static void append(
            final DrivenLog log,
            final RecordKind kind,
            final int length,
            final Durability durability) {
        if (log.isOpen()) {
            log.append(kind, length, durability, true);
        }
    }

    private static void finish(final DrivenLog log) {
        if (log.isOpen()) {
            log.requestFinalize();
            log.onTimeout();
        }
    }

    private DrivenLog log(final SimulatedDisk disk, final LogOracle oracle) {
        final MmapStoreContext context =
                new MmapStoreContext()
                        .directory(DIRECTORY)
                        .disk(disk)
                        .segmentLength(SEGMENT_LENGTH)
                        .maxSpareSegments(1)
                        .writeMode(writeMode)
                        .backgroundThread(false);
        return new DrivenLog(
                disk,
                oracle,
                () -> new MmapLogStore(context),
                new StoreLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, 0, Long.MAX_VALUE >> 1));
    }

    private static SimulatedDisk newDisk() throws IOException {
        final SimulatedDisk disk = new SimulatedDisk();
        disk.junk(true);
        disk.createDirectory(DIRECTORY.getParent());
        disk.forceDirectory(Path.of("/"));
        return disk;
    }
}
