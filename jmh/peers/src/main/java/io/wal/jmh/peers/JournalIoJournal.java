package io.wal.jmh.peers;

import io.wal.jmh.journal.JournalSettings;
import io.wal.jmh.journal.JournalUnderTest;
import java.io.IOException;
import java.nio.file.Path;
import journal.io.api.Journal;
import org.agrona.DirectBuffer;

/** Journal.IO under threads that wait: its own group commit of synchronous writes. */
final class JournalIoJournal implements JournalUnderTest {
    private final JournalIoFiles files = new JournalIoFiles();
    private final Journal.WriteType writeType;

    JournalIoJournal(final JournalSettings settings) {
        writeType = settings.isForced() ? Journal.WriteType.SYNC : Journal.WriteType.ASYNC;
    }

    @Override
    public void open(final Path directory) throws IOException {
        files.open(directory);
    }

    @Override
    public Producer producer() {
        return new SyncProducer();
    }

    @Override
    public void trim() {}

    @Override
    public long replay(final PayloadHandler handler) throws IOException {
        return files.replay(handler);
    }

    @Override
    public void close() throws IOException {
        files.journal().close();
    }

    private final class SyncProducer implements Producer {
        private long acknowledged;

        @Override
        public long append(final DirectBuffer buffer, final int offset, final int length) {
            final byte[] bytes = new byte[length];
            buffer.getBytes(offset, bytes);
            try {
                files.journal().write(bytes, writeType);
            } catch (final IOException e) {
                throw new IllegalStateException(e);
            }
            return ++acknowledged;
        }

        @Override
        public long acknowledged() {
            return acknowledged;
        }

        @Override
        public void appendAndAwait(final DirectBuffer buffer, final int offset, final int length) {
            append(buffer, offset, length);
        }
    }
}
