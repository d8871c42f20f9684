package io.wal.jmh.peers;

import io.wal.jmh.journal.JournalSettings;
import io.wal.jmh.journal.JournalUnderTest;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * The log of RocksDB under threads that wait: each puts its payload with {@code setSync(true)}, and
 * RocksDB gathers those that wait into one write of its own.
 */
final class RocksJournal implements JournalUnderTest {
    private final JournalSettings settings;
    private final RocksStore store = new RocksStore();
    private final AtomicLong lastKey = new AtomicLong();
    private WriteOptions options;

    RocksJournal(final JournalSettings settings) {
        this.settings = settings;
    }

    @Override
    public void open(final Path directory) throws RocksDBException {
        lastKey.set(store.open(directory));
        options = new WriteOptions().setSync(settings.isForced());
    }

    @Override
    public Producer producer() {
        return new PutProducer();
    }

    /** The lowest keys go; those that are being written meanwhile stay. */
    @Override
    public void trim() throws RocksDBException {
        store.trim(lastKey.get() - settings.producers());
    }

    @Override
    public long replay(final PayloadHandler handler) throws RocksDBException {
        return store.replay(handler);
    }

    @Override
    public void close() {
        options.close();
        store.close();
    }

    private final class PutProducer implements Producer {
        private final byte[] key = new byte[Long.BYTES];
        private byte[] value = new byte[0];
        private long acknowledged;

        @Override
        public long append(final DirectBuffer buffer, final int offset, final int length) {
            if (value.length != length) {
                value = new byte[length];
            }
            buffer.getBytes(offset, value);
            RocksStore.encode(key, lastKey.incrementAndGet());
            try {
                store.database().put(options, key, value);
            } catch (final RocksDBException e) {
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
