package io.wal.cli;

import java.io.IOException;
import java.io.InputStream;
import org.agrona.DirectBuffer;

/**
 * Splits input into payloads, one at a time, in memory that is used again and again. One thread.
 */
abstract class EntryReader {
    private final InputWindow window;
    private final String inputName;
    private final int maxPayloadLength;

    /** An entry takes so many bytes in the input at most. */
    EntryReader(
            final InputStream in,
            final String inputName,
            final int maxPayloadLength,
            final int maxInputLength) {
        this.window = new InputWindow(in, maxInputLength);
        this.inputName = inputName;
        this.maxPayloadLength = maxPayloadLength;
    }

    static EntryReader of(
            final EntryFormat format,
            final InputStream in,
            final String inputName,
            final int maxPayloadLength) {
        return switch (format) {
            case LINES, HEX, BASE64 ->
                    new LineReader(in, inputName, maxPayloadLength, PayloadCodec.of(format));
            case FRAMED -> new FrameReader(in, inputName, maxPayloadLength);
        };
    }

    /**
     * Goes to the next payload; false at the end of the input.
     *
     * @throws UsageException when there is none, but something else; it says where.
     */
    abstract boolean next();

    /** Holds the payload until the next call of {@link #next()}. */
    abstract DirectBuffer buffer();

    abstract int offset();

    abstract int length();

    /** Where the reader stands, in words. */
    abstract String position();

    /** Bytes of the input that were consumed. Any thread may ask for a rough answer. */
    final long inputOffset() {
        return window.inputOffset();
    }

    final InputWindow window() {
        return window;
    }

    final int maxPayloadLength() {
        return maxPayloadLength;
    }

    final boolean fill() {
        try {
            return window.fill();
        } catch (final IOException e) {
            throw new UsageException(
                    "cannot read " + inputName + " at " + position() + ": " + e.getMessage(), e);
        }
    }

    final UsageException malformed(final String place, final String reason) {
        return new UsageException(inputName + ", " + place + ": " + reason);
    }
}
