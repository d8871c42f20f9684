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
        for (long word = first(id); at + Long.BYTES <= length; at += Long.BYTES, word += STEP) {
            buffer.putLong(offset + at, word, ByteOrder.LITTLE_ENDIAN);
        }
        for (; at < length; at++) {
            buffer.putByte(offset + at, (byte) (first(id) >>> 8 + at));
        }
    }

    static boolean matches(
            final DirectBuffer buffer, final int offset, final int length, final long id) {
        int at = 0;
        for (long word = first(id); at + Long.BYTES <= length; at += Long.BYTES, word += STEP) {
            if (buffer.getLong(offset + at, ByteOrder.LITTLE_ENDIAN) != word) {
                return false;
            }
        }
        for (; at < length; at++) {
            if (buffer.getByte(offset + at) != (byte) (first(id) >>> 8 + at)) {
                return false;
            }
        }
        return true;
    }

    /** The number that a payload of eight bytes or more was made from. */
    static long id(final DirectBuffer buffer, final int offset) {
        final long first = buffer.getLong(offset, ByteOrder.LITTLE_ENDIAN);
        final long mixed = first * 0x3196_42B2_D24D_8EC3L;
        final long id = (mixed ^ mixed >>> 27 ^ mixed >>> 54) * 0x96DE_1B17_3F11_9089L;
        return id ^ id >>> 30 ^ id >>> 60;
    }

    /** Far from that of any other id, and {@link #id} is its inverse. */
    private static long first(final long id) {
        final long mixed = (id ^ id >>> 30) * 0xBF58_476D_1CE4_E5B9L;
        return (mixed ^ mixed >>> 27) * 0x94D0_49BB_1331_11EBL;
    }
}
