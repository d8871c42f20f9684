package io.wal.mmap;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether a file system can be written past the page cache. */
final class DirectWriting {
    private DirectWriting() {}

    /** Skips the test where it cannot. */
    static void assumeSupported(final Path directory) {
        final Path file = directory.resolve("direct-probe");
        try {
            Files.write(file, new byte[4096]);
            Disk.REAL.open(file, Disk.OpenMode.DIRECT).close();
        } catch (final IOException e) {
            abort(e.getMessage());
        } finally {
            delete(file);
        }
    }

    private static void delete(final Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (final IOException e) {
            abort(e.getMessage());
        }
    }
}
