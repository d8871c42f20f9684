package io.wal.mmap;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDirFactory;

/** A temporary directory in memory, where there is one: for tests that open a log very often. */
final class MemoryDirectory implements TempDirFactory {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final long LEAST_SPACE = 64 << 20;

    @Override
    public Path createTempDirectory(
            final AnnotatedElementContext element, final ExtensionContext context)
            throws IOException {
        return Files.isWritable(SHARED_MEMORY)
                        && Files.getFileStore(SHARED_MEMORY).getUsableSpace() > LEAST_SPACE
                ? Files.createTempDirectory(SHARED_MEMORY, "wal-test-")
                : Files.createTempDirectory("wal-test-");
    }
}
