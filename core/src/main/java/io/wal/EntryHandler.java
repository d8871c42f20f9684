package io.wal;

import org.agrona.DirectBuffer;

/** Receives the entries of a log, in LSN order, on one thread. */
@FunctionalInterface
public interface EntryHandler {
    /**
     * Called for each entry.
     *
     * @param lsn of the entry.
     * @param kind of the entry.
     * @param buffer that holds the payload; valid only during the call. It may be a part of an
     *     array, which then holds the payload at the offset plus {@code wrapAdjustment()}.
     * @param offset of the payload in the buffer.
     * @param length of the payload in bytes, 0 or more.
     */
    void onEntry(long lsn, EntryKind kind, DirectBuffer buffer, int offset, int length);
}
