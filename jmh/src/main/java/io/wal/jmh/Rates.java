package io.wal.jmh;

import io.wal.jmh.journal.JournalDescriptor;
import io.wal.jmh.journal.JournalDescriptor.Kind;
import io.wal.jmh.load.Result;
import io.wal.jmh.load.Result.Metric;
import io.wal.jmh.load.Workload;
import io.wal.jmh.report.Results;
import java.io.IOException;
import java.util.List;

/**
 * The rate of a constant load: half of what can be done. Our log and the floor that writes the same
 * way get the same rate, half of the slower one's capacity, since their latencies are compared; a
 * peer gets half of its own capacity, or that rate where it could do more.
 */
final class Rates {
    private static final double SHARE = 0.5;

    private final List<JournalDescriptor> journals;
    private final Results results;
    private final Capacity capacity;
    private final Results capacities = new Results(); // apart: they may have run for less long

    /** Measures what a journal can do. */
    @FunctionalInterface
    interface Capacity {
        Result measure(JournalDescriptor journal, Workload workload)
                throws IOException, InterruptedException, ChildRun.FailedException;
    }

    Rates(final List<JournalDescriptor> journals, final Results results, final Capacity capacity) {
        this.journals = journals;
        this.results = results;
        this.capacity = capacity;
    }

    double of(final JournalDescriptor journal, final Workload openLoop)
            throws IOException, InterruptedException, ChildRun.FailedException {
        double rate = SHARE * capacity(journal, openLoop);
        for (final JournalDescriptor other : journals) {
            final boolean sameMode = other.floor().equals(journal.floor());
            if (sameMode && other.kind() != Kind.PEER) {
                rate = Math.min(rate, SHARE * capacity(other, openLoop));
            }
        }
        return rate;
    }

    private double capacity(final JournalDescriptor journal, final Workload openLoop)
            throws IOException, InterruptedException, ChildRun.FailedException {
        final Workload workload =
                Workload.parse(
                        "pipelined-" + openLoop.producers() + "x" + openLoop.payloadLength());
        if (!results.rounds(workload, journal).isEmpty()) {
            return results.median(workload, journal, Metric.ENTRIES_PER_S);
        }
        if (capacities.rounds(workload, journal).isEmpty()) {
            capacities.add(workload, journal, capacity.measure(journal, workload));
        }
        return capacities.median(workload, journal, Metric.ENTRIES_PER_S);
    }
}
