package io.wal.mmap;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A file of the operating system.
 *
 * <p>Java closes a channel when a thread that uses it is interrupted. Here interrupts are put off
 * until the operation is done, and when one comes in the midst of it, the file is opened anew and
 * the operation begun again. Forcing is not begun again, for a second force proves nothing: it goes
 * through the descriptor or the mapping, which no interrupt closes.
 */
final class RealFile implements DiskFile {
    /** Where forcing a mapping does not reach the device's own cache, the descriptor is forced. */
    private static final boolean FORCES_BY_MAPPING =
            !System.getProperty("os.name", "").startsWith("Mac");

    private final Path path;
    private final Disk.OpenMode mode;
    private RandomAccessFile file;
    private FileChannel channel;

    /** Part of the work on a channel that may be begun again. */
    private interface Operation<T> {
        T run() throws IOException;
    }

    RealFile(final Path path, final Disk.OpenMode mode) throws IOException {
        this.path = path;
        this.mode = mode;
        if (mode == Disk.OpenMode.CREATE) {
            Files.createFile(path); // fails when it exists, as opening does not
        }
        open();
    }

    @Override
    public long length() throws IOException {
        return uninterrupted(() -> channel.size());
    }

    @Override
    public int read(final ByteBuffer target, final long position) throws IOException {
        final int start = target.position();
        return uninterrupted(
                () -> {
                    target.position(start);
                    while (target.hasRemaining()
                            && channel.read(target, position + target.position() - start) >= 0) {
                        // until it is full or the file ends
                    }
                    return target.position() - start;
                });
    }

    @Override
    public void write(final ByteBuffer source, final long position) throws IOException {
        final int start = source.position();
        try {
            writeFully(source, position);
        } catch (final ClosedByInterruptException e) { // rare: else nothing is allocated
            reopen();
            uninterrupted(
                    () -> {
                        writeFully(source.position(start), position);
                        return null;
                    });
        }
    }

    private void writeFully(final ByteBuffer source, final long position) throws IOException {
        final int start = source.position();
        while (source.hasRemaining()) {
            channel.write(source, position + source.position() - start);
        }
    }

    @Override
    public void force() throws IOException {
        if (mode != Disk.OpenMode.DIRECT) { // there each write did
            file.getFD().sync();
        }
    }

    @Override
    public void truncate(final long length) throws IOException {
        file.setLength(length);
    }

    @Override
    public DiskMapping map(final int length) throws IOException {
        if (length() < length) {
            // mapping would grow the file by a hole: the disk could then be full unseen
            throw new IOException(path + " is shorter than the " + length + " bytes to be mapped");
        }
        final MappedByteBuffer mapped =
                uninterrupted(() -> channel.map(FileChannel.MapMode.READ_WRITE, 0, length));
        return FORCES_BY_MAPPING
                ? new Mapping(path, mapped, null)
                : new Mapping(path, mapped, new RandomAccessFile(path.toFile(), "rw"));
    }

    @Override
    public void close() throws IOException {
        channel.close();
        if (file != null) {
            file.close();
        }
    }

    private void open() throws IOException {
        switch (mode) {
            case READ -> channel = FileChannel.open(path, StandardOpenOption.READ);
            case DIRECT -> channel = openDirect();
            case WRITE, CREATE -> {
                if (!Files.exists(path)) {
                    throw new NoSuchFileException(path.toString()); // opening would create it
                }
                try {
                    file = new RandomAccessFile(path.toFile(), "rw");
                } catch (final FileNotFoundException e) { // its message says path and reason
                    throw new IOException(e.getMessage(), e);
                }
                channel = file.getChannel();
            }
        }
    }

    private FileChannel openDirect() throws IOException {
        try {
            return FileChannel.open(
                    path,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.DSYNC,
                    ExtendedOpenOption.DIRECT);
        } catch (final UnsupportedOperationException | IOException e) {
            throw new IOException(
                    path
                            + ": the file system cannot write past the page cache; use"
                            + " WriteMode.MAPPED ("
                            + e.getMessage()
                            + ")",
                    e);
        }
    }

    private void reopen() throws IOException {
        close();
        open();
    }

    private <T> T uninterrupted(final Operation<T> operation) throws IOException {
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                try {
                    return operation.run();
                } catch (final ClosedByInterruptException e) {
                    reopen();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static final class Mapping implements DiskMapping {
        private final Path path;
        private final MappedByteBuffer mapped;
        private final RandomAccessFile forcedFile;
        private final UnsafeBuffer buffer;

        Mapping(final Path path, final MappedByteBuffer mapped, final RandomAccessFile forcedFile) {
            this.path = path;
            this.mapped = mapped;
            this.forcedFile = forcedFile;
            buffer = new UnsafeBuffer(mapped);
        }

        @Override
        public UnsafeBuffer buffer() {
            return buffer;
        }

        @Override
        public void force(final int offset, final int length) throws IOException {
            try {
                mapped.force(offset, length); // msync of the range
            } catch (final UncheckedIOException e) {
                throw new IOException(path + ": " + e.getCause().getMessage(), e.getCause());
            }
            if (forcedFile != null) {
                forcedFile.getFD().sync();
            }
        }

        @Override
        public void close() {
            buffer.wrap(0, 0);
            BufferUtil.free(mapped);
            if (forcedFile != null) {
                try {
                    forcedFile.close();
                } catch (final IOException ignored) { // nothing was left to write
                }
            }
        }
    }
}
