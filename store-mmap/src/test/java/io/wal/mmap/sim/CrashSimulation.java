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
import java.util.Arrays;
import java.util.List;
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
    private static final DiskOperation[] OPERATIONS = DiskOperation.values();

    /** After how many others a round is brief; the next one is then brief as well, or not. */
    private static final int BRIEF_ROUND_INTERVAL = 8;

    private static final int MOST_STEPS = 64;

    private final long seed;
    private final SplittableRandom random;
    private final SimulatedDisk disk = new SimulatedDisk();
    private final LogOracle oracle = new LogOracle();
    private final DrivenLog log;
    private final MmapStoreContext context;
    private final int forcedPercent;

    /** Of most payloads; -1 when there is no such length. */
    private final int usualLength;

    private final DrivenLog.Claim[] claims;
    private final SimulationTally tally;
    private boolean brief;
    private int round;

    private CrashSimulation(
            final long seed, final UnaryOperator<Disk> seam, final SimulationTally tally) {
        this.seed = seed;
        this.tally = tally;
        random = new SplittableRandom(seed);
        disk.logIds(random.split()::nextLong);
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
                        .segmentLength((2 + random.nextInt(1 + random.nextInt(3))) * PAGE_LENGTH)
                        .zeroingLength((1 + random.nextInt(2)) * PAGE_LENGTH)
                        .maxSpareSegments(random.nextInt(16) == 0 ? 0 : 1 + random.nextInt(3))
                        .writeMode(random.nextInt(3) == 0 ? WriteMode.DIRECT : WriteMode.MAPPED)
                        .backgroundThread(false);
        final StoreLimits limits =
                new StoreLimits(
                        random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(4096),
                        random.nextBoolean() ? Integer.MAX_VALUE : 1 + random.nextInt(8),
                        0,
                        random.nextBoolean() ? 1 : NEVER_NS);
        forcedPercent = random.nextInt(4) == 0 ? random.nextInt(100) : 100;
        usualLength = random.nextInt(3) == 0 ? random.nextInt(512) : -1;
        claims = new DrivenLog.Claim[1 + random.nextInt(ProducerProgress.MAX_PRODUCERS)];
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
        new CrashSimulation(seed, seam, tally).run(roundCount);
    }

    private void run(final int roundCount) {
        try {
            for (round = 1; round <= roundCount; round++) {
                round();
            }
        } catch (final Throwable t) {
            throw new AssertionError("-Dwal.sim.seed=" + seed + ", round " + round + ": " + t, t);
        }
    }

    /** What a simulation does to its disk. */
    static List<String> trace(final long seed) {
        final CrashSimulation simulation =
                new CrashSimulation(seed, UnaryOperator.identity(), new SimulationTally());
        final DiskTrace trace = new DiskTrace();
        simulation.disk.trace(trace);
        simulation.run(ROUNDS_PER_SEED);
        return trace.lines();
    }

    /**
     * Most rounds see to it that the log rolls, uses a segment again, finalizes a checkpoint and
     * releases space before anything goes wrong for good. The others are brief, and mostly follow
     * each other: things may go wrong from the opening on, and what one leaves meets the next.
     */
    private void round() {
        brief = random.nextInt(brief ? 2 : BRIEF_ROUND_INTERVAL) == 0;
        final boolean isPlanned = brief && random.nextBoolean();
        disk.hook(tally);
        tally.begin(oracle, brief);
        if (isPlanned) {
            plan();
        } else if (!brief) {
            crashRecoveries();
        }
        open();
        if (!brief) {
            clearFaults();
            disk.hook(tally);
            for (int step = 0; step < MOST_STEPS && !tally.hasAll() && log.isOpen(); step++) {
                step();
            }
        }
        if (!isPlanned) {
            plan();
        }
        for (int step = random.nextInt(16); step > 0 && log.isOpen(); step--) {
            step();
        }
        tally.end(end());
        if (random.nextInt(3) > 0) {
            clearFaults();
        }
    }

    /** Opens the log some times, each of which goes wrong, or is followed by a crash at once. */
    private void crashRecoveries() {
        for (int count = random.nextInt(1 + random.nextInt(4)); count > 0; count--) {
            if (random.nextInt(4) == 0) {
                failSomething();
            }
            if (random.nextBoolean()) {
                disk.cutPowerAt(1 + random.nextInt(1 << random.nextInt(7)));
            }
            log.open();
            crash();
            clearFaults();
            disk.hook(tally);
        }
    }

    /** An answer of the disk may prevent it; nothing is held then, and it can be tried again. */
    private void open() {
        while (!log.open()) {
            if (random.nextBoolean()) {
                clearFaults();
                disk.hook(tally);
            }
        }
        Arrays.fill(claims, null);
    }

    /** Chooses what is to go wrong. */
    private void plan() {
        if (random.nextInt(3) == 0) {
            disk.cutPowerAt(1 + random.nextInt(1 << random.nextInt(7)));
        }
        if (random.nextInt(3) == 0) {
            failSomething();
        }
        if (random.nextInt(8) == 0) {
            disk.capacity(disk.usedLength() + random.nextInt(6 * PAGE_LENGTH));
        }
    }

    private void failSomething() {
        final DiskOperation operation =
                random.nextBoolean()
                        ? DiskOperation.FORCE_MAPPING
                        : OPERATIONS[random.nextInt(OPERATIONS.length)];
        disk.fail(
                operation,
                1 + random.nextInt(1 << random.nextInt(5)),
                new IOException("Input/output error"));
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
            case 3, 4, 5 -> checkpoint();
            default -> appendBatch();
        }
        observe();
    }

    /** Stores through a mapping are seen now and then, whatever the store does. */
    private void observe() {
        if (random.nextInt(4) == 0 && disk.isOn()) {
            disk.observe();
        }
    }

    /** Producers take turns, and the store gets what they have published by then. */
    private void appendBatch() {
        for (int count = 1 + random.nextInt(1 << random.nextInt(4)); count > 0; count--) {
            if (!log.isFull()) {
                takeTurn(random.nextInt(claims.length));
            }
        }
        while (log.handleNext()) {
            observe();
        }
    }

    /** A producer ends what it has claimed; else it claims, and mostly publishes at once. */
    private void takeTurn(final int producer) {
        final DrivenLog.Claim held = claims[producer];
        claims[producer] = held == null ? claim(producer) : held;
        if (held != null || random.nextInt(4) > 0) {
            if (random.nextInt(16) == 0) {
                claims[producer].abort();
            } else {
                claims[producer].publish();
            }
            claims[producer] = null;
        }
    }

    private DrivenLog.Claim claim(final int producer) {
        return log.claim(
                producer,
                log.hasCheckpoint() && random.nextBoolean()
                        ? RecordKind.CHECKPOINT
                        : RecordKind.DATA,
                payloadLength(),
                random.nextInt(100) < forcedPercent ? Durability.FORCED : Durability.WRITTEN);
    }

    private int payloadLength() {
        if (usualLength >= 0 && random.nextInt(8) > 0) {
            return usualLength;
        }
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
        crash();
        return true;
    }

    private void crash() {
        if (random.nextInt(5) < 2) {
            log.processCrash();
        } else {
            log.powerCut(random);
        }
    }
}
