package io.wal.jmh.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Draws throughput and 99th percentile against the number of blocking producers, from the CSV of
 * medians, as SVG.
 */
public final class SvgPlot {
    private static final int WIDTH = 1100;
    private static final int HEIGHT = 440;
    private static final int PANEL_WIDTH = 380;
    private static final int PANEL_HEIGHT = 330;
    private static final int TOP = 50;
    private static final int FIRST_LEFT = 70;
    private static final int SECOND_LEFT = 530;
    private static final int LEGEND_LEFT = 930;
    private static final int LEGEND_STEP = 20;
    private static final List<String> COLOURS =
            List.of(
                    "#4e79a7", "#f28e2b", "#76b7b2", "#59a14f", "#edc948", "#b07aa1", "#ff9da7",
                    "#9c755f", "#bab0ac", "#1b6ca8", "#8cd17d", "#499894");
    private static final String OURS_COLOUR = "#d62728";
    private static final String OURS_STYLE = "stroke-width=\"3\"";
    private static final String FLOOR_COLOUR = "#333333";

    private final StringBuilder svg = new StringBuilder();
    private final Map<String, Line> lines = new LinkedHashMap<>();

    /** One journal: values by number of producers. */
    private record Line(
            String colour,
            String style,
            NavigableMap<Integer, Double> throughput,
            NavigableMap<Integer, Double> p99) {}

    /** A scale of the y axis. */
    private record Scale(double least, double most, boolean logarithmic) {
        double place(final double value) {
            final double part =
                    logarithmic
                            ? Math.log(value / least) / Math.log(most / least)
                            : (value - least) / (most - least);
            return TOP + PANEL_HEIGHT * (1 - part);
        }
    }

    private SvgPlot(final List<Map<String, String>> rows) {
        int colour = 0;
        int dash = 0;
        for (final Map<String, String> row : rows) {
            final String kind = row.get(Csv.KIND);
            if (!kind.equals("lone") && !kind.equals("blocking")) {
                continue;
            }
            final String journal = row.get(Csv.JOURNAL);
            if (!lines.containsKey(journal)) {
                lines.put(
                        journal,
                        switch (row.get(Csv.JOURNAL_KIND)) {
                            case "ours" -> line(OURS_COLOUR, OURS_STYLE);
                            case "floor" ->
                                    line(
                                            FLOOR_COLOUR,
                                            "stroke-dasharray=\"" + (2 + 3 * dash++) + " 3\"");
                            default -> line(COLOURS.get(colour++ % COLOURS.size()), "");
                        });
            }
            final int producers = Integer.parseInt(row.get(Csv.PRODUCERS));
            put(lines.get(journal).throughput, producers, row.get("entries_per_s"));
            put(lines.get(journal).p99, producers, row.get("p99_us"));
        }
    }

    /**
     * Draws.
     *
     * @param args the CSV of medians, and the SVG to write.
     * @throws IOException when either cannot be read or written.
     */
    public static void main(final String[] args) throws IOException {
        draw(Path.of(args[0]), Path.of(args[1]));
    }

    /**
     * Draws.
     *
     * @param csv of medians.
     * @param file to write.
     * @return false when the CSV holds nothing to draw; then nothing is written.
     * @throws IOException when either cannot be read or written.
     */
    public static boolean draw(final Path csv, final Path file) throws IOException {
        final SvgPlot plot = new SvgPlot(Csv.read(csv));
        if (plot.lines.isEmpty()) {
            return false;
        }
        Files.writeString(file, plot.draw());
        return true;
    }

    private static Line line(final String colour, final String style) {
        return new Line(colour, style, new TreeMap<>(), new TreeMap<>());
    }

    private static void put(
            final Map<Integer, Double> values, final int producers, final String number) {
        final double value = number.isEmpty() ? 0 : Double.parseDouble(number);
        if (value > 0) { // the axis of the latency is logarithmic
            values.put(producers, value);
        }
    }

    private String draw() {
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\""
                                + " font-family=\"sans-serif\" font-size=\"12\">%n",
                        WIDTH,
                        HEIGHT));
        svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        panel(FIRST_LEFT, "entries per second", true);
        panel(SECOND_LEFT, "99th percentile, µs", false);
        legend();
        return svg.append("</svg>\n").toString();
    }

    private void panel(final int left, final String title, final boolean isThroughput) {
        final List<NavigableMap<Integer, Double>> all =
                lines.values().stream()
                        .map(line -> isThroughput ? line.throughput : line.p99)
                        .filter(values -> !values.isEmpty())
                        .toList();
        if (all.isEmpty()) {
            return;
        }
        final double most =
                all.stream().flatMap(v -> v.values().stream()).mapToDouble(d -> d).max().orElse(1);
        final double least =
                all.stream().flatMap(v -> v.values().stream()).mapToDouble(d -> d).min().orElse(1);
        final int mostProducers = all.stream().mapToInt(NavigableMap::lastKey).max().orElseThrow();
        final Scale scale =
                isThroughput
                        ? new Scale(0, most * 1.05, false)
                        : new Scale(
                                Math.pow(10, Math.floor(Math.log10(least))),
                                Math.pow(10, Math.ceil(Math.log10(most * 1.01))),
                                true);
        text(left + PANEL_WIDTH / 2, TOP - 20, "middle", title + ", by blocking producers");
        grid(left, scale, mostProducers);
        for (final Line line : lines.values()) {
            curve(left, scale, mostProducers, line, isThroughput ? line.throughput : line.p99);
        }
    }

    private void grid(final int left, final Scale scale, final int mostProducers) {
        if (scale.logarithmic) {
            for (double value = scale.least; value <= scale.most * 1.001; value *= 10) {
                horizontal(left, scale.place(value), MarkdownTable.number(value));
            }
        } else {
            for (int i = 0; i <= 5; i++) {
                final double value = scale.most * i / 5;
                horizontal(left, scale.place(value), MarkdownTable.number(value));
            }
        }
        for (int producers = 1; producers <= mostProducers; producers *= 2) {
            text(
                    x(left, producers, mostProducers),
                    TOP + PANEL_HEIGHT + 18,
                    "middle",
                    String.valueOf(producers));
        }
    }

    private void horizontal(final int left, final double y, final String label) {
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>%n",
                        left,
                        y,
                        left + PANEL_WIDTH,
                        y));
        text(left - 6, y + 4, "end", label);
    }

    private void curve(
            final int left,
            final Scale scale,
            final int mostProducers,
            final Line line,
            final NavigableMap<Integer, Double> values) {
        final StringBuilder points = new StringBuilder();
        values.forEach(
                (producers, value) ->
                        points.append(
                                String.format(
                                        Locale.ROOT,
                                        "%.1f,%.1f ",
                                        x(left, producers, mostProducers),
                                        scale.place(value))));
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<polyline fill=\"none\" stroke=\"%s\" %s points=\"%s\"/>%n",
                        line.colour,
                        line.style,
                        points.toString().strip()));
        values.forEach(
                (producers, value) ->
                        svg.append(
                                String.format(
                                        Locale.ROOT,
                                        "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\""
                                                + " fill=\"%s\"/>%n",
                                        x(left, producers, mostProducers),
                                        scale.place(value),
                                        line.colour)));
    }

    private void legend() {
        int y = TOP + 10;
        for (final Map.Entry<String, Line> entry : lines.entrySet()) {
            final Line line = Objects.requireNonNull(entry.getValue());
            svg.append(
                    String.format(
                            Locale.ROOT,
                            "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"%s\" %s/>%n",
                            LEGEND_LEFT,
                            y - 4,
                            LEGEND_LEFT + 25,
                            y - 4,
                            line.colour,
                            line.style));
            text(LEGEND_LEFT + 32, y, "start", entry.getKey());
            y += LEGEND_STEP;
        }
    }

    /** Doubling the producers goes the same way each time. */
    private static double x(final int left, final int producers, final int mostProducers) {
        final double part = mostProducers == 1 ? 0 : Math.log(producers) / Math.log(mostProducers);
        return left + PANEL_WIDTH * part;
    }

    private void text(final double x, final double y, final String anchor, final String words) {
        svg.append(
                String.format(
                        Locale.ROOT,
                        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
                        x,
                        y,
                        anchor,
                        words));
    }
}
