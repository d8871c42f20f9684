package io.wal.mmap.sim;

/** What a name stands for. */
sealed interface DiskNode permits CachedFile, CachedDirectory {}
