package io.wal.cli;

import io.wal.LogInUseException;
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
                "Remove the log and everything it holds, as if it had never been. Needs --yes. A log that another has "
                        + "is not removed; for etcd see --acquire.",
        footer = {"", "Example:", "  wal remove --yes /var/lib/orders/log"})
final class RemoveCommand implements Callable<Integer> {
    private static final long LOOK_AGAIN_MS = 250;

    private final Console console;

    @Parameters(paramLabel = "STORE", description = "The log: " + StoreAddress.FORMS + ".")
    private String store;

    @Option(names = "--yes", description = "Yes, all of it.")
    private boolean yes;

    @Mixin private EtcdWriterOptions etcd;

    RemoveCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        final StoreAddress address = etcd.address(console, store);
        if (!yes) {
            throw new UsageException(
                    "this removes "
                            + store
                            + " and everything it holds, and there is no way back; "
                            + "say --yes if that is what you want");
        }
        remove(address);
        console.say("removed " + store);
        return ExitCode.SOUND;
    }

    private void remove(final StoreAddress address) throws InterruptedException {
        final long beginNs = System.nanoTime();
        boolean told = false;
        while (true) {
            try {
                address.remove();
                return;
            } catch (final LogInUseException e) {
                if (System.nanoTime() - beginNs >= address.patience().toNanos()) {
                    throw e;
                }
                if (!told) {
                    LogSession.sayWaiting(console, address, e);
                    told = true;
                }
            }
            Thread.sleep(LOOK_AGAIN_MS);
        }
    }
}
