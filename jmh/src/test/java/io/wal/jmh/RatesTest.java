package io.wal.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.jmh.journal.JournalDescriptor;
import io.wal.jmh.journal.Journals;
import io.wal.jmh.load.Result;
import io.wal.jmh.load.Result.Metric;
import io.wal.jmh.load.Workload;
import io.wal.jmh.report.Results;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RatesTest {
    private static final Workload OPEN_LOOP = Workload.parse("openloop-1x256");
    private static final Workload PIPELINED = Workload.parse("pipelined-1x256");

    private final JournalDescriptor ours = Journals.named("wal-direct");
    private final JournalDescriptor floor = Journals.named(ours.floor());
    private final Results results = new Results();
    private final List<JournalDescriptor> measured = new ArrayList<>();
    private final Rates rates =
            new Rates(
                    List.of(floor, ours),
                    results,
                    (journal, workload) -> {
                        assertThat(workload).isEqualTo(PIPELINED);
                        measured.add(journal);
                        return result(Map.of(floor, 5e6, ours, 4e6).get(journal));
                    });

    @Test
    void bothOfAModeGetHalfOfWhatTheSlowerOneCan() throws Exception {
        assertThat(rates.of(ours, OPEN_LOOP)).isEqualTo(2e6);
        assertThat(rates.of(floor, OPEN_LOOP)).isEqualTo(2e6);
        assertThat(measured).as("once each").containsExactlyInAnyOrder(ours, floor);
    }

    @Test
    void whatIsMeasuredForARateIsNoRowOfTheTable() throws Exception {
        rates.of(ours, OPEN_LOOP);

        assertThat(results.workloads()).isEmpty();
    }

    @Test
    void rowsOfTheTableAreNotMeasuredAgain() throws Exception {
        results.add(PIPELINED, ours, result(3e6));
        results.add(PIPELINED, floor, result(3.5e6));

        assertThat(rates.of(floor, OPEN_LOOP)).isEqualTo(1.5e6);
        assertThat(measured).isEmpty();
    }

    private static Result result(final double entriesPerS) {
        return new Result().put(Metric.ENTRIES_PER_S, entriesPerS);
    }
}
