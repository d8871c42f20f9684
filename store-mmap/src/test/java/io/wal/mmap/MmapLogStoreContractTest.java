package io.wal.mmap;

import io.wal.store.LogStore;
import io.wal.store.LogStoreContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** The contract of all stores, with segments small enough that many are used. */
class MmapLogStoreContractTest extends LogStoreContract {
    @TempDir Path root;

    private int mediumIndex;

    @Override
    protected LogStore newStore() {
        return new MmapLogStore(storeContext().directory(directory()));
    }

    MmapStoreContext storeContext() {
        return new MmapStoreContext().segmentLength(64 << 10).maxSpareSegments(2);
    }

    @Override
    protected void useNewMedium() {
        mediumIndex++;
    }

    @Override
    protected boolean canCrash() {
        return true;
    }

    /**
     * The files as a process that dies now would leave them, in another place: once more when space
     * was released, or a segment prepared, while they were copied.
     */
    @Override
    protected void crash(final LogStore store) {
        final Path before = directory();
        try {
            Map<String, String> files = null;
            while (files == null || !files.equals(LogFixture.contentsOf(before))) {
                useNewMedium();
                files = LogFixture.contentsOf(before);
            }
            Files.createDirectories(directory());
            LogFixture.write(directory(), files);
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path directory() {
        return root.resolve("log-" + mediumIndex);
    }
}
