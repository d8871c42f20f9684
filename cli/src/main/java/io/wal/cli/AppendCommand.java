package io.wal.cli;

import io.wal.Durability;
import java.io.InputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Appends an input as data entries. */
@Command(
        name = "append",
        header = {"Append entries, one per line of the input.", ""},
        description = {
            "Append one DATA entry per line of standard input; create the log if there is none.",
            "",
            "Entries are queued as fast as they are read and made durable in groups. At the end of the input all are "
                    + "waited for, and a summary goes to standard error. Malformed input ends the command with 2, an "
                    + "interrupt (SIGINT, SIGTERM) with 130 or 143; what was appended before is made durable and "
                    + "acknowledged all the same. When the reader of the acknowledgements goes away, no more input "
                    + "is read, what was appended is made durable, and the exit code is 1.",
            "",
            "A full disk ends the command with 5: it does not wait for space."
        },
        footer = {
            "",
            "Examples:",
            "  seq 1000000 | wal append /var/lib/orders/log",
            "  wal append --in orders.bin --format framed --acks /var/lib/orders/log > acks.txt"
        })
final class AppendCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "STORE", description = "The log: " + StoreAddress.FORMS + ".")
    private String store;

    @Mixin private InputOptions input;

    @Mixin private CreationOptions creation;

    @Option(
            names = "--durability",
            paramLabel = "DURABILITY",
            defaultValue = "forced",
            completionCandidates = DurabilityNames.class,
            description = {
                "What an acknowledgement promises (${COMPLETION-CANDIDATES}):",
                "forced (default): the entry survives the loss of power;",
                "written: it survives the death of this process; it is forced soon after, and before the command ends."
            })
    private Durability durability;

    @Option(
            names = "--acks",
            description =
                    "Print each LSN on standard output once it is acknowledged, one per line and in order.")
    private boolean acks;

    @Option(names = "--json", description = "Write the summary on standard error as a JSON object.")
    private boolean json;

    @Mixin private EtcdWriterOptions etcd;

    AppendCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        final StoreAddress address = etcd.address(console, store);
        try (InputStream in = input.open(console)) {
            final LogSession session =
                    LogSession.openForAppending(console, address, creation.settings());
            final Ingestion ingestion =
                    new Ingestion(
                            session,
                            input.reader(in, session.log().maxPayloadLength()),
                            (buffer, offset, length, completion) ->
                                    session.log()
                                            .append(buffer, offset, length, durability, completion),
                            new Progress(console, "append", input.length(), acks));
            if (acks) {
                ingestion.acknowledgeTo(console.out());
            }
            return new IngestionRun(console, session, ingestion, new Appended(), json).run();
        }
    }

    private static final class Appended implements IngestionRun.Ending {
        @Override
        public void complete() {
            // durable is all they have to be
        }

        @Override
        public String description() {
            return "appended";
        }
    }
}
