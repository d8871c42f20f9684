package io.wal.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The part of the input that is in memory: read, and not yet consumed. It grows as far as the entry
 * at hand needs. Offsets count from the first byte not consumed. One thread.
 */
final class InputWindow {
    private static final int READ_LENGTH = 64 << 10; // what a pipe holds
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private final InputStream in;
    private final long greatestLength;
    private final UnsafeBuffer buffer = new UnsafeBuffer();
    private byte[] bytes = new byte[2 * READ_LENGTH];
    private int start;
    private int end;
    private long inputOffset;

    /** The callers never need more than so many bytes at once. */
    InputWindow(final InputStream in, final int needed) {
        this.in = in;
        greatestLength = Math.max(bytes.length, (long) needed + 2 * READ_LENGTH);
        buffer.wrap(bytes);
    }

    /** Reads some more. False at the end of the input. */
    boolean fill() throws IOException {
        makeRoom();
        final int count = in.read(bytes, end, Math.min(READ_LENGTH, bytes.length - end));
        if (count > 0) {
            end += count;
        }
        return count >= 0;
    }

    /** Consumes bytes. */
    void skip(final int count) {
        start += count;
        inputOffset += count;
    }

    int length() {
        return end - start;
    }

    /** Offset in the input of the first byte not consumed. */
    long inputOffset() {
        return inputOffset;
    }

    DirectBuffer buffer() {
        return buffer;
    }

    /** Where the window begins in {@link #buffer()}. */
    int bufferOffset() {
        return start;
    }

    /** Four bytes, the highest first. */
    int getInt(final int offset) {
        return buffer.getInt(start + offset, ByteOrder.BIG_ENDIAN);
    }

    /** Where a byte is next found, or -1; eight bytes at a time. */
    int indexOf(final byte value, final int from) {
        final long pattern = ONES * (value & 0xFF);
        int i = start + from;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            final long difference = buffer.getLong(i, ByteOrder.LITTLE_ENDIAN) ^ pattern;
            final long hit = difference - ONES & ~difference & HIGH_BITS; // its lowest bit is exact
            if (hit != 0) {
                return i - start + (Long.numberOfTrailingZeros(hit) >>> 3);
            }
        }
        for (; i < end; i++) {
            if (bytes[i] == value) {
                return i - start;
            }
        }
        return -1;
    }

    private void makeRoom() {
        if (bytes.length - end >= READ_LENGTH) {
            return;
        }
        final int length = length();
        if (bytes.length - length >= READ_LENGTH) {
            System.arraycopy(bytes, start, bytes, 0, length);
        } else {
            final byte[] larger = new byte[(int) Math.min(4L * bytes.length, greatestLength)];
            System.arraycopy(bytes, start, larger, 0, length);
            bytes = larger;
            buffer.wrap(bytes);
        }
        start = 0;
        end = length;
    }
}
