package io.wal.mmap.sim;

import io.wal.mmap.DiskFile;
import io.wal.mmap.DiskMapping;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;

/** An open file of a {@link SimulatedDisk}. */
final class SimulatedFile implements DiskFile {
    private final SimulatedDisk disk;
    private final Path path;
    private final CachedFile file;
    private final boolean writable;
    private final int process;
    private boolean closed;

    SimulatedFile(
            final SimulatedDisk disk,
            final Path path,
            final CachedFile file,
            final boolean writable) {
        this.disk = disk;
        this.path = path;
        this.file = file;
        this.writable = writable;
        process = disk.process();
        file.useCount++;
        disk.add(this);
    }

    @Override
    public long length() throws IOException {
        begin(DiskOperation.LENGTH, 0, 0, null);
        synchronized (disk) {
            return file.length();
        }
    }

    @Override
    public int read(final ByteBuffer target, final long position) throws IOException {
        begin(DiskOperation.READ, position, target.remaining(), null);
        synchronized (disk) {
            return file.read(target, position);
        }
    }

    @Override
    public void write(final ByteBuffer source, final long position) throws IOException {
        checkWritable();
        try {
            begin(DiskOperation.WRITE, position, source.remaining(), source);
        } catch (final IOException e) {
            write(source, position, source.remaining() / 2);
            throw e;
        }
        final int length = source.remaining();
        if (write(source, position, length) < length) {
            disk.failed();
            throw new IOException(path + ": No space left on device");
        }
    }

    /**
     * Writes past the cache: durable when it returns. When the power goes off meanwhile, any of its
     * sectors may have been written; when it fails, half of them were.
     */
    void writeDurably(final ByteBuffer source, final long position) throws IOException {
        final int length = source.remaining();
        if (position + length > length()) {
            throw new IllegalArgumentException(path + " would grow: space must be written before");
        }
        final boolean on = disk.isOn();
        try {
            begin(DiskOperation.WRITE, position, source.remaining(), source);
        } catch (final PowerLoss e) {
            if (on) {
                write(source, position, length);
            }
            throw e;
        } catch (final IOException e) {
            disk.forceFailed(true);
            writeDurably(source, position, length / 2);
            throw e;
        }
        writeDurably(source, position, length);
    }

    private void writeDurably(final ByteBuffer source, final long position, final int length) {
        synchronized (disk) {
            write(source, position, length);
            file.force((int) position, length);
        }
    }

    @Override
    public void force() throws IOException {
        try {
            begin(DiskOperation.FORCE, 0, 0, null);
        } catch (final IOException e) {
            synchronized (disk) {
                disk.forceFailed(false);
                file.failForce(0, file.length(), disk.isRevertedByFailedForce());
            }
            throw e;
        }
        synchronized (disk) {
            file.force();
        }
    }

    @Override
    public void truncate(final long length) throws IOException {
        checkWritable();
        begin(DiskOperation.TRUNCATE, length, 0, null);
        synchronized (disk) {
            if (length > file.length()) {
                throw new IllegalArgumentException(
                        path + " would grow by a hole: space must be written");
            }
            disk.giveBack(file.length() - length);
            file.truncate((int) length);
        }
    }

    @Override
    public DiskMapping map(final int length) throws IOException {
        checkWritable();
        begin(DiskOperation.MAP, 0, length, null);
        synchronized (disk) {
            if (file.length() < length) {
                throw new IOException(
                        path + " is shorter than the " + length + " bytes to be mapped");
            }
            final SimulatedMapping mapping =
                    new SimulatedMapping(disk, path, file, file.map(length));
            disk.add(mapping);
            return mapping;
        }
    }

    @Override
    public void close() {
        synchronized (disk) {
            if (!closed && process == disk.process()) {
                disk.remove(this);
                disk.release(file);
            }
            closed = true;
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }

    private void begin(
            final DiskOperation operation,
            final long position,
            final long length,
            final ByteBuffer content)
            throws IOException {
        disk.begin(operation, path, position, length, content);
        if (closed) {
            throw new ClosedChannelException();
        }
        if (process != disk.process()) {
            throw new IllegalStateException(path + " was opened by a process that is dead");
        }
    }

    private void checkWritable() {
        if (!writable) {
            throw new IllegalStateException(path + " was opened for reading");
        }
    }

    /** Writes as much as there is space for, at most a length; returns how much. */
    private int write(final ByteBuffer source, final long position, final int length) {
        synchronized (disk) {
            final int present = (int) Math.max(0, Math.min(length, file.length() - position));
            final long gap = Math.max(0, position - file.length());
            final long space = disk.take(gap + length - present);
            final int count = present + (int) Math.max(0, space - gap);
            if (count > 0) {
                final ByteBuffer written = source.slice(source.position(), count);
                source.position(source.position() + count);
                file.write(written, (int) position);
            } else {
                disk.giveBack(space);
            }
            return count;
        }
    }
}
