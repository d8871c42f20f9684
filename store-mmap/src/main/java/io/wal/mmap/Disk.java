package io.wal.mmap;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The file system as the store uses it, small enough to be replaced by one that fails on purpose.
 *
 * <p>Names (created, renamed, deleted) are durable only after {@link #forceDirectory}; contents and
 * lengths only after the file's or the mapping's force. Errors are {@link IOException}s with the
 * path in the message.
 */
public interface Disk {
    /** The real file system. */
    Disk REAL = new RealDisk();

    /** How a file is opened. */
    enum OpenMode {
        /** It must exist, and is only read. */
        READ,
        /** It must exist, and is read and written. */
        WRITE,
        /**
         * It must exist, and is only written: whole blocks of 4096 bytes, at multiples of that,
         * from buffers aligned to it, past the page cache; a write that returns is durable.
         */
        DIRECT,
        /** It must not exist, and is read and written. */
        CREATE
    }

    /**
     * Whether there is a directory.
     *
     * @param path of it.
     * @return false when there is nothing.
     * @throws IOException when there is something else, or it cannot be told.
     */
    boolean isDirectory(Path path) throws IOException;

    /**
     * Creates a directory whose parent exists. Does nothing when there is one.
     *
     * @param path of it.
     * @throws IOException when it cannot be created.
     */
    void createDirectory(Path path) throws IOException;

    /**
     * Everything in a directory.
     *
     * @param directory to list.
     * @return the names, in no order.
     * @throws IOException when it cannot be read.
     */
    List<String> list(Path directory) throws IOException;

    /**
     * Opens a file.
     *
     * @param path of it.
     * @param mode how.
     * @return the file; the caller closes it.
     * @throws java.nio.file.NoSuchFileException when it must exist and does not.
     * @throws IOException when it cannot be opened.
     */
    DiskFile open(Path path, OpenMode mode) throws IOException;

    /**
     * Renames a file within its directory, replacing what has the new name.
     *
     * @param from present path.
     * @param to new path.
     * @throws IOException when it cannot be renamed.
     */
    void rename(Path from, Path to) throws IOException;

    /**
     * Deletes a file, or a directory that is empty. Does nothing when there is none.
     *
     * @param path of it.
     * @throws IOException when it cannot be deleted.
     */
    void delete(Path path) throws IOException;

    /**
     * Makes the names in a directory durable.
     *
     * @param directory whose names were changed.
     * @throws IOException when that failed; the names may be lost then.
     */
    void forceDirectory(Path directory) throws IOException;

    /**
     * Takes the lock that makes a process the only writer. It ends with the process or by closing
     * it.
     *
     * @param path of the lock file, created if need be and never deleted.
     * @return the lock, or null when another has it.
     * @throws IOException when that cannot be told.
     */
    AutoCloseable lock(Path path) throws IOException;

    /**
     * What tells a directory from all others, however its path is written: links are followed.
     *
     * @param directory that exists.
     * @return an object that equals only that of the same directory.
     * @throws IOException when it cannot be told.
     */
    Object identity(Path directory) throws IOException;

    /**
     * A number for a log that is created, by which it tells its own files from those of any other.
     *
     * @return a number that no other log has; by default a random one.
     */
    default long newLogId() {
        return ThreadLocalRandom.current().nextLong();
    }
}
