package io.wal.jmh.etcd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What was measured, round by round, and its medians as a table. */
final class Rounds {
    private final Map<String, Row> rows = new LinkedHashMap<>();

    /**
     * What the rows are.
     *
     * @param unit of the values.
     * @param target in words; empty for none.
     */
    private record Row(String unit, String target, List<Double> values) {}

    /** Takes a value of a round. */
    void add(final String name, final String unit, final String target, final double value) {
        rows.computeIfAbsent(name, n -> new Row(unit, target, new ArrayList<>()))
                .values()
                .add(value);
        System.err.printf(Locale.ROOT, "etcd: %s: %s %s%n", name, text(value), unit);
    }

    double median(final String name) {
        return median(rows.get(name).values());
    }

    String table() {
        final StringBuilder table =
                new StringBuilder(
                        "| measured | median | lowest to highest | rounds | target |\n"
                                + "|---|---|---|---|---|\n");
        rows.forEach(
                (name, row) -> {
                    final List<Double> sorted = row.values().stream().sorted().toList();
                    table.append("| ")
                            .append(name)
                            .append(" | ")
                            .append(text(median(sorted)))
                            .append(row.unit().isEmpty() ? "" : " " + row.unit())
                            .append(" | ")
                            .append(text(sorted.get(0)))
                            .append(" to ")
                            .append(text(sorted.get(sorted.size() - 1)))
                            .append(" | ")
                            .append(sorted.size())
                            .append(" | ")
                            .append(row.target())
                            .append(" |\n");
                });
        return table.toString();
    }

    static double median(final List<Double> values) {
        final List<Double> sorted = values.stream().sorted().toList();
        final int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private static String text(final double value) {
        return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%,.0f", value);
    }
}
