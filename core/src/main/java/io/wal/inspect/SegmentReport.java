package io.wal.inspect;

/**
 * What is known of a segment.
 *
 * @param name of the file or key.
 * @param length in bytes.
 * @param generation that wrote it; the epoch in a distributed log.
 * @param firstLsn of its first entry; 0 when it is prepared but not begun.
 * @param lastLsn of its last sound entry; {@code firstLsn - 1} when it holds none, or when it was
 *     not read.
 * @param state in a word: prepared, active, sealed, closed, torn, damaged.
 */
public record SegmentReport(
        String name, long length, long generation, long firstLsn, long lastLsn, String state) {}
