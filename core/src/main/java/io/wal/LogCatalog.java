package io.wal;

import io.wal.store.LogStore;
import java.util.List;

/** The named logs under one root: a directory, or a prefix of keys. */
public interface LogCatalog extends AutoCloseable {
    /**
     * The logs there are.
     *
     * @return their names, sorted.
     */
    List<String> names();

    /**
     * A store for a log, to be opened with {@link WriteAheadLog#open}; the log is created then if
     * there is none.
     *
     * @param name 1 to 128 characters of {@code A-Z a-z 0-9 . _ -}, not beginning with a dot.
     * @return a new store.
     */
    LogStore store(String name);

    /**
     * Removes a log and everything it holds.
     *
     * @param name of the log.
     * @throws LogNotFoundException when there is no such log.
     * @throws LogInUseException when it has a writer.
     */
    void remove(String name);

    /** Lets go of connections, if there are any. */
    @Override
    void close();
}
