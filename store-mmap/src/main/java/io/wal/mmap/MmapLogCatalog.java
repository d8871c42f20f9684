package io.wal.mmap;

import io.wal.LogCatalog;
import io.wal.LogNotFoundException;
import io.wal.StorageException;
import io.wal.store.LogStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The logs in the subdirectories of a directory, each named like its directory. */
public final class MmapLogCatalog implements LogCatalog {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}");

    private final Path root;
    private final Disk disk;
    private final Function<Path, MmapStoreContext> settings;

    /**
     * A catalog whose stores have default settings.
     *
     * @param root directory of the directories of the logs.
     */
    public MmapLogCatalog(final Path root) {
        this(root, path -> new MmapStoreContext().directory(path));
    }

    /**
     * A catalog.
     *
     * @param root directory of the directories of the logs.
     * @param settings makes the settings of a store, given the directory of its log.
     */
    public MmapLogCatalog(final Path root, final Function<Path, MmapStoreContext> settings) {
        this.root = root;
        this.settings = settings;
        disk = settings.apply(root).disk();
    }

    @Override
    public List<String> names() {
        try {
            if (!disk.isDirectory(root)) {
                throw new LogNotFoundException(root.toString(), "there is no such directory");
            }
            final TreeSet<String> names = new TreeSet<>();
            for (final String name : disk.list(root)) {
                if (NAME.matcher(name).matches() && holdsLog(name)) {
                    names.add(name);
                }
            }
            return List.copyOf(names);
        } catch (final IOException e) {
            throw new StorageException(root.toString(), "list", e);
        }
    }

    @Override
    public LogStore store(final String name) {
        return new MmapLogStore(settings.apply(resolve(name)));
    }

    @Override
    public void remove(final String name) {
        remove(disk, resolve(name));
    }

    /**
     * Removes the log in a directory. An empty lock file stays, and what repairs have put into
     * {@code attic/}.
     *
     * @param path directory of the log.
     * @throws LogNotFoundException when there is no such log.
     * @throws io.wal.LogInUseException when it has a writer.
     * @throws StorageException when the file system answers with an error.
     */
    public static void remove(final Path path) {
        remove(Disk.REAL, path);
    }

    @Override
    public void close() {
        // holds nothing
    }

    private static void remove(final Disk disk, final Path path) {
        final LogDirectory directory = new LogDirectory(disk, path);
        try {
            if (!Recovery.isLog(directory)) {
                throw new LogNotFoundException(path.toString(), "there is no such log");
            }
            final LogLock lock = LogLock.acquire(directory);
            try {
                LogRemoval.run(directory);
            } finally {
                lock.close();
            }
        } catch (final IOException e) {
            throw new StorageException(path.toString(), "remove", e);
        }
    }

    private boolean holdsLog(final String name) {
        try {
            return Recovery.isLog(new LogDirectory(disk, root.resolve(name)));
        } catch (final IOException e) {
            return false; // a file, or a directory that may not be read
        }
    }

    private Path resolve(final String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "a log's name has 1 to 128 characters of A-Z a-z 0-9 . _ - and does not"
                            + " begin with a dot: "
                            + name);
        }
        return root.resolve(name);
    }
}
