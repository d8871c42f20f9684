package io.wal.mmap;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** How much of a file really has blocks. */
final class SparseFile {
    private SparseFile() {}

    /** The allocated bytes as {@code stat} counts them; skips the test where there is none. */
    static long allocatedLength(final Path path) throws IOException {
        final Process process;
        try {
            process = new ProcessBuilder("stat", "-c", "%b %B", path.toString()).start();
        } catch (final IOException e) {
            return abort("needs the command stat: " + e.getMessage());
        }
        final String[] blocksAndSize =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                        .trim()
                        .split(" ");
        return blocksAndSize.length < 2
                ? abort("needs a stat that knows -c")
                : Long.parseLong(blocksAndSize[0]) * Long.parseLong(blocksAndSize[1]);
    }
}
