package io.wal.mmap.sim;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;

/** The payload of an entry, made from a number that no other entry has. */
final class EntryContent {
    private static final long STEP = 0x9E37_79B9_7F4A_7C15L;

    private EntryContent() {}

    static void fill(
            final MutableDirectBuffer buffer, final int offset, final int length, final long id) {
        int at = 0;
        for (long word = id * STEP; at + Long.BYTES <= length; at += Long.BYTES, word += STEP) {
            buffer.putLong(offset + at, word, ByteOrder.LITTLE_ENDIAN);
        }
        for (; at < length; at++) {
            buffer.putByte(offset + at, (byte) (id + at));
        }
    }

    static boolean matches(
            final DirectBuffer buffer, final int offset, final int length, final long id) {
        int at = 0;
        for (long word = id * STEP; at + Long.BYTES <= length; at += Long.BYTES, word += STEP) {
            if (buffer.getLong(offset + at, ByteOrder.LITTLE_ENDIAN) != word) {
                return false;
            }
        }
        for (; at < length; at++) {
            if (buffer.getByte(offset + at) != (byte) (id + at)) {
                return false;
            }
        }
        return true;
    }
}
