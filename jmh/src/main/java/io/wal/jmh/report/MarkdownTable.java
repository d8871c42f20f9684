package io.wal.jmh.report;

import io.wal.jmh.journal.JournalDescriptor;
import io.wal.jmh.journal.JournalDescriptor.Kind;
import io.wal.jmh.load.Result.Metric;
import io.wal.jmh.load.Workload;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Results as a table to read: one block of lines for each workload. */
public final class MarkdownTable {
    private static final double THOUSAND = 1e3;
    private static final double MILLION = 1e6;

    private static final List<String> HEADINGS =
            List.of(
                    "workload",
                    "journal",
                    "entries/s",
                    "p50 µs",
                    "p99 µs",
                    "p99.99 µs",
                    "max µs",
                    "CPU s/M",
                    "alloc B",
                    "device B/B",
                    "flushes/s",
                    "entries/flush",
                    "to floor",
                    "to best peer",
                    "to best of mode");

    private MarkdownTable() {}

    /**
     * The table.
     *
     * @param results to show.
     * @return lines of text, each ended. The three last columns are ratios: of entries a second,
     *     or, where latency is what the workload is about, of the median and the 99th percentile.
     */
    public static String of(final Results results) {
        final List<List<String>> lines = new ArrayList<>();
        lines.add(HEADINGS);
        for (final Workload workload : results.workloads()) {
            for (final JournalDescriptor journal : results.journals(workload)) {
                lines.add(line(results, workload, journal));
            }
        }
        return format(lines);
    }

    private static List<String> line(
            final Results results, final Workload workload, final JournalDescriptor journal) {
        final List<String> cells = new ArrayList<>();
        cells.add(workload.name());
        cells.add(journal.kind() == Kind.OURS ? "**" + journal.name() + "**" : journal.name());
        for (final Metric metric :
                List.of(
                        Metric.ENTRIES_PER_S,
                        Metric.P50_US,
                        Metric.P99_US,
                        Metric.P99_99_US,
                        Metric.MAX_US,
                        Metric.CPU_S_PER_MILLION,
                        Metric.ALLOCATED_B_PER_ENTRY,
                        Metric.DEVICE_B_PER_FRAMED_B,
                        Metric.FLUSHES_PER_S,
                        Metric.ENTRIES_PER_FLUSH)) {
            cells.add(number(results.median(workload, journal, metric)));
        }
        if (workload.isLatency()) {
            cells.add(
                    pair(
                            results.toFloor(workload, journal, Metric.P50_US),
                            results.toFloor(workload, journal, Metric.P99_US)));
            cells.add(
                    pair(
                            results.toBestPeer(workload, journal, Metric.P50_US),
                            results.toBestPeer(workload, journal, Metric.P99_US)));
            cells.add(
                    pair(
                            results.toBestPeerOfMode(workload, journal, Metric.P50_US),
                            results.toBestPeerOfMode(workload, journal, Metric.P99_US)));
        } else {
            cells.add(ratio(results.toFloor(workload, journal, Metric.ENTRIES_PER_S)));
            cells.add(ratio(results.toBestPeer(workload, journal, Metric.ENTRIES_PER_S)));
            cells.add(ratio(results.toBestPeerOfMode(workload, journal, Metric.ENTRIES_PER_S)));
        }
        return cells;
    }

    private static String pair(final double p50, final double p99) {
        return Double.isFinite(p50) ? "p50 " + ratio(p50) + ", p99 " + ratio(p99) : "–";
    }

    private static String ratio(final double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.2f", value) : "–";
    }

    /** Three digits that matter. */
    static String number(final double value) {
        if (!Double.isFinite(value)) {
            return "–";
        }
        if (value >= MILLION) {
            return significant(value / MILLION) + "M";
        }
        return value >= 100 * THOUSAND ? significant(value / THOUSAND) + "k" : significant(value);
    }

    private static String significant(final double value) {
        final String format = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, format, value);
    }

    private static String format(final List<List<String>> lines) {
        final int[] widths = new int[HEADINGS.size()];
        for (final List<String> line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], line.get(i).length());
            }
        }
        final StringBuilder text = new StringBuilder();
        for (int row = 0; row < lines.size(); row++) {
            for (int i = 0; i < widths.length; i++) {
                final String cell = lines.get(row).get(i);
                final String padding = " ".repeat(widths[i] - cell.length());
                text.append("| ").append(i < 2 ? cell + padding : padding + cell).append(' ');
            }
            text.append("|\n");
            if (row == 0) {
                for (int i = 0; i < widths.length; i++) {
                    final String dashes = "-".repeat(widths[i]);
                    text.append('|').append(i < 2 ? "-" + dashes + "-" : "-" + dashes + ":");
                }
                text.append("|\n");
            }
        }
        return text.toString();
    }
}
