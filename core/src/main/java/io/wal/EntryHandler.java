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
     * @param buffer that holds the payload; valid only during the call. It may cover a part of its
     *     {@code byteArray()}, where indexes are larger by {@code wrapAdjustment()}.
     * @param offset of the payload in the buffer.
     * @param length of the payload in bytes, 0 or more.
     */
    void onEntry(long lsn, EntryKind kind, DirectBuffer buffer, int offset, int length);
}
