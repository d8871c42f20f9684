package io.wal.jmh.journal;

/** How bytes reach a segment. */
public enum WriteMode {
    /** Through a mapping, with a force of the range. */
    MAPPED,
    /** By synchronous writes of whole blocks that bypass the page cache. */
    DIRECT
}
