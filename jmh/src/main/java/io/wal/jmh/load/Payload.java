package io.wal.jmh.load;

import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The payload of a producer: bytes that do not compress, beginning with a number, so that no two
 * are equal and none begins with eight zeroes.
 */
public final class Payload {
    private static final int PRODUCER_SHIFT = 48;

    private final UnsafeBuffer buffer;
    private final long producer;

    /**
     * Creates a payload.
     *
     * @param length in bytes, from 8.
     * @param producer its number, from 0.
     */
    public Payload(final int length, final int producer) {
        final byte[] bytes = new byte[length];
        new Random(producer + 1L).nextBytes(bytes);
        buffer = new UnsafeBuffer(bytes);
        this.producer = (long) producer << PRODUCER_SHIFT;
    }

    /**
     * Makes it the next payload.
     *
     * @param number of the payload, from 0.
     * @return the buffer, all of it.
     */
    public UnsafeBuffer number(final long number) {
        buffer.putLong(0, producer | number + 1);
        return buffer;
    }

    /**
     * Whether a payload is as it was appended.
     *
     * @param read buffer it was read into.
     * @param offset of it.
     * @param length of it in bytes.
     * @param number it should have.
     * @return whether all its bytes are right.
     */
    public boolean matches(
            final org.agrona.DirectBuffer read,
            final int offset,
            final int length,
            final long number) {
        number(number);
        if (length != buffer.capacity()) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (buffer.getByte(i) != read.getByte(offset + i)) {
                return false;
            }
        }
        return true;
    }

    /**
     * The producer of a payload.
     *
     * @param head its first eight bytes.
     * @return the number of the producer, from 0.
     */
    public static int producerOf(final long head) {
        return (int) (head >>> PRODUCER_SHIFT);
    }
}
