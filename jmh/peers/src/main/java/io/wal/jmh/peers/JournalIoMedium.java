package io.wal.jmh.peers;

import io.wal.jmh.journal.JournalUnderTest;
import io.wal.jmh.journal.Medium;
import java.io.IOException;
import java.nio.file.Path;
import journal.io.api.Journal;
import org.agrona.DirectBuffer;

/**
 * Journal.IO under one thread: whatever arrived is written asynchronously, then {@code sync()}. It
 * has one strength only; payloads acknowledged as written are synced too.
 */
final class JournalIoMedium implements Medium {
    private final JournalIoFiles files = new JournalIoFiles();

    @Override
    public void open(final Path directory) throws IOException {
        files.open(directory);
    }

    @Override
    public void write(final DirectBuffer buffer, final int offset, final int length)
            throws IOException {
        final byte[] bytes = new byte[length]; // it keeps the array until the batch is written
        buffer.getBytes(offset, bytes);
        files.journal().write(bytes, Journal.WriteType.ASYNC);
    }

    @Override
    public void commit(final boolean force) throws IOException {
        files.journal().sync();
    }

    @Override
    public void trim() {}

    @Override
    public long replay(final JournalUnderTest.PayloadHandler handler) throws IOException {
        return files.replay(handler);
    }

    @Override
    public void close() throws IOException {
        files.journal().close();
    }
}
