package io.wal.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Copies a log to another store. */
@Command(
        name = "copy",
        header = {"Copy a log to another store.", ""},
        description = {
            "Copy what recovery delivers of a log, from files to etcd, back, or to another place of the same kind. The copy "
                    + "has the same entries with the same LSNs, kinds and bytes, and the same checkpoint; it is read "
                    + "back at the end, and held against what was read of FROM.",
            "",
            "FROM is only read, and checked meanwhile; a live writer does no harm, and is copied as far as it is surely "
                    + "durable; what it releases before it was read is gone, and the command says so. TO is created if there is no log. One that a copy has begun is gone on with, as is a copy "
                    + "of which the original has grown since; one that holds anything else is refused.",
            "",
            "If FROM is damaged (3), TO gets what lies before the damage."
        },
        footer = {
            "",
            "Examples:",
            "  wal copy /var/lib/orders/log etcd://localhost:2379/orders",
            "  wal copy --user backup etcd://localhost:2379/orders /mnt/backup/orders"
        })
final class CopyCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(
            index = "0",
            paramLabel = "FROM",
            description = "The log to copy: " + StoreAddress.FORMS + ".")
    private String from;

    @Parameters(index = "1", paramLabel = "TO", description = "Where the copy is to be.")
    private String to;

    @Mixin private CreationOptions creation;

    @Mixin private EtcdWriterOptions etcd;

    @Option(names = "--json", description = "Write the summary on standard error as a JSON object.")
    private boolean json;

    CopyCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        final StoreAddress source = console.address(from);
        final StoreAddress target = console.address(to);
        final boolean isEtcd = source instanceof EtcdAddress || target instanceof EtcdAddress;
        return new CopyRun(
                        console,
                        isEtcd && !(source instanceof EtcdAddress)
                                ? source
                                : etcd.address(console, from),
                        isEtcd && !(target instanceof EtcdAddress)
                                ? target
                                : etcd.address(console, to),
                        creation.settings(),
                        json)
                .run();
    }
}
