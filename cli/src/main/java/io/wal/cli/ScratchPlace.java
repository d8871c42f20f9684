package io.wal.cli;

import java.io.IOException;
import java.nio.file.Path;

/** A place for logs that live no longer than the command. Closing it removes everything in it. */
interface ScratchPlace extends AutoCloseable {
    /** The address of a log in this place; there is none yet. */
    StoreAddress log(String name);

    /** Where it is, in words. */
    String location();

    /** The directory, for measuring its device; null when the place is not a directory. */
    Path directory();

    /**
     * Starts a process that works here, one at a time. It does not outlive this one, unless this
     * one is killed.
     */
    Process start(ProcessBuilder builder) throws IOException;

    /** Whether this process ends already, and takes the place from under whoever works there. */
    boolean isEnding();

    /** Closing removes nothing any more. */
    void keep();

    @Override
    void close();
}
