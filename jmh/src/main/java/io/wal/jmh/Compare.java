package io.wal.jmh;

import io.wal.WaitMode;
import io.wal.jmh.journal.JournalDescriptor;
import io.wal.jmh.journal.JournalDescriptor.Kind;
import io.wal.jmh.journal.Journals;
import io.wal.jmh.load.Result;
import io.wal.jmh.load.Result.Metric;
import io.wal.jmh.load.Workload;
import io.wal.jmh.report.Csv;
import io.wal.jmh.report.DocumentBlock;
import io.wal.jmh.report.MachineFacts;
import io.wal.jmh.report.MarkdownTable;
import io.wal.jmh.report.Results;
import io.wal.jmh.report.SvgPlot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Sets our log beside the floors and the peers: every journal under every load, each run in a fresh
 * JVM, round by round so that all see the same moods of the machine, medians at the end.
 */
@Command(
        name = "compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Compares the log with the medium alone and with other journals.")
public final class Compare implements Callable<Integer> {
    private static final List<String> QUICK_WORKLOADS =
            List.of("lone", "blocking-64", "pipelined-1x256", "pipelined-2x256");
    private static final List<String> FULL_WORKLOADS =
            List.of(
                    "lone",
                    "blocking-2",
                    "blocking-4",
                    "blocking-8",
                    "blocking-16",
                    "blocking-32",
                    "blocking-64",
                    "pipelined-1x256",
                    "pipelined-2x256",
                    "pipelined-1x64",
                    "pipelined-2x64",
                    "pipelined-1x1024",
                    "pipelined-2x1024",
                    "pipelined-1x16384",
                    "pipelined-2x16384",
                    "written-1x64",
                    "openloop-1x256",
                    "replay-256");
    private static final List<String> TARGET_WORKLOADS =
            List.of(
                    "lone",
                    "blocking-8",
                    "blocking-64",
                    "pipelined-1x256",
                    "pipelined-2x256",
                    "pipelined-1x64",
                    "pipelined-1x1024",
                    "pipelined-1x16384",
                    "written-1x64",
                    "openloop-1x256",
                    "replay-256");
    private static final long QUICK_BUDGET_NS = 275_000_000_000L;
    private static final long TARGET_BUDGET_NS = 4_200_000_000_000L;
    private static final double QUICK_WARMUP_S = 0.5;
    private static final double QUICK_MEASURED_S = 0.8;
    private static final double TARGET_WARMUP_S = 3;
    private static final double TARGET_MEASURED_S = 2;
    private static final double FULL_WARMUP_S = 3;
    private static final double FULL_MEASURED_S = 5;
    private static final double CAPACITY_MEASURED_S = 5;
    private static final long QUICK_REPLAY_COUNT = 500_000;
    private static final long TARGET_REPLAY_COUNT = 1_000_000;
    private static final long FULL_REPLAY_COUNT = 4_000_000;
    private static final int QUICK_TIMEOUT_S = 20;
    private static final int TARGET_TIMEOUT_S = 60;
    private static final int FULL_TIMEOUT_S = 300;

    @Option(names = "--quick", description = "few workloads, short runs: less than five minutes")
    private boolean quick;

    @Option(
            names = "--targets",
            description =
                    "the workloads that the log is judged by, short runs: about an hour"
                            + " for three rounds")
    private boolean targets;

    @Option(names = "--list", description = "names the journals and the workloads, and ends")
    private boolean list;

    @Option(
            names = "--journals",
            split = ",",
            description =
                    "those to run (default: all; the floors they are compared with are added)")
    private List<String> journalNames = List.of();

    @Option(names = "--workloads", split = ",", description = "those to run (default: all)")
    private List<String> workloadNames = List.of();

    @Option(names = "--rounds", description = "how often all is run (default: ${DEFAULT-VALUE})")
    private int rounds = 3;

    @Option(names = "--warmup", description = "seconds before each measurement")
    private Double warmupS;

    @Option(names = "--seconds", description = "seconds of each measurement")
    private Double measuredS;

    @Option(names = "--replay-count", description = "entries of the replay workload")
    private Long replayCount;

    @Option(names = "--trim", description = "MiB after which old entries are let go of")
    private long trimMiB = 256;

    @Option(names = "--wait", description = "how our log waits: ${COMPLETION-CANDIDATES}")
    private WaitMode waitMode = WaitMode.PARK;

    @Option(names = "--dir", description = "where the journals are put (default: ${DEFAULT-VALUE})")
    private Path directory = Path.of("jmh", "target", "compare");

    @Option(names = "--out", description = "where the results are put (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("jmh", "target", "results");

    @Option(
            names = "--doc",
            description =
                    "a Markdown file to put the table into, between its two marks; the plot goes"
                            + " beside it")
    private Path document;

    /** How much is run when nothing else is asked for. */
    private enum Size {
        QUICK(
                QUICK_WORKLOADS,
                QUICK_BUDGET_NS,
                QUICK_WARMUP_S,
                QUICK_MEASURED_S,
                QUICK_REPLAY_COUNT,
                QUICK_TIMEOUT_S),
        TARGETS(
                TARGET_WORKLOADS,
                TARGET_BUDGET_NS,
                TARGET_WARMUP_S,
                TARGET_MEASURED_S,
                TARGET_REPLAY_COUNT,
                TARGET_TIMEOUT_S),
        FULL(
                FULL_WORKLOADS,
                Long.MAX_VALUE / 2,
                FULL_WARMUP_S,
                FULL_MEASURED_S,
                FULL_REPLAY_COUNT,
                FULL_TIMEOUT_S);

        private final List<String> workloads;
        private final long budgetNs;
        private final double warmupS;
        private final double measuredS;
        private final long replayCount;
        private final int timeoutS;

        Size(
                final List<String> workloads,
                final long budgetNs,
                final double warmupS,
                final double measuredS,
                final long replayCount,
                final int timeoutS) {
            this.workloads = workloads;
            this.budgetNs = budgetNs;
            this.warmupS = warmupS;
            this.measuredS = measuredS;
            this.replayCount = replayCount;
            this.timeoutS = timeoutS;
        }
    }

    private final Results results = new Results();
    private final List<String> failures = new ArrayList<>();
    private long deadlineNs;

    private Compare() {}

    /**
     * Runs it.
     *
     * @param args options.
     */
    public static void main(final String[] args) {
        System.exit(new CommandLine(new Compare()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        final List<JournalDescriptor> journals = selectedJournals();
        final Size size = size();
        final List<Workload> workloads =
                names(workloadNames, size.workloads).stream().map(Workload::parse).toList();
        if (list) {
            journals.forEach(j -> System.out.printf("%-18s %s%n", j.name(), j.forceMode()));
            workloads.forEach(w -> System.out.println(w.name()));
            return 0;
        }
        deadlineNs = System.nanoTime() + size.budgetNs;
        Files.createDirectories(directory);
        Files.createDirectories(out);
        runRounds(journals, workloads);
        report(write(journals));
        failures.forEach(System.err::println);
        return failures.isEmpty() ? 0 : 1;
    }

    private void runRounds(final List<JournalDescriptor> journals, final List<Workload> workloads)
            throws IOException, InterruptedException {
        final double measured = orElse(measuredS, size().measuredS);
        final ChildRun child = child(measured);
        final ChildRun capacity = child(Math.min(measured, CAPACITY_MEASURED_S));
        final Rates rates =
                new Rates(
                        journals,
                        results,
                        (journal, workload) -> capacity.run(journal, workload, 0));
        for (int round = 1; round <= rounds; round++) {
            for (final Workload workload : workloads) {
                final List<JournalDescriptor> order =
                        new ArrayList<>(journals.stream().filter(j -> runs(j, workload)).toList());
                Collections.rotate(order, round - 1); // nobody is always behind the same one
                for (final JournalDescriptor journal : order) {
                    if (System.nanoTime() - deadlineNs > 0) {
                        System.err.println("compare: the time is up");
                        return;
                    }
                    runOne(child, rates, round, workload, journal);
                }
            }
            write(journals); // so that a comparison that is cut short has its rounds to show
        }
    }

    private void runOne(
            final ChildRun child,
            final Rates rates,
            final int round,
            final Workload workload,
            final JournalDescriptor journal)
            throws IOException, InterruptedException {
        System.err.printf(
                Locale.ROOT,
                "compare: round %d of %d, %s, %s: ",
                round,
                rounds,
                workload.name(),
                journal.name());
        try {
            final double rate =
                    workload.kind() == Workload.Kind.OPENLOOP ? rates.of(journal, workload) : 0;
            final Result result = child.run(journal, workload, rate);
            results.add(workload, journal, result);
            System.err.printf(
                    Locale.ROOT,
                    "%,.0f entries/s%s%n",
                    result.get(Metric.ENTRIES_PER_S),
                    Double.isNaN(result.get(Metric.P50_US))
                            ? ""
                            : String.format(
                                    Locale.ROOT,
                                    ", p50 %.0f µs, p99 %.0f µs",
                                    result.get(Metric.P50_US),
                                    result.get(Metric.P99_US)));
        } catch (final ChildRun.FailedException e) {
            System.err.println("failed: " + e.getMessage().lines().findFirst().orElse(""));
            failures.add(
                    "compare: "
                            + journal.name()
                            + " under "
                            + workload.name()
                            + " failed: "
                            + e.getMessage());
        }
    }

    private ChildRun child(final double measured) {
        final Size size = size();
        final double warmup = orElse(warmupS, size.warmupS);
        final long count = replayCount == null ? size.replayCount : replayCount;
        final long timeoutS = (long) (3 * (warmup + measured)) + size.timeoutS;
        return new ChildRun(
                directory,
                timeoutS,
                List.of(
                        "--warmup=" + warmup,
                        "--seconds=" + measured,
                        "--replay-count=" + count,
                        "--trim=" + trimMiB,
                        "--wait=" + waitMode));
    }

    private String write(final List<JournalDescriptor> journals) throws IOException {
        final Path csv = out.resolve("results.csv");
        Csv.writeMedians(results, csv);
        Csv.writeRounds(results, out.resolve("rounds.csv"));
        final String text = facts(journals) + "\n" + MarkdownTable.of(results);
        Files.writeString(out.resolve("results.md"), text);
        if (!results.workloads().isEmpty()) {
            SvgPlot.draw(csv, out.resolve("performance.svg"));
        }
        return text;
    }

    private void report(final String text) throws IOException {
        System.out.println(text);
        if (document != null) {
            DocumentBlock.replace(document, text);
            SvgPlot.draw(out.resolve("results.csv"), document.resolveSibling("performance.svg"));
        }
        System.err.println("compare: results are in " + out);
    }

    private String facts(final List<JournalDescriptor> journals) {
        final StringBuilder text = new StringBuilder();
        MachineFacts.of(directory)
                .forEach((name, value) -> text.append("- ").append(name + ": " + value + "\n"));
        text.append("- options of each JVM: ")
                .append(String.join(" ", ChildRun.JVM_OPTIONS))
                .append("\n- how bytes are forced:");
        for (final JournalDescriptor journal : journals) {
            text.append(' ').append(journal.name()).append(" (" + journal.forceMode() + ");");
        }
        text.append('\n');
        for (final String failure : failures) {
            text.append("- without a result: ").append(failure.lines().findFirst().orElse(""));
            text.append('\n');
        }
        return text.toString();
    }

    /** Those asked for, and the floors they are compared with. */
    private List<JournalDescriptor> selectedJournals() {
        final List<JournalDescriptor> all = Journals.all();
        if (journalNames.isEmpty()) {
            return all;
        }
        journalNames.forEach(Journals::named); // says which are known when one is not
        final List<String> floors =
                all.stream()
                        .filter(j -> journalNames.contains(j.name()))
                        .map(JournalDescriptor::floor)
                        .toList();
        return all.stream()
                .filter(
                        j ->
                                journalNames.contains(j.name())
                                        || floors.contains(j.name())
                                        || j.name().equals(Journals.FLOOR_SCAN))
                .toList();
    }

    /** Replay has a floor of its own, and the other floors hold nothing to replay. */
    private static boolean runs(final JournalDescriptor journal, final Workload workload) {
        final boolean isScan = journal.name().equals(Journals.FLOOR_SCAN);
        return workload.kind() == Workload.Kind.REPLAY
                ? isScan || journal.kind() != Kind.FLOOR
                : !isScan;
    }

    private Size size() {
        return quick ? Size.QUICK : targets ? Size.TARGETS : Size.FULL;
    }

    private static List<String> names(final List<String> asked, final List<String> otherwise) {
        return asked.isEmpty() ? otherwise : asked;
    }

    private static double orElse(final Double asked, final double otherwise) {
        return asked == null ? otherwise : asked;
    }
}
