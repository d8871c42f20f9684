package io.wal.cli.doctor;

/** A way for bytes to reach a segment file and to become durable there. */
public enum WritePath {
    /** Copied into a mapping of small pages that were touched ahead, then its range is forced. */
    MAPPED,
    /** Whole blocks, written past the page cache by a synchronous write. */
    DIRECT,
    /** Written at a position, then the data of the file is forced. No write mode: to compare. */
    POSITIONAL
}
