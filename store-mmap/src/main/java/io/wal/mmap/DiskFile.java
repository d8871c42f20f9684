package io.wal.mmap;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An open file of a {@link Disk}. One thread at a time, save for reading. */
public interface DiskFile extends Closeable {
    /**
     * The length of the file.
     *
     * @return bytes.
     * @throws IOException when it cannot be told.
     */
    long length() throws IOException;

    /**
     * Reads at a position, as much as there is and the buffer takes.
     *
     * @param target buffer to fill from its position to its limit.
     * @param position in the file.
     * @return bytes read; less than asked only at the end of the file, and 0 behind it.
     * @throws IOException when the file cannot be read.
     */
    int read(ByteBuffer target, long position) throws IOException;

    /**
     * Writes a buffer at a position, all of it.
     *
     * @param source buffer to write from its position to its limit.
     * @param position in the file; the file grows when need be.
     * @throws IOException when not all of it could be written; a full disk says so here.
     */
    void write(ByteBuffer source, long position) throws IOException;

    /**
     * Makes contents and length durable.
     *
     * @throws IOException when that failed; what was not durable may be lost, and trying again
     *     proves nothing.
     */
    void force() throws IOException;

    /**
     * Cuts the file.
     *
     * @param length to keep, in bytes.
     * @throws IOException when it cannot be cut.
     */
    void truncate(long length) throws IOException;

    /**
     * Maps the begin of the file for writing. The space must have been written before.
     *
     * @param length to map, in bytes.
     * @return the mapping; it stays when the file is closed.
     * @throws IOException when it cannot be mapped.
     */
    DiskMapping map(int length) throws IOException;

    @Override
    void close() throws IOException;
}
