package io.wal.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
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
        final ScratchDirectory place =
                ScratchDirectory.in(Path.of(System.getProperty("java.io.tmpdir")), "wal-demo-");
        try {
            return new DemoStory(console, place, text).tell(kills)
                    ? ExitCode.SOUND
                    : ExitCode.FAILURE;
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
