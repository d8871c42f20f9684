package io.wal.cli.doctor;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** {@link WritePath#POSITIONAL}. */
final class PositionalProbe implements Probe {
    private final FileChannel channel;
    private final int fileLength;
    private final ByteBuffer source;
    private int offset;

    PositionalProbe(final Path path, final int fileLength, final ByteBuffer source)
            throws IOException {
        channel = FileChannel.open(path, StandardOpenOption.WRITE);
        this.fileLength = fileLength;
        this.source = source;
    }

    @Override
    public void touch(final int length) {
        // nothing is mapped
    }

    @Override
    public void write(final int length) throws IOException {
        final int from = offset + length > fileLength ? 0 : offset;
        source.clear().limit(length);
        while (source.hasRemaining()) {
            channel.write(source, from + source.position());
        }
        channel.force(false);
        offset = from + length;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
