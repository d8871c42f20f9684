package io.wal.cli;

import io.wal.LogCatalog;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the names of the logs in one place. */
@Command(
        name = "ls",
        header = {"List the logs in a directory, or in a cluster.", ""},
        description =
                "Print the names of the logs in a directory, or in an etcd cluster, one per line. Reads only.",
        footer = {
            "",
            "Examples:",
            "  wal ls etcd://localhost:2379",
            "  for log in $(wal ls /var/lib/orders); do wal verify /var/lib/orders/$log; done"
        })
final class ListCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(
            paramLabel = "STORE-ROOT",
            description =
                    "Where the logs are: a directory as PATH or mmap:PATH, or etcd://host:port[,host:port...].")
    private String root;

    @Option(names = "--json", description = "Print one JSON object per line, with the name.")
    private boolean json;

    @Mixin private EtcdOptions etcd;

    ListCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        final List<String> names;
        try (LogCatalog catalog = etcd.address(console, root).catalog()) {
            names = catalog.names();
        }
        final OutputBuffer out = new OutputBuffer(console.out());
        for (final String name : names) {
            out.putText(
                    (json
                                    ? new JsonWriter()
                                            .beginObject()
                                            .field("name", name)
                                            .endObject()
                                            .take()
                                    : name)
                            + "\n");
        }
        out.flush();
        return ExitCode.SOUND;
    }
}
