package io.wal.jmh.peers;

import io.wal.jmh.journal.JournalUnderTest;
import io.wal.jmh.journal.Medium;
import java.nio.file.Path;
import org.agrona.DirectBuffer;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The log of RocksDB under one thread: it has no way to write and be told later, so whatever
 * arrived becomes one {@code WriteBatch}, written with {@code setSync(true)}.
 */
final class RocksMedium implements Medium {
    private final RocksStore store = new RocksStore();
    private final byte[] key = new byte[Long.BYTES];
    private byte[] value = new byte[0];
    private WriteBatch batch;
    private WriteOptions forced;
    private WriteOptions written;
    private long lastKey;

    @Override
    public void open(final Path directory) throws RocksDBException {
        lastKey = store.open(directory);
        batch = new WriteBatch();
        forced = new WriteOptions().setSync(true);
        written = new WriteOptions();
    }

    @Override
    public void write(final DirectBuffer buffer, final int offset, final int length)
            throws RocksDBException {
        if (value.length != length) {
            value = new byte[length];
        }
        buffer.getBytes(offset, value);
        RocksStore.encode(key, ++lastKey);
        batch.put(key, value);
    }

    @Override
    public void commit(final boolean force) throws RocksDBException {
        store.database().write(force ? forced : written, batch);
        batch.clear();
    }

    @Override
    public void trim() throws RocksDBException {
        store.trim(lastKey);
    }

    @Override
    public long replay(final JournalUnderTest.PayloadHandler handler) throws RocksDBException {
        return store.replay(handler);
    }

    @Override
    public void close() {
        batch.close();
        forced.close();
        written.close();
        store.close();
    }
}
