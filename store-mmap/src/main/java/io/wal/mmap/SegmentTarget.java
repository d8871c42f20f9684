package io.wal.mmap;

import java.io.IOException;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Where the bytes of a segment go on their way to the medium. The store's thread writes and forces;
 * the allocator's thread touches, and closes when the store's thread is done.
 */
interface SegmentTarget {
    /**
     * Makes room for bytes of the segment that follow the last ones put.
     *
     * @param position of the first of them in the segment.
     * @param length how many; they stay at their place in the buffer until the next call.
     * @return index of the position in {@link #buffer()}.
     * @throws IOException when room had to be made by writing, and that failed.
     */
    int reserve(int position, int length) throws IOException;

    /** The buffer; it may be another one after {@link #reserve}. */
    UnsafeBuffer buffer();

    /**
     * Hands bytes to the operating system, so that they survive the death of the process.
     *
     * @param position behind the last byte put.
     * @throws IOException when that failed.
     */
    void write(int position) throws IOException;

    /**
     * Makes bytes durable, and returns when they are.
     *
     * @param from first byte that is not known to be durable.
     * @param position behind the last byte put.
     * @throws IOException when that failed; it is never tried again.
     */
    void force(int from, int position) throws IOException;

    /** Whether {@link #write} makes durable, too. */
    boolean isWriteDurable();

    /** Allocator's thread: brings the pages of a range in for writing, without changing them. */
    void touch(int from, int to);

    /** Lets go of file or mapping. */
    void close();
}
