package io.wal.jmh.peers;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.wal.jmh.journal.JournalSettings;
import io.wal.jmh.journal.JournalUnderTest;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.bookkeeper.bookie.Journal;
import org.apache.bookkeeper.bookie.LedgerDirsManager;
import org.apache.bookkeeper.client.BKException;
import org.apache.bookkeeper.conf.ServerConfiguration;
import org.apache.bookkeeper.net.BookieId;
import org.apache.bookkeeper.proto.BookkeeperInternalCallbacks.WriteCallback;
import org.apache.bookkeeper.util.DiskChecker;

/**
 * The journal of a BookKeeper bookie, without the bookie. Its own group commit: one thread writes,
 * another forces, a callback acknowledges. It is told to flush as soon as its queue is empty; by
 * default it waits up to 2 ms for more. Entries carry two numbers of 8 bytes, as a bookie's do, and
 * no checksum of their own.
 */
final class BookKeeperJournal implements JournalUnderTest {
    private static final int ENTRY_HEADER_LENGTH = 2 * Long.BYTES;
    private static final long LEDGER_ID = 1;
    private static final int QUEUE_LENGTH = 16384;
    private static final long BATCH_LENGTH = 4 << 20;
    private static final float DISK_FULL = 0.999f;
    private static final float DISK_NEARLY_FULL = 0.99f;

    private final JournalSettings settings;
    private final AtomicLong nextEntryId = new AtomicLong();
    private File directory;
    private Journal journal;
    private boolean started;

    BookKeeperJournal(final JournalSettings settings) {
        this.settings = settings;
    }

    @Override
    public void open(final Path home) throws IOException {
        directory = Files.createDirectories(home.resolve("current")).toFile();
        final File ledgers = Files.createDirectories(home.resolve("ledgers/current")).toFile();
        final ServerConfiguration configuration =
                new ServerConfiguration()
                        .setJournalDirName(home.toString())
                        .setLedgerDirNames(new String[] {ledgers.getParent()})
                        .setJournalSyncData(settings.isForced())
                        .setJournalFlushWhenQueueEmpty(true)
                        .setJournalQueueSize(QUEUE_LENGTH)
                        .setJournalBufferedEntriesThreshold(QUEUE_LENGTH)
                        .setJournalBufferedWritesThreshold(BATCH_LENGTH)
                        .setMaxBackupJournals(0);
        journal =
                new Journal(
                        0,
                        directory,
                        configuration,
                        new LedgerDirsManager(
                                configuration,
                                new File[] {ledgers},
                                new DiskChecker(DISK_FULL, DISK_NEARLY_FULL)));
    }

    @Override
    public Producer producer() {
        start();
        return new EntryProducer();
    }

    /** Says that all is stored elsewhere, so that files before the one in use go. */
    @Override
    public void trim() throws IOException {
        journal.checkpointComplete(journal.newCheckpoint(), true);
    }

    @Override
    public long replay(final PayloadHandler handler) throws IOException {
        final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
        final List<Long> ids = Journal.listJournalIds(directory, null);
        final long[] count = {0};
        for (final long id : ids) {
            journal.scanJournal(
                    id,
                    0,
                    (version, offset, entry) -> {
                        final long entryId = entryId(entry);
                        if (entryId >= 0) {
                            buffer.wrap(entry);
                            handler.onPayload(
                                    buffer,
                                    ENTRY_HEADER_LENGTH,
                                    entry.remaining() - ENTRY_HEADER_LENGTH);
                            count[0]++;
                        }
                    },
                    true);
        }
        return count[0];
    }

    @Override
    public void close() {
        if (started) {
            journal.shutdown();
        }
    }

    private synchronized void start() {
        if (!started) {
            journal.start();
            started = true;
        }
    }

    private static long entryId(final ByteBuffer entry) {
        return entry.remaining() < ENTRY_HEADER_LENGTH
                ? -1
                : entry.getLong(entry.position() + Long.BYTES);
    }

    private final class EntryProducer extends CallbackProducer implements WriteCallback {
        @Override
        void submit(final DirectBuffer buffer, final int offset, final int length) {
            final long entryId = nextEntryId.getAndIncrement();
            final ByteBuf entry =
                    PooledByteBufAllocator.DEFAULT.directBuffer(ENTRY_HEADER_LENGTH + length);
            entry.writeLong(LEDGER_ID);
            entry.writeLong(entryId);
            entry.writeBytes(buffer.byteArray(), offset, length);
            try {
                journal.logAddEntry(LEDGER_ID, entryId, entry, false, this, null);
            } catch (final InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            } finally {
                entry.release(); // the journal keeps its own reference
            }
        }

        @Override
        public void writeComplete(
                final int code,
                final long ledgerId,
                final long entryId,
                final BookieId address,
                final Object context) {
            if (code == BKException.Code.OK) {
                completed();
            } else {
                failed(BKException.getMessage(code));
            }
        }
    }
}
