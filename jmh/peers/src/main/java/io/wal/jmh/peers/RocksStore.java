package io.wal.jmh.peers;

import io.wal.jmh.journal.JournalUnderTest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.VectorMemTableConfig;

/**
 * A RocksDB that is as little of a database as it lets itself be: payloads by ascending number, a
 * memory table that is a plain vector and larger than what is held between two trims, no
 * compaction, four log files that are used again. So its log is what is measured.
 */
final class RocksStore {
    private static final long MEMORY_TABLE_LENGTH = 768L << 20;
    private static final int RECYCLED_LOGS = 4;

    private Options options;
    private RocksDB database;
    private FlushOptions flushOptions;
    private long trimmedKey;

    static {
        RocksDB.loadLibrary();
    }

    /** Opens it and says what the highest key is. */
    long open(final Path directory) throws RocksDBException {
        options =
                new Options()
                        .setCreateIfMissing(true)
                        .setMemTableConfig(new VectorMemTableConfig())
                        .setAllowConcurrentMemtableWrite(false)
                        .setWriteBufferSize(MEMORY_TABLE_LENGTH)
                        .setDisableAutoCompactions(true)
                        .setAvoidFlushDuringRecovery(true)
                        .setAvoidFlushDuringShutdown(true)
                        .setRecycleLogFileNum(RECYCLED_LOGS)
                        .setUseFsync(false);
        flushOptions = new FlushOptions().setWaitForFlush(true);
        database = RocksDB.open(options, directory.toString());
        try (RocksIterator iterator = database.newIterator()) {
            iterator.seekToLast();
            return iterator.isValid() ? decode(iterator.key()) : 0;
        }
    }

    RocksDB database() {
        return database;
    }

    /** Deletes all keys up to this one, and begins a new log. */
    void trim(final long key) throws RocksDBException {
        if (key > trimmedKey) {
            database.deleteRange(
                    encode(new byte[Long.BYTES], trimmedKey), encode(new byte[Long.BYTES], key));
            trimmedKey = key;
            database.flush(flushOptions);
        }
    }

    long replay(final JournalUnderTest.PayloadHandler handler) throws RocksDBException {
        final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
        long count = 0;
        try (RocksIterator iterator = database.newIterator()) {
            for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
                final byte[] value = iterator.value();
                buffer.wrap(value);
                handler.onPayload(buffer, 0, value.length);
                count++;
            }
            iterator.status();
        }
        return count;
    }

    void close() {
        database.close();
        flushOptions.close();
        options.close();
    }

    static byte[] encode(final byte[] key, final long number) {
        ByteBuffer.wrap(key).putLong(number);
        return key;
    }

    private static long decode(final byte[] key) {
        return ByteBuffer.wrap(key).getLong();
    }
}
