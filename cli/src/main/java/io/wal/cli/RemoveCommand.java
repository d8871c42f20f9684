package io.wal.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Removes a log. */
@Command(
        name = "remove",
        header = {"Remove a log.", ""},
        description =
                "Remove the log and everything it holds, as if it had never been. Needs --yes.",
        footer = {"", "Example:", "  wal remove --yes /var/lib/orders/log"})
final class RemoveCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(paramLabel = "STORE", description = "The log: " + StoreAddress.FORMS + ".")
    private String store;

    @Option(names = "--yes", description = "Yes, all of it.")
    private boolean yes;

    @Mixin private EtcdOptions etcd;

    RemoveCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        final StoreAddress address = etcd.address(console, store);
        if (!yes) {
            throw new UsageException(
                    "this removes "
                            + store
                            + " and everything it holds, and there is no way back; "
                            + "say --yes if that is what you want");
        }
        address.remove();
        console.say("removed " + store);
        return ExitCode.SOUND;
    }
}
