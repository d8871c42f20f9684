package io.wal.cli;

import io.wal.cli.doctor.Diagnosis;
import io.wal.cli.doctor.Examination;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Examines a place for a log. */
@Command(
        name = "doctor",
        header = {"Examine a place for a log, and recommend settings.", ""},
        description = {
            "Measure how long forces take in DIR, with both write modes and for batches of any length, check what "
                    + "endangers a log there, and print the settings that follow, and why.",
            "",
            "It works in a directory of its own, which is removed at the end, also when interrupted: within DIR if that is "
                    + "a plain directory, else beside it. A log that is there is not touched, but a busy one is slowed down, "
                    + "and disturbs the figures. What is wrong with the place is told, and no failure: the exit code is 0."
        },
        footer = {
            "",
            "Examples:",
            "  wal doctor /var/lib/orders",
            "  wal doctor --quick --json /var/lib/orders > doctor.json"
        })
final class DoctorCommand implements Callable<Integer> {
    private static final double SECONDS = 20;
    private static final double QUICK_SECONDS = 5;
    private static final double MOST_SECONDS = 3_600;

    private final Console console;

    @Parameters(paramLabel = "DIR", description = "Where to measure: a directory, or a log's.")
    private String directory;

    @Option(names = "--quick", description = "Take 5 seconds instead of 20.")
    private boolean quick;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "Take about so long; the longer, the more exact.")
    private Double seconds;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    DoctorCommand(final Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        final double duration = seconds != null ? seconds : quick ? QUICK_SECONDS : SECONDS;
        if (!(duration > 0 && duration <= MOST_SECONDS) || seconds != null && quick) {
            throw new UsageException(
                    "--seconds must be more than 0, and an hour at most, and goes without --quick");
        }
        if (directory.startsWith("etcd:")) {
            throw new UsageException("not a directory: " + directory + "; give the path of one");
        }
        final MmapAddress address = MmapAddress.parse(directory);
        final Path path = Path.of(address.toString());
        if (Files.exists(path) && !Files.isDirectory(path)) {
            throw new ScratchException(
                    "cannot measure in " + path, new NotDirectoryException(path.toString()));
        }
        final Diagnosis diagnosis;
        try (ScratchPlace place = address.scratch("doctor")) {
            if (Files.exists(path)
                    && !Files.getFileStore(path).equals(Files.getFileStore(place.directory()))) {
                console.warn(
                        "measured beside "
                                + path
                                + ", which is on another file system: give a directory on that");
            }
            diagnosis = examine(place, duration);
        }
        final OutputBuffer out = new OutputBuffer(console.out());
        out.putText(
                json
                        ? DoctorJson.of(directory, duration, diagnosis) + "\n"
                        : DoctorReport.of(directory, duration, diagnosis));
        out.flush();
        return ExitCode.SOUND;
    }

    private Diagnosis examine(final ScratchPlace place, final double duration) throws IOException {
        try (StepProgress progress = new StepProgress(console);
                Examination examination = new Examination(place.directory(), duration, progress)) {
            return examination.run();
        }
    }
}
