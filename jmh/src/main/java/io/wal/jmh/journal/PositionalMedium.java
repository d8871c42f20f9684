package io.wal.jmh.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.DirectBuffer;

/** Floor: one positional write for each batch, then a force of the data. */
final class PositionalMedium implements Medium {
    private static final int STAGING_LENGTH = 8 << 20;

    private final int fileLength;
    private final int payloadLength;
    private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING_LENGTH);
    private Path directory;
    private FileChannel channel;
    private long position;

    PositionalMedium(final JournalSettings settings) {
        fileLength = JournalSettings.FLOOR_FILE_LENGTH;
        payloadLength = settings.payloadLength();
    }

    @Override
    public void open(final Path home) throws IOException {
        directory = home;
        channel = FileChannel.open(FloorFile.prepare(home, fileLength), StandardOpenOption.WRITE);
    }

    @Override
    public void write(final DirectBuffer buffer, final int offset, final int length)
            throws IOException {
        if (staging.remaining() < length) {
            flush();
        }
        staging.put(buffer.byteArray(), offset, length);
    }

    @Override
    public void commit(final boolean force) throws IOException {
        flush();
        if (force) {
            channel.force(false);
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
        channel.close();
    }

    private void flush() throws IOException {
        staging.flip();
        final int length = staging.remaining();
        if (position + length > fileLength) {
            position = 0;
        }
        FloorFile.write(channel, staging, position);
        position += length;
        staging.clear();
    }
}
