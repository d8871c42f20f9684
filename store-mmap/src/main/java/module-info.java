/** Keeps a write-ahead log in memory-mapped segment files. */
module io.wal.mmap {
    requires jdk.unsupported; // writing past the page cache: com.sun.nio.file.ExtendedOpenOption
    requires jdk.jfr;
    requires transitive io.wal.core;

    exports io.wal.mmap;
}
