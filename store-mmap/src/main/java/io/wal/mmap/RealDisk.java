package io.wal.mmap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.AsynchronousFileChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** The file system of the operating system. */
final class RealDisk implements Disk {
    /**
     * Channels of lock files that this process has locked through another channel, which only
     * another copy of this class can have done. Closing one of them would end that lock.
     */
    private static final Map<Path, FileChannel> LOCKED_BY_OTHERS_HERE = new ConcurrentHashMap<>();

    @Override
    public boolean isDirectory(final Path path) throws IOException {
        final BasicFileAttributes found; // once: another opener may create it just now
        try {
            found = Files.readAttributes(path, BasicFileAttributes.class);
        } catch (final NoSuchFileException e) {
            return false;
        } catch (final IOException e) {
            if (path.getParent() != null) {
                isDirectory(path.getParent()); // a file up there says more
            }
            throw e;
        }
        if (!found.isDirectory()) {
            throw new NotDirectoryException(path.toString());
        }
        return true;
    }

    @Override
    public void createDirectory(final Path path) throws IOException {
        try {
            Files.createDirectory(path);
        } catch (final FileAlreadyExistsException e) { // perhaps by another opener, just now
            if (!isDirectory(path)) {
                throw e;
            }
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
        return new RealFile(path, mode);
    }

    @Override
    public void rename(final Path from, final Path to) throws IOException {
        Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    @Override
    public void delete(final Path path) throws IOException {
        Files.deleteIfExists(path);
    }

    /**
     * Through a channel that no interrupt closes. Of a force that was begun the outcome must be
     * known: it is not tried again, for a second one proves nothing.
     */
    @Override
    public void forceDirectory(final Path directory) throws IOException {
        try (AsynchronousFileChannel channel =
                AsynchronousFileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true); // on this thread
        }
    }

    @Override
    public AutoCloseable lock(final Path path) throws IOException {
        final Path key = path.toAbsolutePath();
        final FileChannel kept = LOCKED_BY_OTHERS_HERE.remove(key);
        final FileChannel channel =
                kept != null
                        ? kept
                        : FileChannel.open(
                                path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean done = false;
        try {
            final FileLock lock = channel.tryLock();
            done = lock != null;
            return done ? channel : null; // closing the channel ends the lock
        } catch (final OverlappingFileLockException e) {
            done = true;
            LOCKED_BY_OTHERS_HERE.put(key, channel);
            return null;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    @Override
    public Object identity(final Path directory) throws IOException {
        return directory.toRealPath();
    }
}
