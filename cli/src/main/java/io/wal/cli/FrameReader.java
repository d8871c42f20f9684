package io.wal.cli;

import java.io.InputStream;
import org.agrona.DirectBuffer;

/** Payloads with their length before them: four bytes, the highest first. */
final class FrameReader extends EntryReader {
    private static final int HEADER_LENGTH = Integer.BYTES;

    private int consumed;
    private int length;

    FrameReader(final InputStream in, final String inputName, final int maxPayloadLength) {
        super(in, inputName, maxPayloadLength, HEADER_LENGTH + maxPayloadLength);
    }

    @Override
    boolean next() {
        final InputWindow window = window();
        window.skip(consumed);
        consumed = 0;
        if (!have(HEADER_LENGTH)) {
            if (window.length() == 0) {
                return false;
            }
            throw malformed(position(), "the input ends within the length of a frame");
        }
        final int announced = window.getInt(0);
        if (announced < 0) {
            throw malformed(position(), "a frame cannot have the length " + announced);
        }
        if (announced > maxPayloadLength()) {
            throw malformed(
                    position(),
                    "the frame has "
                            + announced
                            + " bytes; an entry takes "
                            + maxPayloadLength()
                            + " at most");
        }
        if (!have(HEADER_LENGTH + announced)) {
            throw malformed(
                    position(),
                    "the input ends within a frame, after "
                            + (window.length() - HEADER_LENGTH)
                            + " of its "
                            + announced
                            + " bytes");
        }
        length = announced;
        consumed = HEADER_LENGTH + announced;
        return true;
    }

    @Override
    DirectBuffer buffer() {
        return window().buffer();
    }

    @Override
    int offset() {
        return window().bufferOffset() + HEADER_LENGTH;
    }

    @Override
    int length() {
        return length;
    }

    @Override
    String position() {
        return "byte offset " + window().inputOffset();
    }

    private boolean have(final int count) {
        while (window().length() < count) {
            if (!fill()) {
                return false;
            }
        }
        return true;
    }
}
