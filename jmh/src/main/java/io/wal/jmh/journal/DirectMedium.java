package io.wal.jmh.journal;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.Set;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;

/**
 * Floor: one synchronous write of whole blocks for each batch, past the page cache. A block that a
 * batch fills only in part is written again with the next.
 */
final class DirectMedium implements Medium {
    private static final int STAGING_LENGTH = 8 << 20;

    private final int fileLength;
    private final int payloadLength;
    private final boolean forced;
    private Path directory;
    private FileChannel channel;
    private int blockLength;
    private ByteBuffer staging;
    private ByteBuffer mover;
    private ByteBuffer zeroes;
    private long position;
    private int committedLength;

    DirectMedium(final JournalSettings settings) {
        fileLength = JournalSettings.FLOOR_FILE_LENGTH;
        payloadLength = settings.payloadLength();
        forced = settings.isForced();
    }

    @Override
    public void open(final Path home) throws IOException {
        directory = home;
        final Path path = FloorFile.prepare(home, fileLength);
        blockLength = (int) Files.getFileStore(path).getBlockSize();
        final Set<OpenOption> options = new HashSet<>();
        options.add(StandardOpenOption.WRITE);
        options.add(ExtendedOpenOption.DIRECT);
        if (forced) {
            options.add(StandardOpenOption.DSYNC);
        }
        channel = FileChannel.open(path, options);
        staging =
                ByteBuffer.allocateDirect(STAGING_LENGTH + 2 * blockLength)
                        .alignedSlice(blockLength);
        mover = staging.duplicate();
        zeroes = ByteBuffer.allocateDirect(blockLength);
    }

    @Override
    public void write(final DirectBuffer buffer, final int offset, final int length)
            throws IOException {
        if (staging.position() + length > STAGING_LENGTH) {
            flush();
        }
        staging.put(buffer.byteArray(), offset, length);
    }

    @Override
    public void commit(final boolean force) throws IOException {
        if (staging.position() > committedLength) {
            flush();
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

    /** Writes whole blocks, and keeps what stands in the last, partial one. */
    private void flush() throws IOException {
        final int filled = staging.position();
        final int length = BitUtil.align(filled, blockLength);
        if (position + length > fileLength) {
            position = 0;
        }
        staging.limit(length);
        zeroes.clear().limit(length - filled);
        staging.put(zeroes).position(0); // what follows is no payload
        FloorFile.write(channel, staging, position);
        final int whole = filled / blockLength * blockLength;
        position += whole;
        committedLength = filled - whole;
        staging.clear();
        if (whole > 0) {
            mover.clear().position(whole).limit(filled);
            staging.put(mover);
        } else {
            staging.position(filled);
        }
    }
}
