package io.wal.cli;

import org.agrona.DirectBuffer;

/** A way to write any bytes as text within a line. */
interface PayloadCodec {
    /** What an array holds with room to spare. */
    int LONGEST_TEXT = Integer.MAX_VALUE - (1 << 20);

    /** The codec of a format; null when it leaves the bytes as they are. */
    static PayloadCodec of(final EntryFormat format) {
        return switch (format) {
            case HEX -> new HexCodec();
            case BASE64 -> new Base64Codec();
            case LINES, FRAMED -> null;
        };
    }

    /** Length of the text for a payload. */
    int textLength(int payloadLength);

    /**
     * Writes the payload that a text stands for; its length is returned.
     *
     * @throws MalformedTextException when the text stands for none.
     */
    int decode(DirectBuffer text, int offset, int length, byte[] payload);

    /** Writes the text for a payload. */
    void encode(DirectBuffer payload, int offset, int length, OutputBuffer out);
}
