package io.wal.mmap;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another JVM with the class path of the tests, on the same Java. Its errors go to ours. */
final class ChildJvm implements AutoCloseable {
    private final Process process;
    private final BufferedReader lines;

    private ChildJvm(final Process process) {
        this.process = process;
        lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static ChildJvm start(final Class<?> main, final Object... arguments) throws IOException {
        return start(List.of("-XX:TieredStopAtLevel=1"), main, arguments);
    }

    static ChildJvm start(
            final List<String> options, final Class<?> main, final Object... arguments)
            throws IOException {
        return start(List.of(), options, main, arguments);
    }

    /** With so many file descriptors, those of the JVM itself included. */
    static ChildJvm startWithDescriptors(
            final int count, final Class<?> main, final Object... arguments) throws IOException {
        return start(
                List.of("sh", "-c", "ulimit -n " + count + " && exec \"$@\"", "sh"),
                List.of("-XX:TieredStopAtLevel=1"),
                main,
                arguments);
    }

    private static ChildJvm start(
            final List<String> launcher,
            final List<String> options,
            final Class<?> main,
            final Object... arguments)
            throws IOException {
        final List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "--add-exports",
                        "java.base/jdk.internal.misc=ALL-UNNAMED",
                        "-XX:+IgnoreUnrecognizedVMOptions",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=deny",
                        "-XX:+UseSerialGC",
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path")));
        command.addAll(options);
        command.add(main.getName());
        for (final Object argument : arguments) {
            command.add(argument.toString());
        }
        return new ChildJvm(
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The next line that it prints; null when it has ended. */
    String line() throws IOException {
        return lines.readLine();
    }

    /** All that it prints, for those that do not read lines. */
    InputStream output() {
        return process.getInputStream();
    }

    /** Kills it as SIGKILL does, and waits until it is gone. What it printed can still be read. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly(); // killing the process itself closes its streams
        process.waitFor();
    }

    /** Ends its input, waits for its end, and says how it ended. */
    int finish() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the other JVM does not end");
        }
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        lines.close();
    }
}
