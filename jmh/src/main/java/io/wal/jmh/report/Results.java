package io.wal.jmh.report;

import io.wal.jmh.journal.JournalDescriptor;
import io.wal.jmh.journal.JournalDescriptor.Kind;
import io.wal.jmh.journal.Journals;
import io.wal.jmh.load.Result;
import io.wal.jmh.load.Result.Metric;
import io.wal.jmh.load.Workload;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The results of all runs so far: one list for each journal under each workload. One thread. */
public final class Results {
    private final Map<Workload, Map<JournalDescriptor, List<Result>>> runs = new LinkedHashMap<>();

    /** Creates results without any. */
    public Results() {}

    /**
     * Adds what one run gave.
     *
     * @param workload that ran.
     * @param journal under it.
     * @param result of it.
     */
    public void add(final Workload workload, final JournalDescriptor journal, final Result result) {
        runs.computeIfAbsent(workload, key -> new LinkedHashMap<>())
                .computeIfAbsent(journal, key -> new ArrayList<>())
                .add(result);
    }

    /**
     * The workloads that ran.
     *
     * @return in the order they ran first.
     */
    public List<Workload> workloads() {
        return List.copyOf(runs.keySet());
    }

    /**
     * The journals that ran under a workload.
     *
     * @param workload that ran.
     * @return floors first, then ours, then peers.
     */
    public List<JournalDescriptor> journals(final Workload workload) {
        return runs.getOrDefault(workload, Map.of()).keySet().stream()
                .sorted((a, b) -> a.kind().compareTo(b.kind()))
                .toList();
    }

    /**
     * The single results of a journal under a workload.
     *
     * @param workload that ran.
     * @param journal under it.
     * @return one for each round; empty when it never ran.
     */
    public List<Result> rounds(final Workload workload, final JournalDescriptor journal) {
        return runs.getOrDefault(workload, Map.of()).getOrDefault(journal, List.of());
    }

    /**
     * The median over all rounds.
     *
     * @param workload that ran.
     * @param journal under it.
     * @param metric to take.
     * @return the median, or NaN when there is no value.
     */
    public double median(
            final Workload workload, final JournalDescriptor journal, final Metric metric) {
        final double[] values =
                rounds(workload, journal).stream()
                        .mapToDouble(result -> result.get(metric))
                        .filter(value -> !Double.isNaN(value))
                        .sorted()
                        .toArray();
        if (values.length == 0) {
            return Double.NaN;
        }
        final int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    /**
     * A journal's median, as a multiple of that of the floor that writes the same way.
     *
     * @param workload that ran.
     * @param journal under it.
     * @param metric to take.
     * @return the ratio, or NaN when either is not known.
     */
    public double toFloor(
            final Workload workload, final JournalDescriptor journal, final Metric metric) {
        final String floor =
                workload.kind() == Workload.Kind.REPLAY ? Journals.FLOOR_SCAN : journal.floor();
        return median(workload, journal, metric)
                / best(workload, metric, other -> other.name().equals(floor));
    }

    /**
     * A journal's median, as a multiple of the best that any peer has.
     *
     * @param workload that ran.
     * @param journal under it; when it is a peer itself it counts too.
     * @param metric to take.
     * @return the ratio, or NaN when either is not known.
     */
    public double toBestPeer(
            final Workload workload, final JournalDescriptor journal, final Metric metric) {
        return median(workload, journal, metric)
                / best(workload, metric, other -> other.kind() == Kind.PEER);
    }

    /**
     * A journal's median, as a multiple of the best of the peers that write the same way.
     *
     * @param workload that ran.
     * @param journal under it; when it is a peer itself it counts too.
     * @param metric to take.
     * @return the ratio, or NaN when either is not known.
     */
    public double toBestPeerOfMode(
            final Workload workload, final JournalDescriptor journal, final Metric metric) {
        return median(workload, journal, metric)
                / best(
                        workload,
                        metric,
                        other ->
                                other.kind() == Kind.PEER && other.floor().equals(journal.floor()));
    }

    private double best(
            final Workload workload,
            final Metric metric,
            final Predicate<JournalDescriptor> condition) {
        final double[] values =
                journals(workload).stream()
                        .filter(condition)
                        .mapToDouble(journal -> median(workload, journal, metric))
                        .filter(value -> !Double.isNaN(value))
                        .toArray();
        return (metric == Metric.ENTRIES_PER_S
                        ? Arrays.stream(values).max()
                        : Arrays.stream(values).min())
                .orElse(Double.NaN);
    }
}
