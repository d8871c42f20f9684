package io.wal.jmh.journal;

import io.wal.store.OwnThreads;
import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.LockSupport;
import org.agrona.BufferUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Floor: payloads copied into a mapping, then a force of their range. A second thread touches the
 * pages ahead, since each force protects them against writing again and a fault costs far more than
 * the copy.
 */
final class MappedMedium implements Medium {
    private static final int PAGE_LENGTH = 4096;
    private static final int AHEAD = 4 << 20;
    private static final int SIGNAL_LENGTH = 1 << 20;

    private final int fileLength;
    private final int payloadLength;
    private Path directory;
    private MappedByteBuffer mapped;
    private UnsafeBuffer buffer;
    private Thread toucher;
    private int offset;
    private int forcedOffset;
    // counted over all rounds of the ring
    private long written;
    private long signalledPosition;
    private volatile long position;
    private volatile long touchedPosition;
    private volatile boolean closed;

    MappedMedium(final JournalSettings settings) {
        fileLength = JournalSettings.FLOOR_FILE_LENGTH;
        payloadLength = settings.payloadLength();
    }

    @Override
    public void open(final Path home) throws IOException {
        directory = home;
        final Path path = FloorFile.prepare(home, fileLength);
        try (FileChannel channel =
                FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, fileLength);
        }
        buffer = new UnsafeBuffer(mapped);
        toucher = new Thread(this::touch, "floor-toucher");
        toucher.setDaemon(true);
        toucher.start();
    }

    @Override
    public void write(final DirectBuffer source, final int sourceOffset, final int length) {
        if (offset + length > fileLength) {
            force();
            written += fileLength - offset;
            offset = 0;
            forcedOffset = 0;
        }
        buffer.putBytes(offset, source, sourceOffset, length);
        offset += length;
        written += length;
        if (written >= signalledPosition + SIGNAL_LENGTH) {
            signalledPosition = written;
            position = written;
            LockSupport.unpark(toucher);
        }
    }

    @Override
    public void commit(final boolean force) {
        if (force) {
            force();
        }
    }

    @Override
    public void trim() {}

    @Override
    public long replay(final JournalUnderTest.PayloadHandler handler) throws IOException {
        return FloorFile.replay(directory, payloadLength, handler);
    }

    @Override
    public void close() throws IOException {
        closed = true;
        LockSupport.unpark(toucher);
        OwnThreads.join(toucher);
        buffer.wrap(0, 0);
        BufferUtil.free(mapped);
    }

    private void force() {
        if (forcedOffset < offset) {
            mapped.force(forcedOffset, offset - forcedOffset);
            forcedOffset = offset;
        }
    }

    private void touch() {
        while (!closed) {
            final long from = Math.max(touchedPosition, position) & -PAGE_LENGTH;
            final long to = position + AHEAD;
            for (long at = from; at < to; at += PAGE_LENGTH) {
                buffer.getAndAddLong((int) (at % fileLength), 0);
            }
            touchedPosition = to;
            LockSupport.park(this);
        }
    }
}
