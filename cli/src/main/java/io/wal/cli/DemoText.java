package io.wal.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries of the demonstration: numbered lines of a text, so that each LSN stands for one
 * sequence of bytes.
 */
final class DemoText {
    private static final String LICENSE = "/META-INF/LICENSE";

    private final String name;
    private final List<byte[]> lines;

    private DemoText(final String name, final List<byte[]> lines) {
        this.name = name;
        this.lines = lines;
    }

    /** The text of a file; of this program's licence when there is no file. */
    static DemoText of(final Path file) {
        final List<byte[]> lines = new ArrayList<>();
        try (InputStream in =
                        file == null
                                ? WalMain.class.getResourceAsStream(LICENSE)
                                : Files.newInputStream(file);
                BufferedReader reader =
                        new BufferedReader(
                                new InputStreamReader(in, StandardCharsets.ISO_8859_1))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.isBlank()) {
                    lines.add(line.strip().getBytes(StandardCharsets.ISO_8859_1));
                }
            }
        } catch (final IOException | UncheckedIOException e) {
            throw new UsageException("cannot read " + file + ": " + Reason.of(e), e);
        }
        if (lines.isEmpty()) {
            throw new UsageException("there is no text in " + file);
        }
        return new DemoText(file == null ? "this program's licence" : file.toString(), lines);
    }

    String name() {
        return name;
    }

    int lineCount() {
        return lines.size();
    }

    /** The entry that belongs at an LSN: its number, a space, and a line. No line feed. */
    byte[] entry(final long lsn) {
        final byte[] line = lines.get((int) (lsn % lines.size()));
        final byte[] number = Long.toString(lsn).getBytes(StandardCharsets.US_ASCII);
        final byte[] entry = new byte[number.length + 1 + line.length];
        System.arraycopy(number, 0, entry, 0, number.length);
        entry[number.length] = ' ';
        System.arraycopy(line, 0, entry, number.length + 1, line.length);
        return entry;
    }
}
