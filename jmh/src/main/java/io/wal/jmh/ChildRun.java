package io.wal.jmh;

import io.wal.jmh.journal.JournalDescriptor;
import io.wal.jmh.load.LoadRun;
import io.wal.jmh.load.Result;
import io.wal.jmh.load.Workload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One run in a JVM of its own, in a directory of its own, which is gone afterwards. */
final class ChildRun {
    static final List<String> JVM_OPTIONS =
            List.of(
                    "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                    "-XX:+IgnoreUnrecognizedVMOptions",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-Xms1g",
                    "-Xmx1g",
                    // else the JVM writes to a mapped file now and then, and may wait for the disk
                    "-XX:+PerfDisableSharedMem");

    private static final int OUTPUT_LENGTH_SHOWN = 4000;

    private final Path root;
    private final long timeoutS;
    private final List<String> loadOptions;

    /** A run that gave no result. */
    static final class FailedException extends Exception {
        private static final long serialVersionUID = 1L;

        FailedException(final String message) {
            super(message);
        }
    }

    ChildRun(final Path root, final long timeoutS, final List<String> loadOptions) {
        this.root = root;
        this.timeoutS = timeoutS;
        this.loadOptions = loadOptions;
    }

    Result run(final JournalDescriptor journal, final Workload workload, final double rate)
            throws IOException, InterruptedException, FailedException {
        final Path directory = Files.createTempDirectory(root, journal.name() + "-");
        final Path output = Files.createTempFile(root, journal.name() + "-", ".out");
        try {
            final List<String> command = command(journal, workload, rate, directory);
            final Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            process.getOutputStream().close();
            final boolean ended = process.waitFor(timeoutS, TimeUnit.SECONDS);
            if (!ended) {
                process.destroyForcibly().waitFor();
            }
            return result(output, ended ? process.exitValue() : -1);
        } finally {
            delete(directory);
            Files.deleteIfExists(output);
        }
    }

    private List<String> command(
            final JournalDescriptor journal,
            final Workload workload,
            final double rate,
            final Path directory) {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JVM_OPTIONS);
        command.addAll(journal.jvmOptions());
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(LoadRun.class.getName());
        command.addAll(
                List.of(
                        "--journal=" + journal.name(),
                        "--workload=" + workload.name(),
                        "--dir=" + directory));
        if (workload.kind() == Workload.Kind.OPENLOOP) {
            command.add("--rate=" + rate);
        }
        command.addAll(loadOptions);
        return command;
    }

    private static Result result(final Path output, final int exitCode)
            throws IOException, FailedException {
        final String text = Files.readString(output);
        if (exitCode == 0) {
            for (final String line : text.split("\n")) {
                final Result result = Result.parse(line);
                if (result != null) {
                    return result;
                }
            }
        }
        throw new FailedException(
                (exitCode < 0 ? "timed out" : "exit code " + exitCode)
                        + "\n"
                        + text.substring(Math.max(0, text.length() - OUTPUT_LENGTH_SHOWN)));
    }

    private static void delete(final Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (final Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }
}
