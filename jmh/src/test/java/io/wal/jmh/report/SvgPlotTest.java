package io.wal.jmh.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.jmh.journal.Journals;
import io.wal.jmh.load.Result;
import io.wal.jmh.load.Result.Metric;
import io.wal.jmh.load.Workload;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The plot is drawn from the file of medians, whatever a run gave. */
@Timeout(30)
final class SvgPlotTest {
    private final Results results = new Results();

    @TempDir private Path directory;

    @Test
    void drawsALineForEachJournalThatRan() throws Exception {
        add("lone", Journals.FLOOR_MAPPED, 9_000, 130);
        add("blocking-64", Journals.FLOOR_MAPPED, 90_000, 700);
        add("lone", "wal-mapped", 8_000, 140);

        final String svg = draw();

        assertThat(svg).startsWith("<svg").contains(">floor-mapped<", ">wal-mapped<");
        assertThat(svg.split("<circle", -1)).hasSize(1 + 2 * 3); // two panels, three points
    }

    @Test
    void leavesOutWhatALogarithmCannotPlace() throws Exception {
        add("lone", Journals.FLOOR_MAPPED, 9_000, 130);
        add("lone", "wal-mapped", 8_000, 0);

        assertThat(draw().split("<circle", -1)).hasSize(1 + 2 + 1);
    }

    @Test
    void drawsNothingWithoutProducers() throws Exception {
        add("replay-256", "wal-mapped", 8_000, 0);
        final Path csv = directory.resolve("results.csv");
        Csv.writeMedians(results, csv);

        assertThat(SvgPlot.draw(csv, directory.resolve("plot.svg"))).isFalse();
        assertThat(directory.resolve("plot.svg")).doesNotExist();
    }

    private void add(
            final String workload, final String journal, final double rate, final double p99) {
        results.add(
                Workload.parse(workload),
                Journals.named(journal),
                new Result().put(Metric.ENTRIES_PER_S, rate).put(Metric.P99_US, p99));
    }

    private String draw() throws Exception {
        final Path csv = directory.resolve("results.csv");
        Csv.writeMedians(results, csv);
        final Path svg = directory.resolve("plot.svg");
        assertThat(SvgPlot.draw(csv, svg)).isTrue();
        return Files.readString(svg);
    }
}
