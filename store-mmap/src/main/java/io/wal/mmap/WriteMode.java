package io.wal.mmap;

/**
 * How a {@link MmapLogStore} writes its segments. The files are the same; choose anew at each
 * opening.
 */
public enum WriteMode {
    /** Through a mapping, with a force of the range. Works everywhere. The default. */
    MAPPED,
    /**
     * By synchronous writes of whole blocks past the page cache. Takes a fraction of the processor
     * time, and makes everything durable that it writes, {@link io.wal.Durability#WRITTEN} or not.
     * Needs a file system and an operating system that can do it: Linux with ext4 or XFS, not
     * tmpfs.
     */
    DIRECT
}
