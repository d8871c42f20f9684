package io.wal.cli;

import io.wal.inspect.CounterReport;
import io.wal.inspect.LogInspector;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what the writer of a log counts, from outside. */
@Command(
        name = "stat",
        header = {"Watch the counters of a log.", ""},
        description = {
            "Print what the log's writer counts about itself, as it published it last, a quarter of a second ago at most. "
                    + "Reads only, beside a live writer or after its end. For logs in directories.",
            "",
            "With --interval a line per interval: entries, bytes and forces per second, entries per force, mean time of a "
                    + "force, the durable LSN and how far it is behind the last LSN. It goes on when the log is closed and "
                    + "opened again."
        },
        footer = {
            "",
            "Examples:",
            "  wal stat /var/lib/orders/log",
            "  wal stat --interval 1s --count 60 /var/lib/orders/log",
            "  wal stat --interval 10s --json /var/lib/orders/log >> counters.jsonl"
        })
final class StatCommand implements Callable<Integer> {
    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final int ROWS_PER_HEAD = 20;

    private final Console console;

    @Parameters(paramLabel = "STORE", description = "The log: " + StoreAddress.FORMS + ".")
    private String store;

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            description = "Print a line of rates this often, such as 500ms, 1s or 1m.")
    private String interval;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "End after so many lines; without --interval one each second.")
    private Integer count;

    @Option(names = "--json", description = "Print one JSON object per line.")
    private boolean json;

    @Mixin private EtcdOptions etcd;

    StatCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (count != null && count < 1) {
            throw new UsageException("--count must be at least 1: " + count);
        }
        final boolean once = interval == null && count == null;
        final Duration pause =
                Quantity.parseDuration("--interval", interval == null ? "1s" : interval);
        if (pause.compareTo(SHORTEST) < 0 || pause.compareTo(LONGEST) > 0) {
            throw new UsageException("--interval must be from 100ms to a day: " + interval);
        }
        final StoreAddress address = etcd.address(console, store);
        try (LogInspector inspector = address.inspector()) {
            final StatSample first = sample(inspector);
            if (first == null) {
                console.warn(
                        store
                                + " keeps no counters: "
                                + (address instanceof EtcdAddress
                                        ? "no log in etcd does; info says who writes it"
                                        : "its last opening had MmapStoreContext.countersFile(false),"
                                                + " or it has no file for them"));
                return ExitCode.FAILURE;
            }
            if (once) {
                print(json ? StatPrinter.json(first, null) + "\n" : StatPrinter.text(first));
            } else {
                watch(inspector, first, pause);
            }
        }
        return ExitCode.SOUND;
    }

    private void watch(final LogInspector inspector, final StatSample first, final Duration pause)
            throws InterruptedException {
        StatSample before = first;
        long nextNs = first.readNs();
        for (int row = 0; count == null || row < count; row++) {
            nextNs = Math.max(nextNs + pause.toNanos(), System.nanoTime());
            Thread.sleep(Duration.ofNanos(nextNs - System.nanoTime()).toMillis() + 1);
            final StatSample sample = sample(inspector);
            final StatSample now = sample == null ? before : sample; // it is being opened again
            final StatRates rates = StatRates.between(before, now);
            if (json) {
                print(StatPrinter.json(now, rates) + "\n");
            } else {
                final String head = row % ROWS_PER_HEAD == 0 ? StatPrinter.head() + "\n" : "";
                print(head + StatPrinter.row(now, rates) + "\n");
            }
            before = now;
        }
    }

    private static StatSample sample(final LogInspector inspector) {
        final CounterReport report = inspector.counters();
        return report == null ? null : StatSample.now(report);
    }

    private void print(final String text) {
        final OutputBuffer out = new OutputBuffer(console.out());
        out.putText(text);
        out.flush();
    }
}
