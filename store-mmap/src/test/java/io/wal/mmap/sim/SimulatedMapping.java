package io.wal.mmap.sim;

import io.wal.mmap.DiskMapping;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/** A mapped file of a {@link SimulatedDisk}: its memory is the cache itself. */
final class SimulatedMapping implements DiskMapping {
    private final SimulatedDisk disk;
    private final Path path;
    private final CachedFile file;
    private final UnsafeBuffer buffer;
    private final int process;
    private boolean closed;

    SimulatedMapping(
            final SimulatedDisk disk,
            final Path path,
            final CachedFile file,
            final ByteBuffer memory) {
        this.disk = disk;
        this.path = path;
        this.file = file;
        buffer = new UnsafeBuffer(memory);
        process = disk.process();
        file.useCount++;
    }

    CachedFile file() {
        return file;
    }

    /** Its process is dead: touching it fails, as it must never happen. */
    void die() {
        buffer.wrap(new byte[0]);
    }

    @Override
    public UnsafeBuffer buffer() {
        return buffer;
    }

    @Override
    public void force(final int offset, final int length) throws IOException {
        IOException failure = null;
        try {
            disk.begin(DiskOperation.FORCE_MAPPING, path, offset, length, content(offset, length));
        } catch (final IOException e) {
            failure = e;
        }
        synchronized (disk) {
            if (closed || process != disk.process()) {
                throw new IllegalStateException(path + " is not mapped any more");
            }
            if (offset < 0 || length < 0 || offset + length > buffer.capacity()) {
                throw new IndexOutOfBoundsException(
                        path + ": forced " + length + " bytes from " + offset);
            }
            if (failure != null) {
                disk.forceFailed(true);
                file.failForce(offset, length, disk.isRevertedByFailedForce());
                throw failure;
            }
            file.force(offset, length);
        }
    }

    private ByteBuffer content(final int offset, final int length) {
        final byte[] array = buffer.byteArray();
        return array == null || offset < 0 || offset + length > buffer.capacity()
                ? null
                : ByteBuffer.wrap(array, buffer.wrapAdjustment() + offset, length);
    }

    @Override
    public void close() {
        synchronized (disk) {
            if (!closed && process == disk.process()) {
                file.unmap();
                disk.remove(this);
                disk.release(file);
            }
            closed = true;
            buffer.wrap(0, 0);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
