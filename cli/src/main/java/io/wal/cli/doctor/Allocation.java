package io.wal.cli.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** What a file really occupies. Java does not tell, so the program {@code stat} is asked. */
final class Allocation {
    private static final int PATIENCE_S = 5;

    private Allocation() {}

    /** Bytes that a file occupies; -1 when that cannot be told. */
    static long of(final Path file) {
        Process process = null;
        try {
            process =
                    new ProcessBuilder("stat", "-c", "%b %B", file.toString())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
                return -1;
            }
            final String[] words =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                            .strip()
                            .split(" ");
            return words.length == 2 ? Long.parseLong(words[0]) * Long.parseLong(words[1]) : -1;
        } catch (final IOException | NumberFormatException e) {
            return -1;
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            return -1;
        } finally {
            if (process != null) {
                process.destroyForcibly();
            }
        }
    }
}
