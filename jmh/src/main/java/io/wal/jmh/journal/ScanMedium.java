package io.wal.jmh.journal;

import io.wal.record.RecordDescriptor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.agrona.DirectBuffer;

/**
 * Floor for replay: a CRC32C over as many bytes as our log takes for the same payloads, and nothing
 * else. Its file grows with what is appended, which is of no interest.
 */
final class ScanMedium implements Medium {
    private static final int BUFFER_LENGTH = 1 << 20;
    private static final String NAME = "scan.dat";

    private final int frameLength;
    private final ByteBuffer staging = ByteBuffer.allocateDirect(BUFFER_LENGTH);
    private final CRC32C crc = new CRC32C();
    private FileChannel channel;

    ScanMedium(final JournalSettings settings) {
        frameLength = RecordDescriptor.frameLength(settings.payloadLength());
    }

    @Override
    public void open(final Path directory) throws IOException {
        channel =
                FileChannel.open(
                        directory.resolve(NAME),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
        channel.position(channel.size());
    }

    @Override
    public void write(final DirectBuffer buffer, final int offset, final int length)
            throws IOException {
        if (staging.remaining() < frameLength) {
            flush();
        }
        final int end = staging.position() + frameLength;
        staging.put(buffer.byteArray(), offset, length).position(end);
    }

    @Override
    public void commit(final boolean force) throws IOException {
        flush();
        if (force) {
            channel.force(false);
        }
    }

    @Override
    public void trim() throws IOException {
        channel.truncate(0);
        channel.position(0);
    }

    /** Hands nothing to the handler: it only reads and computes. */
    @Override
    public long replay(final JournalUnderTest.PayloadHandler handler) throws IOException {
        crc.reset();
        long length = 0;
        int count = 0;
        channel.position(0);
        while (count >= 0) {
            staging.clear();
            count = channel.read(staging);
            staging.flip();
            crc.update(staging);
            length += Math.max(0, count);
        }
        staging.clear();
        return crc.getValue() == 0 ? 0 : length / frameLength;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void flush() throws IOException {
        staging.flip();
        while (staging.hasRemaining()) {
            channel.write(staging);
        }
        staging.clear();
    }
}
