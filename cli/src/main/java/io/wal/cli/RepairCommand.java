package io.wal.cli;

import io.wal.mmap.RepairReport;
import io.wal.mmap.RepairReport.Action;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Repairs a log, or says what that would do. */
@Command(
        name = "repair",
        header = {"Repair a damaged log.", ""},
        description = {
            "Say what a repair would do, and write nothing; with --apply, do it. A torn tail, the normal trace of a "
                    + "crash, is cut off, as opening the log does. Damage to acknowledged data is refused (3) unless "
                    + "--salvage is given: then all that is provably intact is kept, on whichever side of the damage, "
                    + "and every range of LSNs that is lost is printed.",
            "",
            "The files as they were are kept in attic/ in the log's directory. There must be space for twice what the "
                    + "log holds. A log that is being written is refused (4)."
        },
        footer = {
            "",
            "Examples:",
            "  wal repair /var/lib/orders/log",
            "  wal repair --salvage --apply /var/lib/orders/log"
        })
final class RepairCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "STORE", description = "The log: " + StoreAddress.FORMS + ".")
    private String store;

    @Option(names = "--salvage", description = "Keep what is intact of a damaged log.")
    private boolean salvage;

    @Option(names = "--apply", description = "Do it.")
    private boolean apply;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    RepairCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        final RepairReport report = console.address(store).repair(salvage, apply);
        final OutputBuffer out = new OutputBuffer(console.out());
        out.putText(json ? RepairPrinter.json(report) + "\n" : RepairPrinter.text(report));
        out.flush();
        if (report.action() == Action.REFUSED) {
            console.warn(
                    store
                            + " is damaged, and was left as it is; keep a copy; 'wal repair --salvage' says "
                            + "what can be kept");
            return ExitCode.DAMAGE;
        }
        if (report.isCheckpointLost()) {
            console.warn(
                    "the last finalized checkpoint is not whole: recovery begins at LSN "
                            + report.startLsn()
                            + " instead, and what it delivers may lack what that checkpoint stood for");
        }
        if (report.isApplied() || report.action() == Action.NONE) {
            return ExitCode.SOUND;
        }
        console.say("nothing was changed; --apply does it");
        return report.action() == Action.SALVAGE ? ExitCode.DAMAGE : ExitCode.SOUND;
    }
}
