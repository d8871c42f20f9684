package io.wal.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** Runs commands in this process, with streams of their own. */
final class Cli {
    private final Function<String, StoreAddress> addresses;

    /** What a command did. */
    record Result(int exitCode, byte[] output, String talk) {
        String text() {
            return new String(output, StandardCharsets.UTF_8);
        }
    }

    Cli() {
        this(StoreAddress::parse);
    }

    Cli(final Function<String, StoreAddress> addresses) {
        this.addresses = addresses;
    }

    Result run(final String... args) {
        return feed(new byte[0], args);
    }

    Result feed(final String input, final String... args) {
        return feed(input.getBytes(StandardCharsets.UTF_8), args);
    }

    Result feed(final byte[] input, final String... args) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        return run(new ByteArrayInputStream(input), out, out, args);
    }

    /** With talk that can be listened to meanwhile. */
    Result tell(final ByteArrayOutputStream talk, final String input, final String... args) {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        return run(
                new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
                out,
                out,
                talk,
                args);
    }

    /** With an output that may fail. */
    Result run(final InputStream in, final OutputStream out, final String... args) {
        return run(in, out, new ByteArrayOutputStream(), args);
    }

    private Result run(
            final InputStream in,
            final OutputStream out,
            final ByteArrayOutputStream seen,
            final String... args) {
        return run(in, out, seen, new ByteArrayOutputStream(), args);
    }

    private Result run(
            final InputStream in,
            final OutputStream out,
            final ByteArrayOutputStream seen,
            final ByteArrayOutputStream talk,
            final String... args) {
        final Console console =
                new Console(
                        in, out, new PrintStream(talk, true, StandardCharsets.UTF_8), addresses);
        final int exitCode = WalMain.run(console, args);
        return new Result(exitCode, seen.toByteArray(), talk.toString(StandardCharsets.UTF_8));
    }
}
