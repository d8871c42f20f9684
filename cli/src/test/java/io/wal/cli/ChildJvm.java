package io.wal.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The program in a process of its own, on the Java of the test. */
final class ChildJvm {
    static final String EXPORTS = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED";

    private ChildJvm() {}

    /** Runs the program with its arguments; talk goes to the file. */
    static Process start(final File talk, final String... args) throws IOException {
        return start(talk, List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", EXPORTS), args);
    }

    static Process start(final File talk, final List<String> options, final String... args)
            throws IOException {
        final List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(
                List.of("-cp", System.getProperty("java.class.path"), WalMain.class.getName()));
        command.addAll(Arrays.asList(args));
        return new ProcessBuilder(command).redirectError(talk).start();
    }
}
