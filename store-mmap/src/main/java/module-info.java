/** Keeps a write-ahead log in memory-mapped segment files. */
module io.wal.mmap {
    requires transitive io.wal.core;

    exports io.wal.mmap;
}
