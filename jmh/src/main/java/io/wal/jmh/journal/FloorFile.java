package io.wal.jmh.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The file of a floor: real blocks from the beginning, used again and again as a ring, so that no
 * block is allocated and no length changes while it is measured.
 */
final class FloorFile {
    /** Small writes make small folios in the page cache; Linux writes back whole folios. */
    private static final int ZEROING_LENGTH = 16 << 10;

    private static final String NAME = "floor.dat";
    private static final int READ_LENGTH = 1 << 20;

    private FloorFile() {}

    /** The file, made ready if it is not there yet. */
    static Path prepare(final Path directory, final int length) throws IOException {
        final Path path = directory.resolve(NAME);
        if (Files.exists(path) && Files.size(path) == length) {
            return path;
        }
        try (FileChannel channel =
                FileChannel.open(
                        path,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE)) {
            final ByteBuffer zeroes = ByteBuffer.allocateDirect(ZEROING_LENGTH);
            for (int at = 0; at < length; at += ZEROING_LENGTH) {
                zeroes.clear().limit(Math.min(ZEROING_LENGTH, length - at));
                write(channel, zeroes, at);
            }
            channel.force(true);
        }
        return path;
    }

    static void write(final FileChannel channel, final ByteBuffer source, final long position)
            throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            at += channel.write(source, at);
        }
    }

    /** Payloads of one length, one behind the other; a payload never begins with eight zeroes. */
    static long replay(
            final Path directory,
            final int payloadLength,
            final JournalUnderTest.PayloadHandler handler)
            throws IOException {
        final ByteBuffer bytes =
                ByteBuffer.allocateDirect(Math.max(1, READ_LENGTH / payloadLength) * payloadLength);
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        long count = 0;
        try (FileChannel channel =
                FileChannel.open(directory.resolve(NAME), StandardOpenOption.READ)) {
            for (long at = 0; at < channel.size(); at += bytes.capacity()) {
                bytes.clear();
                while (bytes.hasRemaining()
                        && channel.read(bytes, at + bytes.position()) >= 0) {} // fill
                for (int offset = 0;
                        offset + payloadLength <= bytes.position();
                        offset += payloadLength) {
                    if (buffer.getLong(offset) == 0) {
                        return count;
                    }
                    handler.onPayload(buffer, offset, payloadLength);
                    count++;
                }
            }
        }
        return count;
    }
}
