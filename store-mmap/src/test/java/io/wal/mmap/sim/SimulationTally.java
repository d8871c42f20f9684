package io.wal.mmap.sim;

import io.wal.metrics.LogCounter;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * In how many rounds of simulations what happened, to see that they are worth their time. Hooked
 * into a disk, it sees all that the disk is asked for.
 */
final class SimulationTally implements DiskHook {
    /** What makes a round worth its time. */
    private enum Event {
        ROLL,
        RECYCLING,
        RELEASE,
        CHECKPOINT
    }

    private final Map<Event, Integer> counts = new EnumMap<>(Event.class);
    private final Map<Event, Integer> ordinaryCounts = new EnumMap<>(Event.class);
    private int roundCount;
    private int ordinaryCount;
    private int crashCount;
    private int openingCount;

    private LogOracle oracle;
    private boolean brief;
    private boolean recycled;
    private boolean released;
    private long rollsBefore;
    private long checkpointsBefore;

    @Override
    public void before(final DiskOperation operation, final Path path) {
        openingCount += operation == DiskOperation.LOCK ? 1 : 0;
        if (operation == DiskOperation.RENAME || operation == DiskOperation.DELETE) {
            released |= LogImage.isSegment(path);
            recycled |=
                    operation == DiskOperation.RENAME
                            && path.getFileName().toString().startsWith("spare-");
        }
    }

    /**
     * A round begins.
     *
     * @param watching knows the log.
     * @param briefRound whether the round may end before anything happens.
     */
    void begin(final LogOracle watching, final boolean briefRound) {
        oracle = watching;
        brief = briefRound;
        recycled = false;
        released = false;
        rollsBefore = oracle.meter().value(LogCounter.ROLLS);
        checkpointsBefore = oracle.finalizedCount();
    }

    /** Whether everything has happened in this round. */
    boolean hasAll() {
        for (final Event event : Event.values()) {
            if (!has(event)) {
                return false;
            }
        }
        return true;
    }

    void end(final boolean crashed) {
        roundCount++;
        ordinaryCount += brief ? 0 : 1;
        crashCount += crashed ? 1 : 0;
        for (final Event event : Event.values()) {
            if (has(event)) {
                counts.merge(event, 1, Integer::sum);
                if (!brief) {
                    ordinaryCounts.merge(event, 1, Integer::sum);
                }
            }
        }
    }

    /** The part of all rounds in which the rarest event happened, in percent. */
    int leastPercent() {
        return leastPercent(counts, roundCount);
    }

    /** The part of the rounds that are not brief in which the rarest event happened, in percent. */
    int leastOrdinaryPercent() {
        return leastPercent(ordinaryCounts, ordinaryCount);
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder(200);
        text.append(roundCount).append(" rounds, ").append(percent(crashCount, roundCount));
        text.append(" % of them crashed, ").append(openingCount).append(" openings");
        for (final Event event : Event.values()) {
            text.append(", with a ").append(event.name().toLowerCase(Locale.ROOT)).append(' ');
            text.append(percent(counts.getOrDefault(event, 0), roundCount)).append(" % (");
            text.append(percent(ordinaryCounts.getOrDefault(event, 0), ordinaryCount));
            text.append(" % of the ordinary ones)");
        }
        return text.toString();
    }

    private boolean has(final Event event) {
        return switch (event) {
            case ROLL -> oracle.meter().value(LogCounter.ROLLS) > rollsBefore;
            case RECYCLING -> recycled;
            case RELEASE -> released;
            case CHECKPOINT -> oracle.finalizedCount() > checkpointsBefore;
        };
    }

    private static int leastPercent(final Map<Event, Integer> counts, final int total) {
        int least = 100;
        for (final Event event : Event.values()) {
            least = Math.min(least, percent(counts.getOrDefault(event, 0), total));
        }
        return least;
    }

    private static int percent(final int count, final int total) {
        return total == 0 ? 0 : (int) (100L * count / total);
    }
}
