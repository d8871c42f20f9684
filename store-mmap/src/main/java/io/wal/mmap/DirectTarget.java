package io.wal.mmap;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Bytes are put into a staging buffer, and a force is one synchronous write of whole blocks past
 * the page cache. The last block, partly filled, is written again with the next batch: the same
 * bytes once more, then new ones.
 */
final class DirectTarget implements SegmentTarget {
    private final DiskFile file;
    private final StagingBuffer staging;

    /**
     * A segment that is written from its begin on; the staging buffer has no other user until
     * closed.
     */
    DirectTarget(final DiskFile file, final StagingBuffer staging) {
        this.file = file;
        this.staging = staging;
    }

    /** The store's thread begins to use it: the staging buffer is this segment's now. */
    @Override
    public int reserve(final int position, final int length) throws IOException {
        if (position == 0) {
            staging.begin();
        }
        if (!staging.hasRoom(position, length)) {
            write(position);
            staging.grow(position, length);
        }
        return position - staging.base();
    }

    @Override
    public UnsafeBuffer buffer() {
        return staging.buffer();
    }

    @Override
    public void write(final int position) throws IOException {
        file.write(staging.blocksUpTo(position), staging.base());
        staging.keepLastBlock(position);
    }

    @Override
    public void force(final int from, final int position) throws IOException {
        write(position);
    }

    @Override
    public boolean isWriteDurable() {
        return true;
    }

    @Override
    public void touch(final int from, final int to) {
        // nothing is mapped
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
