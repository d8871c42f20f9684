package io.wal.inspect;

/**
 * A damaged or missing part of a log.
 *
 * @param segment name of the segment, file or key.
 * @param offset where the damage begins in it, in bytes.
 * @param lsn first LSN that is affected; 0 when it is not known.
 * @param reason what is wrong, and the evidence for it.
 */
public record Damage(String segment, long offset, long lsn, String reason) {}
