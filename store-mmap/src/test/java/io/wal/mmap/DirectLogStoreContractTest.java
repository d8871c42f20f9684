package io.wal.mmap;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The contract again, written past the page cache, on a real disk. */
class DirectLogStoreContractTest extends MmapLogStoreContractTest {
    @TempDir Path rootOnDisk;

    @BeforeEach
    void useTheDisk() {
        DirectWriting.assumeSupported(rootOnDisk);
        root = rootOnDisk;
    }

    @Override
    MmapStoreContext storeContext() {
        return super.storeContext().writeMode(WriteMode.DIRECT);
    }
}
