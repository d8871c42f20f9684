package io.wal.jmh.peers;

import io.wal.jmh.journal.JournalSettings;
import io.wal.jmh.journal.JournalUnderTest;
import io.wal.jmh.journal.Journals;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.apache.activemq.artemis.core.io.SequentialFileFactory;
import org.apache.activemq.artemis.core.io.aio.AIOSequentialFileFactory;
import org.apache.activemq.artemis.core.io.mapped.MappedSequentialFileFactory;
import org.apache.activemq.artemis.core.io.nio.NIOSequentialFileFactory;
import org.apache.activemq.artemis.core.journal.IOCompletion;
import org.apache.activemq.artemis.core.journal.LoaderCallback;
import org.apache.activemq.artemis.core.journal.PreparedTransactionInfo;
import org.apache.activemq.artemis.core.journal.RecordInfo;
import org.apache.activemq.artemis.core.journal.impl.JournalImpl;
import org.apache.activemq.artemis.core.journal.impl.dataformat.ByteArrayEncoding;

/**
 * The journal of ActiveMQ Artemis. Its timed buffer is its group commit: records of all producers
 * gather there until it is full or its timeout is over, and the callbacks of all follow one sync. A
 * producer that is alone gets no buffer, since it would only wait for the timeout.
 *
 * <p>The timeout is a microsecond, which is as good as none; the broker's default of 0.5 to 3.3 ms
 * would look worse here. Compaction is off, and nothing is ever deleted: a delete is one more
 * record for each record, which other journals need not write. So it keeps a map entry for each
 * record, and its JVM gets 3 GiB. It takes over the array that holds a record, so each is a new
 * one.
 */
final class ArtemisJournal implements JournalUnderTest {
    private static final int FILE_LENGTH = 32 << 20;
    private static final int BUFFER_LENGTH = 2 << 20;
    private static final int LEAST_FILES = 4;
    private static final int BUFFER_TIMEOUT_NS = 1_000;
    private static final int MAX_IO = 4096;
    private static final byte RECORD_TYPE = 1;

    private final FileKind fileKind;
    private final JournalSettings settings;
    private final AtomicLong nextId = new AtomicLong(1);
    private JournalImpl journal;
    private SequentialFileFactory files;

    /** How it writes its files. */
    enum FileKind {
        /** Positional writes and a force. */
        NIO,
        /** A mapping, which is forced. */
        MAPPED,
        /** Asynchronous writes past the page cache, by libaio. */
        AIO;

        boolean isAvailable() {
            return this != AIO || AIOSequentialFileFactory.isSupported();
        }

        String journalName() {
            return "artemis-" + name().toLowerCase(java.util.Locale.ROOT);
        }

        String floor() {
            return switch (this) {
                case NIO -> Journals.FLOOR_POSITIONAL;
                case MAPPED -> Journals.FLOOR_MAPPED;
                case AIO -> Journals.FLOOR_DIRECT;
            };
        }

        String forceMode() {
            return switch (this) {
                case NIO -> "write, fdatasync";
                case MAPPED -> "msync";
                case AIO -> "io_submit past the page cache, fdatasync";
            };
        }
    }

    ArtemisJournal(final FileKind fileKind, final JournalSettings settings) {
        this.fileKind = fileKind;
        this.settings = settings;
    }

    @Override
    public void open(final Path directory) throws Exception {
        final File home = directory.toFile();
        final boolean buffered = settings.outstanding() > 1;
        final int timeoutNs = buffered ? BUFFER_TIMEOUT_NS : 0;
        files =
                switch (fileKind) {
                    case NIO ->
                            new NIOSequentialFileFactory(
                                    home, buffered, BUFFER_LENGTH, timeoutNs, 1, false);
                    case MAPPED ->
                            new MappedSequentialFileFactory(
                                    home, FILE_LENGTH, buffered, BUFFER_LENGTH, timeoutNs, null);
                    case AIO ->
                            new AIOSequentialFileFactory(
                                    home, BUFFER_LENGTH, timeoutNs, MAX_IO, false);
                };
        files.setDatasync(true);
        journal =
                new JournalImpl(
                        FILE_LENGTH,
                        LEAST_FILES,
                        LEAST_FILES,
                        0,
                        0,
                        files,
                        "journal",
                        "dat",
                        fileKind == FileKind.AIO ? MAX_IO : 1);
        journal.start();
    }

    @Override
    public Producer producer() {
        if (!journal.isStarted() || journal.getCurrentFile() == null) {
            load((buffer, offset, length) -> {});
        }
        return new CompletionProducer();
    }

    /** Nothing: see above. */
    @Override
    public void trim() {}

    @Override
    public long replay(final PayloadHandler handler) {
        return load(handler);
    }

    @Override
    public void close() throws IOException {
        try {
            journal.stop();
        } catch (final Exception e) {
            throw new IOException(e);
        }
        files.stop();
    }

    private synchronized long load(final PayloadHandler handler) {
        if (journal.getCurrentFile() != null) {
            return 0;
        }
        final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
        final long[] count = {0};
        try {
            journal.load(
                    new LoaderCallback() {
                        @Override
                        public void addRecord(final RecordInfo info) {
                            buffer.wrap(info.data);
                            handler.onPayload(buffer, 0, info.data.length);
                            count[0]++;
                            nextId.set(Math.max(nextId.get(), info.id + 1));
                        }

                        @Override
                        public void updateRecord(final RecordInfo info) {}

                        @Override
                        public void deleteRecord(final long id) {}

                        @Override
                        public void addPreparedTransaction(
                                final PreparedTransactionInfo transaction) {}

                        @Override
                        public void failedTransaction(
                                final long id,
                                final java.util.List<RecordInfo> records,
                                final java.util.List<RecordInfo> recordsToDelete) {}
                    });
        } catch (final Exception e) {
            throw new IllegalStateException(e);
        }
        return count[0];
    }

    private final class CompletionProducer extends CallbackProducer implements IOCompletion {
        @Override
        void submit(final DirectBuffer buffer, final int offset, final int length) {
            final byte[] bytes = new byte[length];
            buffer.getBytes(offset, bytes);
            try {
                journal.appendAddRecord(
                        nextId.getAndIncrement(),
                        RECORD_TYPE,
                        new ByteArrayEncoding(bytes),
                        settings.isForced(),
                        this);
            } catch (final Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void storeLineUp() {}

        @Override
        public void done() {
            completed();
        }

        @Override
        public void onError(final int code, final String message) {
            failed(message);
        }
    }
}
