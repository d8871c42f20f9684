package io.wal.cli;

import io.wal.Checkpoint;
import java.io.InputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes an input as a checkpoint. */
@Command(
        name = "checkpoint",
        header = {"Write a checkpoint, one entry per line of the input.", ""},
        description = {
            "Start a checkpoint, append one CHECKPOINT entry per line of standard input, and finalize it; create the "
                    + "log if there is none.",
            "",
            "Once finalized, recovery begins with this checkpoint, and what lies before it is released. Malformed "
                    + "input (exit code 2), an interrupt or any failure discards it: recovery then goes by the "
                    + "checkpoint before it, as if this one had not been started.",
            "",
            "An empty input makes an empty checkpoint: recovery then delivers what was appended after it."
        },
        footer = {"", "Example:", "  wal checkpoint --in state.txt /var/lib/orders/log"})
final class CheckpointCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "STORE", description = "The log: " + StoreAddress.FORMS + ".")
    private String store;

    @Mixin private InputOptions input;

    @Mixin private CreationOptions creation;

    @Option(names = "--json", description = "Write the summary on standard error as a JSON object.")
    private boolean json;

    @Mixin private EtcdWriterOptions etcd;

    CheckpointCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        final StoreAddress address = etcd.address(console, store);
        try (InputStream in = input.open(console)) {
            final LogSession session =
                    LogSession.openForAppending(console, address, creation.settings());
            final Checkpoint checkpoint = session.log().startCheckpoint();
            final Ingestion ingestion =
                    new Ingestion(
                            session,
                            input.reader(in, session.log().maxPayloadLength()),
                            checkpoint::append,
                            new Progress(console, "checkpoint", input.length(), false));
            return new IngestionRun(console, session, ingestion, new Finalizing(checkpoint), json)
                    .run();
        }
    }

    private static final class Finalizing implements IngestionRun.Ending {
        private final Checkpoint checkpoint;
        private boolean finalized;

        Finalizing(final Checkpoint checkpoint) {
            this.checkpoint = checkpoint;
        }

        @Override
        public void complete() {
            checkpoint.finalizeCheckpoint();
            finalized = true;
        }

        @Override
        public String description() {
            return finalized ? "finalized a checkpoint of" : "discarded a checkpoint of";
        }
    }
}
