package io.wal.jmh.peers;

import io.wal.jmh.journal.JournalUnderTest;
import io.wal.jmh.journal.Medium;
import java.io.File;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.queue.ChronicleQueue;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.ExcerptTailer;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.StoreFileListener;
import net.openhft.chronicle.wire.DocumentContext;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Chronicle Queue. It has no group commit; one thread appends whatever arrived and calls {@code
 * sync()}, which with {@code SyncMode.SYNC} waits for the device up to what was written last.
 *
 * <p>Its files are sparse and grow with what is written, so each new block costs a change of the
 * file's metadata too; that is how it is built. A file is let go of only when its roll cycle is
 * over, at the earliest after five minutes: short loads never delete one. It checks no record by a
 * checksum.
 */
final class ChronicleMedium implements Medium {
    private static final long BLOCK_LENGTH = 64 << 20;

    private final Queue<File> released = new ConcurrentLinkedQueue<>();
    private ChronicleQueue queue;
    private ExcerptAppender appender;
    private Bytes<ByteBuffer> staging;

    @Override
    public void open(final Path directory) {
        queue =
                ChronicleQueue.singleBuilder(directory)
                        .rollCycle(RollCycles.FIVE_MINUTELY)
                        .blockSize(BLOCK_LENGTH)
                        .syncMode(SyncMode.SYNC)
                        .storeFileListener(
                                new StoreFileListener() {
                                    @Override
                                    public void onReleased(final int cycle, final File file) {
                                        released.add(file);
                                    }
                                })
                        .build();
        staging = Bytes.elasticByteBuffer(BUFFER_LENGTH);
    }

    private static final int BUFFER_LENGTH = 64 << 10;

    @Override
    public void write(final DirectBuffer buffer, final int offset, final int length) {
        if (appender == null) {
            appender = queue.createAppender(); // belongs to the thread that writes
        }
        staging.clear();
        staging.write(buffer.byteArray(), offset, length);
        appender.writeBytes(staging);
    }

    @Override
    public void commit(final boolean force) {
        if (force) {
            appender.sync();
        }
    }

    @Override
    public void trim() throws IOException {
        File file;
        while ((file = released.poll()) != null) {
            Files.deleteIfExists(file.toPath());
        }
    }

    @Override
    public long replay(final JournalUnderTest.PayloadHandler handler) {
        final UnsafeBuffer buffer = new UnsafeBuffer(0, 0);
        long count = 0;
        try (ExcerptTailer tailer = queue.createTailer()) {
            while (true) {
                try (DocumentContext document = tailer.readingDocument()) {
                    if (!document.isPresent()) {
                        return count;
                    }
                    final Bytes<?> bytes = document.wire().bytes();
                    final int length = (int) bytes.readRemaining();
                    buffer.wrap(bytes.addressForRead(bytes.readPosition()), length);
                    handler.onPayload(buffer, 0, length);
                    count++;
                }
            }
        }
    }

    @Override
    public void close() {
        if (appender != null) {
            appender.close();
        }
        staging.releaseLast();
        queue.close();
    }
}
