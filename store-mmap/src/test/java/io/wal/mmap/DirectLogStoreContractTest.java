package io.wal.mmap;

/** The contract again, written past the page cache. */
class DirectLogStoreContractTest extends MmapLogStoreContractTest {
    @Override
    MmapStoreContext storeContext() {
        DirectWriting.assumeSupported(root);
        return super.storeContext().writeMode(WriteMode.DIRECT);
    }
}
