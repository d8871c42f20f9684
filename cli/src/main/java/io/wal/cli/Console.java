package io.wal.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Function;

/** Where a command reads and writes, and what the logs are called that it may open. */
final class Console {
    private final InputStream in;
    private final OutputStream out;
    private final PrintStream err;
    private final boolean inTerminal;
    private final boolean outTerminal;
    private final boolean errTerminal;
    private final Function<String, StoreAddress> addresses;

    /** For tests: no terminal anywhere. */
    Console(
            final InputStream in,
            final OutputStream out,
            final PrintStream err,
            final Function<String, StoreAddress> addresses) {
        this(in, out, err, false, false, false, addresses);
    }

    private Console(
            final InputStream in,
            final OutputStream out,
            final PrintStream err,
            final boolean inTerminal,
            final boolean outTerminal,
            final boolean errTerminal,
            final Function<String, StoreAddress> addresses) {
        this.in = in;
        this.out = out;
        this.err = err;
        this.inTerminal = inTerminal;
        this.outTerminal = outTerminal;
        this.errTerminal = errTerminal;
        this.addresses = addresses;
    }

    /**
     * The streams of this process. Not {@code System.out}: that one keeps write errors to itself.
     */
    static Console ofProcess() {
        return new Console(
                new FileInputStream(FileDescriptor.in),
                new FileOutputStream(FileDescriptor.out),
                System.err,
                isTerminal(0),
                isTerminal(1),
                isTerminal(2),
                StoreAddress::parse);
    }

    InputStream in() {
        return in;
    }

    OutputStream out() {
        return out;
    }

    PrintStream err() {
        return err;
    }

    boolean isInTerminal() {
        return inTerminal;
    }

    boolean isOutTerminal() {
        return outTerminal;
    }

    boolean isErrTerminal() {
        return errTerminal;
    }

    StoreAddress address(final String text) {
        return addresses.apply(text);
    }

    /** A line of talk. */
    void say(final String line) {
        err.println(line);
    }

    /** A line that names the program, as errors and warnings do. */
    void warn(final String line) {
        err.println("wal: " + line);
    }

    /** {@code System.console()} answers for both streams at once, and not the same on all JDKs. */
    private static boolean isTerminal(final int descriptor) {
        try {
            final String target =
                    Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
            return target.startsWith("/dev/pts/")
                    || target.startsWith("/dev/tty")
                    || target.equals("/dev/console");
        } catch (final IOException | RuntimeException e) {
            return false; // not on Linux, or closed
        }
    }
}
