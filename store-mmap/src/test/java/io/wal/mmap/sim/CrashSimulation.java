package io.wal.mmap.sim;

import io.wal.Durability;
import io.wal.mmap.Disk;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.mmap.WriteMode;
import io.wal.record.RecordKind;
import io.wal.store.StoreLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;

/**
 * One log on one disk, crashed and recovered again and again, all of it determined by a seed: what
 * is appended, how, when and where the power goes off or the process dies, what fails, and when the
 * space runs out.
 */
final class CrashSimulation {
    static final Path DIRECTORY = Path.of("/db/log");
    static final int ROUNDS_PER_SEED = 25;
    private static final Path ROOT = Path.of("/");
    private static final long NEVER_NS = 1L << 61;
    private static final int PAGE_LENGTH = CachedFile.PAGE_LENGTH;

    private final SplittableRandom random;
    private final SimulatedDisk disk = new SimulatedDisk();
    private final LogOracle oracle = new LogOracle();
    private final DrivenLog log;
    private final MmapStoreContext context;
    private final int forcedPercent;
    private final SimulationTally tally;
    private int round;

    private CrashSimulation(
            final long seed, final UnaryOperator<Disk> seam, final SimulationTally tally) {
        this.tally = tally;
        random = new SplittableRandom(seed);
        disk.junk(random.nextBoolean());
        disk.revertByFailedForce(random.nextInt(8) == 0);
        try {
            disk.createDirectory(DIRECTORY.getParent());
            disk.forceDirectory(ROOT);
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
        context =
                new MmapStoreContext()
                        .directory(DIRECTORY)
                        .disk(seam.apply(disk))
                        .segmentLength((2 + random.nextInt(3)) * PAGE_LENGTH)
                        .zeroingLength((1 + random.nextInt(2)) * PAGE_LENGTH)
                        .maxSpareSegments(random.nextInt(4))
                        .writeMode(random.nextInt(3) == 0 ? WriteMode.DIRECT : WriteMode.MAPPED)
                        .backgroundThread(false);
        final StoreLimits limits =
                new StoreLimits(
                        random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(4096),
                        random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(8),
                        0,
                        random.nextBoolean() ? 1 : NEVER_NS);
        forcedPercent = random.nextInt(4) == 0 ? random.nextInt(100) : 100;
        log = new DrivenLog(disk, oracle, () -> new MmapLogStore(context), limits);
    }

    /**
     * Runs a simulation.
     *
     * @param seed that determines everything.
     * @param roundCount how often to crash and recover.
     * @param seam what the store gets in place of the simulated disk: itself, or what is to be
     *     shown to be wrong.
     * @param tally counts what happens.
     * @throws AssertionError when a promise is broken.
     */
    static void run(
            final long seed,
            final int roundCount,
            final UnaryOperator<Disk> seam,
            final SimulationTally tally) {
        final CrashSimulation simulation = new CrashSimulation(seed, seam, tally);
        try {
            for (simulation.round = 1; simulation.round <= roundCount; simulation.round++) {
                simulation.round();
            }
        } catch (final Throwable t) {
            throw new AssertionError(
                    "-Dwal.sim.seed=" + seed + ", round " + simulation.round + ": " + t, t);
        }
    }

    private void round() {
        disk.hook(tally::saw);
        tally.begin(oracle);
        plan();
        while (!log.open()) { // an answer of the disk; nothing is held, and it can be tried again
            if (random.nextBoolean()) {
                clearFaults();
                disk.hook(tally::saw);
            }
        }
        for (int step = random.nextInt(24); step > 0 && log.isOpen(); step--) {
            step();
        }
        tally.end(oracle, end());
        if (random.nextInt(3) > 0) {
            clearFaults();
        }
    }

    /** Chooses what is to go wrong. */
    private void plan() {
        if (random.nextInt(3) == 0) {
            disk.cutPowerAt(1 + random.nextInt(1 << random.nextInt(8)));
        }
        if (random.nextInt(4) == 0) {
            final DiskOperation[] operations = DiskOperation.values();
            final DiskOperation operation =
                    random.nextBoolean()
                            ? DiskOperation.FORCE_MAPPING
                            : operations[random.nextInt(operations.length)];
            disk.fail(
                    operation,
                    1 + random.nextInt(1 << random.nextInt(5)),
                    new IOException("Input/output error"));
        }
        if (random.nextInt(8) == 0) {
            disk.capacity(disk.usedLength() + random.nextInt(6 * PAGE_LENGTH));
        }
    }

    private void clearFaults() {
        disk.clearFaults();
        disk.capacity(Long.MAX_VALUE);
    }

    private void step() {
        switch (random.nextInt(10)) {
            case 0 -> log.onTimeout();
            case 1 -> log.flush();
            case 2 -> read();
            case 3, 4 -> checkpoint();
            default -> appendBatch();
        }
        if (random.nextInt(4) == 0 && disk.isOn()) {
            disk.observe();
        }
    }

    private void appendBatch() {
        final int count = 1 + random.nextInt(1 << random.nextInt(4));
        for (int i = 1; i <= count && log.isOpen(); i++) {
            final RecordKind kind =
                    random.nextInt(16) == 0
                            ? RecordKind.VOID
                            : log.hasCheckpoint() && random.nextBoolean()
                                    ? RecordKind.CHECKPOINT
                                    : RecordKind.DATA;
            final Durability durability =
                    random.nextInt(100) < forcedPercent ? Durability.FORCED : Durability.WRITTEN;
            log.append(kind, payloadLength(), durability, i == count);
            if (random.nextInt(4) == 0 && disk.isOn()) {
                disk.observe();
            }
        }
    }

    private int payloadLength() {
        return switch (random.nextInt(8)) {
            case 0 -> random.nextInt(8);
            case 1 -> random.nextInt(1 + log.maxPayloadLength());
            case 2 -> log.maxPayloadLength() - random.nextInt(64);
            case 3, 4 -> random.nextInt(1024);
            default -> random.nextInt(128);
        };
    }

    private void checkpoint() {
        if (log.isFinalizing()) {
            log.onTimeout();
        } else if (!log.hasCheckpoint()) {
            log.startCheckpoint();
        } else if (random.nextInt(8) == 0) {
            log.discardCheckpoint();
        } else {
            log.requestFinalize();
            if (random.nextBoolean()) {
                log.onTimeout();
            }
        }
    }

    private void read() {
        final long first = oracle.firstLsn();
        log.read(first + random.nextLong(oracle.lastLsn() - first + 2));
    }

    /** Returns whether it ended with a crash. */
    private boolean end() {
        if (log.isOpen() ? random.nextInt(3) == 0 : disk.isOn() && random.nextBoolean()) {
            log.close();
            if (disk.isOn() && random.nextBoolean()) {
                return false; // the next round goes on in the same process
            }
        }
        if (random.nextInt(5) < 2) {
            log.processCrash();
        } else {
            log.powerCut(random);
        }
        return true;
    }
}
