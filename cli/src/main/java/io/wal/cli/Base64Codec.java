package io.wal.cli;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.agrona.DirectBuffer;

/** Base64 as in RFC 4648, section 4: padded, and canonical, so that one payload has one text. */
final class Base64Codec implements PayloadCodec {
    private static final byte[] ALPHABET =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                    .getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VALUES = new byte[256];
    private static final char PADDING = '=';

    static {
        Arrays.fill(VALUES, (byte) -1);
        for (int i = 0; i < ALPHABET.length; i++) {
            VALUES[ALPHABET[i]] = (byte) i;
        }
    }

    @Override
    public int textLength(final int payloadLength) {
        return (int) Math.min((payloadLength + 2L) / 3 * 4, LONGEST_TEXT);
    }

    @Override
    public int decode(
            final DirectBuffer text, final int offset, final int length, final byte[] payload) {
        int count = 0;
        final int digitCount = length - paddingLength(text, offset, length);
        int i = 0;
        for (; i + 4 <= digitCount; i += 4) {
            final int bits = bits(text, offset, i, 4);
            payload[count++] = (byte) (bits >> 16);
            payload[count++] = (byte) (bits >> 8);
            payload[count++] = (byte) bits;
        }
        final int rest = digitCount - i;
        if (rest == 0 && digitCount == length) {
            return count;
        }
        final int bits = bits(text, offset, i, rest);
        if (rest == 1) {
            throw new MalformedTextException(
                    length, "the last group of characters is not complete");
        }
        if (rest == 0) {
            throw new MalformedTextException(i, (byte) PADDING, "the end of the line");
        }
        if (length % 4 != 0) {
            throw new MalformedTextException(
                    length, "the padding with '=' is missing or not complete");
        }
        if ((bits & (rest == 2 ? 0xFFFF : 0xFF)) != 0) {
            throw new MalformedTextException(
                    i + rest - 1, "the unused bits before the padding are not zero");
        }
        payload[count++] = (byte) (bits >> 16);
        if (rest == 3) {
            payload[count++] = (byte) (bits >> 8);
        }
        return count;
    }

    @Override
    public void encode(
            final DirectBuffer payload,
            final int offset,
            final int length,
            final OutputBuffer out) {
        for (int i = 0; i < length; i += 3) {
            final int count = Math.min(3, length - i);
            int bits = 0;
            for (int j = 0; j < 3; j++) {
                bits = bits << 8 | (j < count ? payload.getByte(offset + i + j) & 0xFF : 0);
            }
            for (int j = 0; j < 4; j++) {
                out.putByte(j <= count ? ALPHABET[bits >> 18 - 6 * j & 0x3F] : PADDING);
            }
        }
    }

    private static int paddingLength(final DirectBuffer text, final int offset, final int length) {
        int count = 0;
        while (count < 2
                && count < length
                && text.getByte(offset + length - 1 - count) == PADDING) {
            count++;
        }
        return count;
    }

    /** The bits of up to four characters, as the highest of 24. */
    private static int bits(
            final DirectBuffer text, final int offset, final int index, final int count) {
        int bits = 0;
        for (int i = 0; i < count; i++) {
            final byte character = text.getByte(offset + index + i);
            final int value = VALUES[character & 0xFF];
            if (value < 0) {
                throw new MalformedTextException(index + i, character, "a Base64 character");
            }
            bits |= value << 18 - 6 * i;
        }
        return bits;
    }
}
