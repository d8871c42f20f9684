package io.wal.cli;

import org.agrona.DirectBuffer;

/** Two hexadecimal digits for each byte. */
final class HexCodec implements PayloadCodec {
    private static final String DIGITS = "0123456789abcdef";

    @Override
    public int textLength(final int payloadLength) {
        return (int) Math.min(2L * payloadLength, LONGEST_TEXT);
    }

    @Override
    public int decode(
            final DirectBuffer text, final int offset, final int length, final byte[] payload) {
        for (int i = 0; i + 1 < length; i += 2) {
            payload[i >> 1] = (byte) (digit(text, offset, i) << 4 | digit(text, offset, i + 1));
        }
        if ((length & 1) != 0) {
            digit(text, offset, length - 1);
            throw new MalformedTextException(
                    length, "the second digit of the last byte is missing");
        }
        return length >> 1;
    }

    @Override
    public void encode(
            final DirectBuffer payload,
            final int offset,
            final int length,
            final OutputBuffer out) {
        for (int i = 0; i < length; i++) {
            final byte value = payload.getByte(offset + i);
            out.putByte(DIGITS.charAt(value >> 4 & 0xF));
            out.putByte(DIGITS.charAt(value & 0xF));
        }
    }

    private static int digit(final DirectBuffer text, final int offset, final int index) {
        final byte character = text.getByte(offset + index);
        final int digit = character < 0 ? -1 : Character.digit(character, 16);
        if (digit < 0) {
            throw new MalformedTextException(index, character, "a hexadecimal digit");
        }
        return digit;
    }
}
