package io.wal.jmh.report;

import io.wal.jmh.journal.JournalDescriptor;
import io.wal.jmh.load.Result;
import io.wal.jmh.load.Result.Metric;
import io.wal.jmh.load.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Results as comma-separated values, for other programs. A value that is not known is an empty
 * field; no field holds a comma or a quote.
 */
public final class Csv {
    static final String WORKLOAD = "workload";
    static final String KIND = "kind";
    static final String PRODUCERS = "producers";
    static final String PAYLOAD = "payload_bytes";
    static final String JOURNAL = "journal";
    static final String JOURNAL_KIND = "journal_kind";
    private static final String ROUNDS = "rounds";
    private static final String ROUND = "round";
    private static final String FLOOR = "floor";
    private static final String FORCE_MODE = "force_mode";

    private static final List<Metric> RATIO_METRICS =
            List.of(
                    Metric.ENTRIES_PER_S,
                    Metric.P50_US,
                    Metric.P99_US,
                    Metric.P99_99_US,
                    Metric.MAX_US,
                    Metric.CPU_S_PER_MILLION);

    private Csv() {}

    /**
     * Writes medians and ratios, one line for each journal under each workload.
     *
     * @param results to write.
     * @param file to write to.
     * @throws IOException when it cannot be written.
     */
    public static void writeMedians(final Results results, final Path file) throws IOException {
        final List<Map<String, String>> rows = new ArrayList<>();
        for (final Workload workload : results.workloads()) {
            for (final JournalDescriptor journal : results.journals(workload)) {
                final Map<String, String> row = head(workload, journal);
                row.put(ROUNDS, String.valueOf(results.rounds(workload, journal).size()));
                for (final Metric metric : Metric.values()) {
                    row.put(metric.label(), number(results.median(workload, journal, metric)));
                }
                for (final Metric metric : RATIO_METRICS) {
                    row.put(
                            metric.label() + "_to_floor",
                            number(results.toFloor(workload, journal, metric)));
                    row.put(
                            metric.label() + "_to_best_peer",
                            number(results.toBestPeer(workload, journal, metric)));
                    row.put(
                            metric.label() + "_to_best_peer_of_mode",
                            number(results.toBestPeerOfMode(workload, journal, metric)));
                }
                rows.add(row);
            }
        }
        write(rows, file);
    }

    /**
     * Writes every single run.
     *
     * @param results to write.
     * @param file to write to.
     * @throws IOException when it cannot be written.
     */
    public static void writeRounds(final Results results, final Path file) throws IOException {
        final List<Map<String, String>> rows = new ArrayList<>();
        for (final Workload workload : results.workloads()) {
            for (final JournalDescriptor journal : results.journals(workload)) {
                int round = 0;
                for (final Result result : results.rounds(workload, journal)) {
                    final Map<String, String> row = head(workload, journal);
                    row.put(ROUND, String.valueOf(++round));
                    for (final Metric metric : Metric.values()) {
                        row.put(metric.label(), number(result.get(metric)));
                    }
                    rows.add(row);
                }
            }
        }
        write(rows, file);
    }

    /**
     * Reads a file written here.
     *
     * @param file to read.
     * @return its lines, each by name of column.
     * @throws IOException when it cannot be read.
     */
    public static List<Map<String, String>> read(final Path file) throws IOException {
        final List<String> lines = Files.readAllLines(file);
        if (lines.isEmpty()) {
            return List.of();
        }
        final String[] columns = lines.get(0).split(",", -1);
        final List<Map<String, String>> rows = new ArrayList<>();
        for (final String line : lines.subList(1, lines.size())) {
            final String[] fields = line.split(",", -1);
            final Map<String, String> row = new LinkedHashMap<>();
            for (int i = 0; i < columns.length; i++) {
                row.put(columns[i], fields[i]);
            }
            rows.add(row);
        }
        return rows;
    }

    private static Map<String, String> head(
            final Workload workload, final JournalDescriptor journal) {
        final Map<String, String> row = new LinkedHashMap<>();
        row.put(WORKLOAD, workload.name());
        row.put(KIND, workload.kind().name().toLowerCase(Locale.ROOT));
        row.put(PRODUCERS, String.valueOf(workload.producers()));
        row.put(PAYLOAD, String.valueOf(workload.payloadLength()));
        row.put(JOURNAL, journal.name());
        row.put(JOURNAL_KIND, journal.kind().name().toLowerCase(Locale.ROOT));
        row.put(FLOOR, journal.floor());
        row.put(FORCE_MODE, journal.forceMode().replace(',', ';'));
        return row;
    }

    private static String number(final double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.6g", value) : "";
    }

    private static void write(final List<Map<String, String>> rows, final Path file)
            throws IOException {
        final StringBuilder text = new StringBuilder();
        if (!rows.isEmpty()) {
            text.append(String.join(",", rows.get(0).keySet())).append('\n');
        }
        for (final Map<String, String> row : rows) {
            text.append(String.join(",", row.values())).append('\n');
        }
        Files.writeString(file, text);
    }
}
