package io.wal.cli;

import io.wal.inspect.LogInspector;
import io.wal.inspect.LogReport;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks all that the log holds. */
@Command(
        name = "verify",
        header = {"Check everything that is held.", ""},
        description = {
            "Check everything that the log holds, and print its segments, the range of LSNs, the durable LSN and a "
                    + "verdict. Reads only, also beside a writer.",
            "",
            "A torn tail, the normal trace of a crash, is sound (0). Damage to acknowledged data is not (3)."
        },
        footer = {"", "Example:", "  wal verify --json /var/lib/orders/log"})
final class VerifyCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "STORE", description = "The log: " + StoreAddress.FORMS + ".")
    private String store;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Mixin private EtcdOptions etcd;

    VerifyCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        final LogReport report;
        try (LogInspector inspector = etcd.address(console, store).inspector()) {
            final long length = console.isErrTerminal() ? inspector.info().length() : 0;
            try (Progress progress = new Progress(console, "verify", length, false)) {
                report = inspector.verify(progress);
            }
        }
        final OutputBuffer out = new OutputBuffer(console.out());
        out.putText(json ? ReportPrinter.json(report) + "\n" : ReportPrinter.text(report));
        out.flush();
        return ReportPrinter.conclude(console, store, report);
    }
}
