package io.wal.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Bytes on their way to standard output, in one buffer that is used again and again. One thread.
 */
final class OutputBuffer {
    private static final int LENGTH = 64 << 10;
    private static final int LONGEST_NUMBER = 20;

    private final OutputStream out;
    private final byte[] bytes = new byte[LENGTH];
    private final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
    private int length;

    OutputBuffer(final OutputStream out) {
        this.out = out;
    }

    void putByte(final int value) {
        reserve(1);
        bytes[length++] = (byte) value;
    }

    /** Four bytes, the highest first. */
    void putInt(final int value) {
        for (int shift = 24; shift >= 0; shift -= 8) {
            putByte(value >>> shift);
        }
    }

    /** Eight bytes, the highest first. */
    void putLong(final long value) {
        putInt((int) (value >>> 32));
        putInt((int) value);
    }

    /** A number in decimal digits. */
    void putDecimal(final long value) {
        reserve(LONGEST_NUMBER);
        length += buffer.putLongAscii(length, value);
    }

    void putAscii(final String text) {
        for (int i = 0; i < text.length(); i++) {
            putByte(text.charAt(i));
        }
    }

    void putText(final String text) {
        for (final byte b : text.getBytes(StandardCharsets.UTF_8)) {
            putByte(b);
        }
    }

    void putBytes(final DirectBuffer source, final int offset, final int count) {
        int done = 0;
        while (done < count) {
            reserve(1);
            final int part = Math.min(count - done, LENGTH - length);
            source.getBytes(offset + done, bytes, length, part);
            length += part;
            done += part;
        }
    }

    void flush() {
        drain();
        try {
            out.flush();
        } catch (final IOException e) {
            throw new OutputException(e);
        }
    }

    private void reserve(final int count) {
        if (LENGTH - length < count) {
            drain();
        }
    }

    private void drain() {
        final int count = length;
        length = 0; // also when it fails: what cannot be written is not tried again
        try {
            out.write(bytes, 0, count);
        } catch (final IOException e) {
            throw new OutputException(e);
        }
    }
}
