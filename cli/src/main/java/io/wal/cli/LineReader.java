package io.wal.cli;

import java.io.InputStream;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One payload per line. A line ends before a line feed, or at the end of the input; a carriage
 * return is a byte like any other.
 */
final class LineReader extends EntryReader {
    private static final byte LINE_FEED = '\n';
    private static final int SPARE = 2; // Base64 text of one length stands for up to three

    private final PayloadCodec codec;
    private final int maxLineLength;
    private final UnsafeBuffer decoded = new UnsafeBuffer(new byte[0]);
    private byte[] payload = new byte[0];
    private long lineNumber;
    private int consumed;
    private int length;

    /** A codec of null takes the lines as they are. */
    LineReader(
            final InputStream in,
            final String inputName,
            final int maxPayloadLength,
            final PayloadCodec codec) {
        super(in, inputName, maxPayloadLength, maxLineLength(maxPayloadLength, codec));
        this.codec = codec;
        this.maxLineLength = maxLineLength(maxPayloadLength, codec);
    }

    @Override
    boolean next() {
        final InputWindow window = window();
        window.skip(consumed);
        consumed = 0;
        int searched = 0;
        int end;
        while ((end = window.indexOf(LINE_FEED, searched)) < 0) {
            searched = window.length();
            checkLength(searched);
            if (!fill()) {
                return searched > 0 && take(searched, searched);
            }
        }
        return take(end, end + 1);
    }

    @Override
    DirectBuffer buffer() {
        return codec == null ? window().buffer() : decoded;
    }

    @Override
    int offset() {
        return codec == null ? window().bufferOffset() : 0;
    }

    @Override
    int length() {
        return length;
    }

    @Override
    String position() {
        return "line " + (lineNumber + 1);
    }

    private boolean take(final int lineLength, final int lineAndEndLength) {
        checkLength(lineLength);
        length = codec == null ? lineLength : decode(lineLength);
        consumed = lineAndEndLength;
        lineNumber++;
        return true;
    }

    private int decode(final int lineLength) {
        final int longest = maxPayloadLength() + SPARE;
        if (payload.length < Math.min(lineLength, longest)) { // no text is shorter than its payload
            payload = new byte[(int) Math.min(2L * lineLength, longest)];
            decoded.wrap(payload);
        }
        final int decodedLength;
        try {
            decodedLength =
                    codec.decode(window().buffer(), window().bufferOffset(), lineLength, payload);
        } catch (final MalformedTextException e) {
            throw malformed(position() + ", column " + e.column(), e.getMessage());
        }
        if (decodedLength > maxPayloadLength()) {
            throw tooLong();
        }
        return decodedLength;
    }

    private void checkLength(final int lineLength) {
        if (lineLength > maxLineLength) {
            throw tooLong();
        }
    }

    private UsageException tooLong() {
        return malformed(
                position(),
                "the line is too long; an entry takes " + maxPayloadLength() + " bytes at most");
    }

    private static int maxLineLength(final int maxPayloadLength, final PayloadCodec codec) {
        return codec == null ? maxPayloadLength : codec.textLength(maxPayloadLength);
    }
}
