package io.wal.mmap.sim;

import io.wal.metrics.LogCounter;
import java.nio.file.Path;

/** In how many rounds of simulations what happened, to see that they are worth their time. */
final class SimulationTally {
    private int roundCount;
    private int rollCount;
    private int recycleCount;
    private int releaseCount;
    private int checkpointCount;
    private int crashCount;

    private boolean recycled;
    private boolean released;
    private long rollsBefore;
    private long checkpointsBefore;

    /** Sees all that the disk is asked for. */
    void saw(final DiskOperation operation, final Path path) {
        if (operation == DiskOperation.RENAME || operation == DiskOperation.DELETE) {
            released |= LogImage.isSegment(path);
            recycled |=
                    operation == DiskOperation.RENAME
                            && path.getFileName().toString().startsWith("spare-");
        }
    }

    void begin(final LogOracle oracle) {
        recycled = false;
        released = false;
        rollsBefore = oracle.meter().value(LogCounter.ROLLS);
        checkpointsBefore = oracle.finalizedCount();
    }

    void end(final LogOracle oracle, final boolean crashed) {
        roundCount++;
        rollCount += oracle.meter().value(LogCounter.ROLLS) > rollsBefore ? 1 : 0;
        checkpointCount += oracle.finalizedCount() > checkpointsBefore ? 1 : 0;
        recycleCount += recycled ? 1 : 0;
        releaseCount += released ? 1 : 0;
        crashCount += crashed ? 1 : 0;
    }

    /** The part of the rounds with a roll, or with any other of these, in percent: the least. */
    int leastPercent() {
        return percent(
                Math.min(
                        Math.min(rollCount, recycleCount),
                        Math.min(releaseCount, checkpointCount)));
    }

    @Override
    public String toString() {
        return roundCount
                + " rounds; of them with a roll "
                + percent(rollCount)
                + " %, a recycled segment "
                + percent(recycleCount)
                + " %, a released one "
                + percent(releaseCount)
                + " %, a checkpoint "
                + percent(checkpointCount)
                + " %, a crash "
                + percent(crashCount)
                + " %";
    }

    private int percent(final int count) {
        return roundCount == 0 ? 0 : (int) (100L * count / roundCount);
    }
}
