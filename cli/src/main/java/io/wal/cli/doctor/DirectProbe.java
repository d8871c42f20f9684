package io.wal.cli.doctor;

import io.wal.mmap.Disk;
import io.wal.mmap.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * {@link WritePath#DIRECT}: a block that is filled in part is written again with the next batch.
 */
final class DirectProbe implements Probe {
    static final int BLOCK_LENGTH = 4096;

    private final DiskFile file;
    private final int fileLength;
    private final ByteBuffer source;
    private int offset;

    /** The source is aligned to a block, and longer than the longest batch by two of them. */
    DirectProbe(final Path path, final int fileLength, final ByteBuffer source) throws IOException {
        file = Disk.REAL.open(path, Disk.OpenMode.DIRECT);
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
        final int firstBlock = from & -BLOCK_LENGTH;
        final int end = from + length + BLOCK_LENGTH - 1 & -BLOCK_LENGTH;
        file.write(source.clear().limit(end - firstBlock), firstBlock);
        offset = from + length;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
