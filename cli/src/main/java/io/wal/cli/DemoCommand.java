package io.wal.cli;

import io.wal.WalException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells the story of a log, with a real one. */
@Command(
        name = "demo",
        header = {"Show what a log is for, with a killed writer.", ""},
        description = {
            "Show in less than a minute what the log is for: entries are appended, made durable in groups and covered by "
                    + "a checkpoint; then a writer in a process of its own is killed with SIGKILL in the middle of "
                    + "its work, again and again, and what it had acknowledged is compared with what recovery "
                    + "delivers, byte for byte.",
            "",
            "Ends with 1 if anything that was acknowledged is missing or differs."
        },
        footer = {
            "",
            "Examples:",
            "  wal demo",
            "  wal demo --store etcd://localhost:2379/orders",
            "  wal demo --in /usr/share/dict/words --kills 10"
        })
final class DemoCommand implements Callable<Integer> {
    private static final int MOST_KILLS = 1000;

    private final Console console;

    @Option(
            names = "--in",
            paramLabel = "FILE",
            description =
                    "Text whose lines are the entries; by default the licence of this program.")
    private Path file;

    @Option(
            names = "--kills",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often the writer is killed; 3 by default.")
    private int kills;

    @Option(
            names = "--store",
            paramLabel = "STORE",
            description = {
                "Show it beside this log, which is not touched, on one that is removed at the end: "
                        + StoreAddress.FORMS
                        + ". By default in a directory for temporary files."
            })
    private String store;

    @Mixin private EtcdOptions etcd;

    @Option(names = "--keep", description = "Keep the log, and say where it is.")
    private boolean keep;

    DemoCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws Exception {
        if (kills < 1 || kills > MOST_KILLS) {
            throw new UsageException("--kills must be from 1 to " + MOST_KILLS + ": " + kills);
        }
        final DemoText text = DemoText.of(file);
        try (ScratchDirectory workplace = directory("wal-demo-files-")) {
            final ScratchPlace place = place();
            try {
                return new DemoStory(console, place, workplace, text).tell(kills)
                        ? ExitCode.SOUND
                        : ExitCode.FAILURE;
            } catch (final WalException | IOException e) {
                if (place.isEnding()) {
                    return ExitCode.FAILURE; // all is gone because this process is to go
                }
                throw e;
            } finally {
                if (keep) {
                    place.keep();
                    console.say("kept in " + place.location());
                } else {
                    place.close();
                }
            }
        }
    }

    private ScratchPlace place() {
        if (store != null) {
            return etcd.address(console, store).scratch("demo");
        }
        if (!etcd.given().isEmpty()) {
            throw new UsageException(etcd.given().get(0) + " is of use with --store only");
        }
        return directory("wal-demo-");
    }

    private static ScratchDirectory directory(final String prefix) {
        return ScratchDirectory.in(Path.of(System.getProperty("java.io.tmpdir")), prefix);
    }
}
