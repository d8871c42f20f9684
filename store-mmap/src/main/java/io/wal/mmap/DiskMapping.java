package io.wal.mmap;

import java.io.IOException;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A file mapped for writing. Whoever closes it must know that nobody touches the buffer any more.
 */
public interface DiskMapping extends AutoCloseable {
    /**
     * The mapped bytes.
     *
     * @return the buffer, the same at each call.
     */
    UnsafeBuffer buffer();

    /**
     * Makes a range durable, and returns when it is.
     *
     * @param offset of the first byte.
     * @param length in bytes.
     * @throws IOException when that failed; what was not durable may be lost, and trying again
     *     proves nothing.
     */
    void force(int offset, int length) throws IOException;

    /** Unmaps. */
    @Override
    void close();
}
