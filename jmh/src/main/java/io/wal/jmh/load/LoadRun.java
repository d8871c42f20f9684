package io.wal.jmh.load;

import io.wal.WaitMode;
import io.wal.jmh.journal.JournalDescriptor;
import io.wal.jmh.journal.JournalSettings;
import io.wal.jmh.journal.JournalUnderTest;
import io.wal.jmh.journal.Journals;
import io.wal.mmap.MmapStoreContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Runs one journal under one load in this JVM and prints the result as one line. The comparison
 * starts one for each run; by itself it serves to look at a single journal, with {@code strace} or
 * a profiler.
 */
@Command(
        name = "load",
        mixinStandardHelpOptions = true,
        description = "Runs one journal under one load and prints the result.")
public final class LoadRun implements Callable<Integer> {
    private static final int LONE_WARMUP_FACTOR = 3;

    @Option(names = "--journal", required = true, description = "name of the journal")
    private String journalName;

    @Option(names = "--workload", required = true, description = "lone, blocking-64, …")
    private String workloadName;

    @Option(names = "--dir", required = true, description = "an empty or missing directory")
    private Path directory;

    @Option(names = "--warmup", description = "seconds (default: ${DEFAULT-VALUE})")
    private double warmupS = 1;

    @Option(names = "--seconds", description = "seconds measured (default: ${DEFAULT-VALUE})")
    private double measuredS = 2;

    @Option(
            names = "--count",
            description = "appends of each producer, instead of seconds; without warm-up")
    private long count;

    @Option(names = "--rate", description = "entries a second of openloop")
    private double rate = 100_000;

    @Option(
            names = "--trim",
            description =
                    "MiB of payload after which old entries are let go of; 0 for never (default:"
                            + " ${DEFAULT-VALUE})")
    private long trimMiB = 256;

    @Option(names = "--replay-count", description = "entries of replay")
    private long replayCount = 4_000_000;

    @Option(names = "--wait", description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private WaitMode waitMode = WaitMode.PARK;

    @Option(
            names = "--zeroing",
            description =
                    "KiB per write when a segment of our log gets its blocks (default:"
                            + " ${DEFAULT-VALUE})")
    private int zeroingKiB = MmapStoreContext.ZEROING_LENGTH_DEFAULT >> 10;

    private LoadRun() {}

    /**
     * Runs it.
     *
     * @param args options.
     */
    public static void main(final String[] args) {
        System.exit(new CommandLine(new LoadRun()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Files.createDirectories(directory);
        final Result result = run();
        System.out.println(); // peers may have left a line unfinished
        System.out.println(result.format());
        return 0;
    }

    /** One that waits for each append takes long to have its code compiled. */
    private static int warmupFactor(final Workload workload) {
        return workload.kind() == Workload.Kind.LONE ? LONE_WARMUP_FACTOR : 1;
    }

    private Result run() throws Exception {
        final Workload workload = Workload.parse(workloadName);
        final JournalDescriptor descriptor = Journals.named(journalName);
        final JournalSettings journalSettings =
                workload.journalSettings(waitMode, zeroingKiB << 10);
        final LoadSettings settings =
                new LoadSettings(
                        Duration.ofNanos((long) (warmupS * warmupFactor(workload) * 1e9)),
                        Duration.ofNanos((long) (measuredS * 1e9)),
                        count,
                        rate,
                        trimMiB << 20,
                        replayCount);
        if (workload.kind() == Workload.Kind.REPLAY) {
            return ReplayLoad.run(descriptor, journalSettings, workload, settings, directory);
        }
        try (JournalUnderTest journal = descriptor.create(journalSettings)) {
            journal.open(directory);
            journal.producer(); // some begin with the first one; that is not measured
            final LoadContext context =
                    new LoadContext(journal, workload, settings, BlockDevice.under(directory));
            return switch (workload.kind()) {
                case LONE, BLOCKING -> BlockingLoad.run(context);
                case PIPELINED, WRITTEN -> PipelinedLoad.run(context);
                case OPENLOOP -> OpenLoopLoad.run(context);
                case REPLAY -> throw new IllegalStateException("it was run above");
            };
        }
    }
}
