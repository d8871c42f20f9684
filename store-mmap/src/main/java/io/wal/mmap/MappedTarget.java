package io.wal.mmap;

import java.io.IOException;
import org.agrona.concurrent.UnsafeBuffer;

/** Bytes are put into the mapped segment, and a force is one of the range. */
final class MappedTarget implements SegmentTarget {
    private static final int TOUCH_STRIDE = 4096;

    private final DiskMapping mapping;
    private final UnsafeBuffer buffer;

    MappedTarget(final DiskMapping mapping) {
        this.mapping = mapping;
        buffer = mapping.buffer();
    }

    @Override
    public int reserve(final int position, final int length) {
        return position;
    }

    @Override
    public UnsafeBuffer buffer() {
        return buffer;
    }

    @Override
    public void write(final int position) {
        // what is in the page cache is the operating system's already
    }

    @Override
    public void force(final int from, final int position) throws IOException {
        mapping.force(from, position - from);
    }

    @Override
    public boolean isWriteDurable() {
        return false;
    }

    @Override
    public void touch(final int from, final int to) {
        for (int at = from & -TOUCH_STRIDE; at < to; at += TOUCH_STRIDE) {
            buffer.getAndAddLong(at, 0);
        }
    }

    @Override
    public void close() {
        mapping.close();
    }
}
