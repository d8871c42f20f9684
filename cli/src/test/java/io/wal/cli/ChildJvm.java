package io.wal.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The program in a process of its own, on the Java of the test. */
final class ChildJvm {
    static final String EXPORTS = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED";

    private static final List<String> OPTIONS =
            List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", EXPORTS);

    private ChildJvm() {}

    /** Runs the program with its arguments; talk goes to the file. */
    static Process start(final File talk, final String... args) throws IOException {
        return start(talk, OPTIONS, args);
    }

    /** With more in its environment. */
    static Process start(
            final File talk, final Map<String, String> environment, final String... args)
            throws IOException {
        return start(talk, environment, OPTIONS, args);
    }

    static Process start(final File talk, final List<String> options, final String... args)
            throws IOException {
        return start(talk, Map.of(), options, args);
    }

    private static Process start(
            final File talk,
            final Map<String, String> environment,
            final List<String> options,
            final String... args)
            throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), WalMain.class.getName()));
        command.addAll(Arrays.asList(args));
        final ProcessBuilder builder = new ProcessBuilder(command).redirectError(talk);
        builder.environment().putAll(environment);
        return builder.start();
    }
}
