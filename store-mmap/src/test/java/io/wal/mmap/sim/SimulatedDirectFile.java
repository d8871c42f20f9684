package io.wal.mmap.sim;

import io.wal.mmap.DiskFile;
import io.wal.mmap.DiskMapping;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A file of a {@link SimulatedDisk} that is written in whole blocks, past the cache. */
final class SimulatedDirectFile implements DiskFile {
    private static final int BLOCK_LENGTH = CachedFile.PAGE_LENGTH;

    private final SimulatedFile file;

    SimulatedDirectFile(final SimulatedFile file) {
        this.file = file;
    }

    @Override
    public long length() throws IOException {
        return file.length();
    }

    @Override
    public int read(final ByteBuffer target, final long position) {
        throw new IllegalStateException(file + " is open for writing only");
    }

    @Override
    public void write(final ByteBuffer source, final long position) throws IOException {
        if (position % BLOCK_LENGTH != 0
                || source.remaining() % BLOCK_LENGTH != 0
                || !source.isDirect()
                || source.alignmentOffset(source.position(), BLOCK_LENGTH) != 0) {
            throw new IllegalArgumentException(
                    file + " is written in aligned blocks, not " + source + " at " + position);
        }
        file.writeDurably(source, position);
    }

    @Override
    public void force() {
        // each write did
    }

    @Override
    public void truncate(final long length) {
        throw new IllegalStateException(file + " is open for writing blocks only");
    }

    @Override
    public DiskMapping map(final int length) {
        throw new IllegalStateException(file + " is open for writing blocks only");
    }

    @Override
    public void close() {
        file.close();
    }
}
