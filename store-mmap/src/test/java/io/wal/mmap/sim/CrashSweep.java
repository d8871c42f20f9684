package io.wal.mmap.sim;

import io.wal.Durability;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.mmap.WriteMode;
import io.wal.record.RecordKind;
import io.wal.store.StoreLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * One script with all that happens in the life of a log, and a crash at its first, second, third
 * operation and so on; then another one at each operation of the recovery that follows, or that
 * operation fails, and a crash comes then.
 */
final class CrashSweep {
    private static final Path DIRECTORY = Path.of("/db/log");
    private static final int SEGMENT_LENGTH = 2 * CachedFile.PAGE_LENGTH;
    private static final int LARGE_LENGTH = 1500;

    /** Tried after an operation of a recovery failed that still had all that was written. */
    private static final int POWER_CUT_COUNT = 2;

    private final long seed;
    private final SplittableRandom random;
    private final WriteMode writeMode;
    private final int outcomeCount;
    private long cut;
    private int recoveryCount;

    private CrashSweep(final long seed, final WriteMode writeMode, final int outcomeCount) {
        this.seed = seed;
        this.writeMode = writeMode;
        this.outcomeCount = outcomeCount;
        random = new SplittableRandom(seed);
    }

    /**
     * Sweeps the script.
     *
     * @param seed that determines what each crash leaves.
     * @param writeMode of the store.
     * @param outcomeCount of the outcomes of a crash, how many are tried; the first is a mere
     *     process crash.
     * @return what was done.
     * @throws AssertionError when a promise is broken.
     */
    static CrashSweep run(final long seed, final WriteMode writeMode, final int outcomeCount) {
        final CrashSweep sweep = new CrashSweep(seed, writeMode, outcomeCount);
        try {
            sweep.run();
        } catch (final Throwable t) {
            throw new AssertionError(
                    "-Dwal.sim.seed="
                            + seed
                            + ", "
                            + writeMode
                            + ", cut at operation "
                            + sweep.cut
                            + ": "
                            + t,
                    t);
        }
        return sweep;
    }

    /** How many operations the script has. */
    long operationCount() {
        return cut;
    }

    @Override
    public String toString() {
        return writeMode
                + ", seed "
                + seed
                + ": "
                + cut
                + " operations, "
                + recoveryCount
                + " recoveries";
    }

    private void run() throws IOException {
        boolean whole = false;
        while (!whole) {
            final SimulatedDisk disk = newDisk();
            final LogOracle oracle = new LogOracle();
            disk.cutPowerAt(++cut);
            runScript(log(disk, oracle));
            whole = disk.isOn();
            for (int outcome = 0; outcome < outcomeCount; outcome++) {
                recoverWithCuts(disk.copy(), oracle.copy(), outcome);
            }
        }
    }

    /** Crashes, and cuts the recovery that follows at each of its operations, or has it fail. */
    private void recoverWithCuts(
            final SimulatedDisk disk, final LogOracle oracle, final int outcome) {
        crash(log(disk, oracle), outcome);
        boolean whole = false;
        for (long operation = 1; !whole; operation++) {
            final long at = operation;
            whole =
                    recover(
                            disk,
                            oracle,
                            recovered -> recovered.cutPowerAt(at),
                            random.nextInt(outcomeCount));
            for (int i = 0; i < POWER_CUT_COUNT && outcome == 0; i++) {
                recover(
                        disk,
                        oracle,
                        recovered -> recovered.failAt(at, new IOException("broken")),
                        1);
            }
        }
    }

    /**
     * Recovers a copy, crashes and goes on.
     *
     * @return whether the recovery was not cut.
     */
    private boolean recover(
            final SimulatedDisk disk,
            final LogOracle oracle,
            final Consumer<SimulatedDisk> disturbing,
            final int outcome) {
        final SimulatedDisk recovered = disk.copy();
        disturbing.accept(recovered);
        final DrivenLog log = log(recovered, oracle.copy());
        log.open();
        recoveryCount++;
        final boolean whole = recovered.isOn();
        crash(log, outcome);
        recovered.clearFaults();
        goOn(log);
        return whole;
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

    private SimulatedDisk newDisk() throws IOException {
        final SimulatedDisk disk = new SimulatedDisk();
        disk.logIds(random::nextLong);
        disk.junk(true);
        disk.createDirectory(DIRECTORY.getParent());
        disk.forceDirectory(Path.of("/"));
        return disk;
    }
}
