package io.wal.mmap;

import com.sun.nio.file.ExtendedOpenOption;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The file system of the operating system.
 *
 * <p>Files are forced through their descriptor or mapping: forcing a channel closes it when the
 * thread is interrupted.
 */
final class RealDisk implements Disk {
    /** Where forcing a mapping does not reach the device's own cache, the descriptor is forced. */
    private static final boolean FORCES_BY_MAPPING =
            !System.getProperty("os.name", "").startsWith("Mac");

    @Override
    public boolean isDirectory(final Path path) throws IOException {
        if (Files.isDirectory(path)) {
            return true;
        }
        if (Files.exists(path)) {
            throw new NotDirectoryException(path.toString());
        }
        return false;
    }

    @Override
    public void createDirectory(final Path path) throws IOException {
        if (!isDirectory(path)) {
            Files.createDirectory(path);
        }
    }

    @Override
    public List<String> list(final Path directory) throws IOException {
        try (Stream<Path> paths = Files.list(directory)) {
            return paths.map(path -> path.getFileName().toString()).toList();
        } catch (final UncheckedIOException e) {
            throw e.getCause();
        }
    }

    @Override
    public DiskFile open(final Path path, final OpenMode mode) throws IOException {
        if (mode == OpenMode.CREATE) {
            Files.createFile(path); // fails when it exists, as opening does not
        } else if (!Files.exists(path)) {
            throw new NoSuchFileException(path.toString());
        }
        if (mode == OpenMode.DIRECT) {
            return new DirectFile(path);
        }
        try {
            return new File(
                    path, new RandomAccessFile(path.toFile(), mode == OpenMode.READ ? "r" : "rw"));
        } catch (final FileNotFoundException e) { // its message holds the path and the reason
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void rename(final Path from, final Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(final Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    @Override
    public void forceDirectory(final Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public AutoCloseable lock(final Path path) throws IOException {
        final FileChannel channel =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            final FileLock lock = channel.tryLock();
            if (lock != null) {
                return channel; // closing the channel ends the lock
            }
        } catch (final OverlappingFileLockException e) {
            channel.close();
            return null;
        } catch (final IOException e) {
            channel.close();
            throw e;
        }
        channel.close();
        return null;
    }

    @Override
    public Object identity(final Path directory) throws IOException {
        return directory.toRealPath();
    }

    private static final class File implements DiskFile {
        private final Path path;
        private final RandomAccessFile file;
        private final FileChannel channel;

        File(final Path path, final RandomAccessFile file) {
            this.path = path;
            this.file = file;
            channel = file.getChannel();
        }

        @Override
        public long length() throws IOException {
            return channel.size();
        }

        @Override
        public int read(final ByteBuffer target, final long position) throws IOException {
            int total = 0;
            while (target.hasRemaining()) {
                final int count = channel.read(target, position + total);
                if (count < 0) {
                    break;
                }
                total += count;
            }
            return total;
        }

        @Override
        public void write(final ByteBuffer source, final long position) throws IOException {
            long at = position;
            while (source.hasRemaining()) {
                at += channel.write(source, at);
            }
        }

        @Override
        public void force() throws IOException {
            file.getFD().sync();
        }

        @Override
        public void truncate(final long length) throws IOException {
            file.setLength(length);
        }

        @Override
        public DiskMapping map(final int length) throws IOException {
            if (channel.size()
                    < length) { // mapping would grow the file by a hole: the disk could then be
                // full unseen
                throw new IOException(
                        path + " is shorter than the " + length + " bytes to be mapped");
            }
            final MappedByteBuffer mapped = channel.map(FileChannel.MapMode.READ_WRITE, 0, length);
            return FORCES_BY_MAPPING
                    ? new Mapping(path, mapped, null)
                    : new Mapping(path, mapped, new RandomAccessFile(path.toFile(), "rw"));
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }

    /** Written past the page cache; each write returns when it is durable. */
    private static final class DirectFile implements DiskFile {
        private final Path path;
        private final FileChannel channel;

        DirectFile(final Path path) throws IOException {
            this.path = path;
            try {
                channel =
                        FileChannel.open(
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

        @Override
        public long length() throws IOException {
            return channel.size();
        }

        @Override
        public int read(final ByteBuffer target, final long position) throws IOException {
            throw new IOException(path + " is open for writing only");
        }

        @Override
        public void write(final ByteBuffer source, final long position) throws IOException {
            long at = position;
            while (source.hasRemaining()) {
                at += channel.write(source, at);
            }
        }

        @Override
        public void force() {
            // each write did
        }

        @Override
        public void truncate(final long length) throws IOException {
            throw new IOException(path + " is open for writing blocks only");
        }

        @Override
        public DiskMapping map(final int length) throws IOException {
            throw new IOException(path + " is open for writing blocks only");
        }

        @Override
        public void close() throws IOException {
            channel.close();
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
