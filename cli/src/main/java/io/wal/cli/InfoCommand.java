package io.wal.cli;

import io.wal.inspect.LogInspector;
import io.wal.inspect.LogReport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what is cheap to learn about a log. */
@Command(
        name = "info",
        header = {"Print facts about a log.", ""},
        description =
                "Print what is known of the log without reading its records. Reads only, also beside a writer.",
        footer = {"", "Example:", "  wal info /var/lib/orders/log"})
final class InfoCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "STORE", description = "The log: " + StoreAddress.FORMS + ".")
    private String store;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin private EtcdOptions etcd;

    InfoCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        final LogReport report;
        try (LogInspector inspector = etcd.address(console, store).inspector()) {
            report = inspector.info();
        }
        final OutputBuffer out = new OutputBuffer(console.out());
        out.putText(json ? ReportPrinter.json(report) + "\n" : ReportPrinter.text(report));
        out.flush();
        return ReportPrinter.conclude(console, store, report);
    }
}
