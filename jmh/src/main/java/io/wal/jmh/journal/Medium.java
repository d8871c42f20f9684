package io.wal.jmh.journal;

import java.io.IOException;
import java.nio.file.Path;
import org.agrona.DirectBuffer;

/**
 * What one thread writes and forces, with no group commit of its own: a floor, or a peer that
 * leaves batching to its caller. Not for several threads at a time.
 */
public interface Medium extends AutoCloseable {
    /**
     * Opens the medium.
     *
     * @param directory an existing directory for nothing else.
     * @throws Exception when it cannot be opened.
     */
    void open(Path directory) throws Exception;

    /**
     * Adds a payload to the batch.
     *
     * @param buffer that holds it, backed by an array; may be used again after this returns.
     * @param offset of the payload.
     * @param length of the payload in bytes.
     * @throws Exception when it cannot be written.
     */
    void write(DirectBuffer buffer, int offset, int length) throws Exception;

    /**
     * Ends the batch: everything written reaches the operating system, and stable storage if asked.
     *
     * @param force whether to force.
     * @throws Exception when it fails.
     */
    void commit(boolean force) throws Exception;

    /**
     * Lets go of what was committed.
     *
     * @throws Exception when it fails.
     */
    void trim() throws Exception;

    /**
     * Delivers every payload held, in order.
     *
     * @param handler receives them.
     * @return how many there were.
     * @throws Exception when they cannot be read.
     */
    long replay(JournalUnderTest.PayloadHandler handler) throws Exception;

    @Override
    void close() throws IOException;
}
