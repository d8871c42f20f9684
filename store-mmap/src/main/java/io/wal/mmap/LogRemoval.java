package io.wal.mmap;

import java.io.IOException;

/**
 * Removes a log from its directory. The control file is renamed first: from then on the log is
 * gone, and whoever opens the directory finishes what a crash may have left. The lock file stays,
 * for deleting it would let two writers in.
 */
final class LogRemoval {
    private LogRemoval() {}

    /** Removes everything that is the log's; the lock is held. */
    static void run(final LogDirectory directory) throws IOException {
        final Disk disk = directory.disk();
        final LogDirectory.Listing listing = directory.list();
        if (listing.hasControl) {
            disk.rename(
                    directory.resolve(LogDirectory.CONTROL),
                    directory.resolve(LogDirectory.REMOVED));
        }
        disk.forceDirectory(directory.path()); // who renamed it may have died before
        deleteAll(directory, listing.segments.values());
        deleteAll(directory, listing.spares.values());
        deleteAll(directory, listing.temporaries);
        disk.delete(directory.resolve(LogDirectory.COUNTERS));
        disk.delete(directory.resolve(LogDirectory.OWNER));
        disk.forceDirectory(directory.path());
        disk.delete(directory.resolve(LogDirectory.REMOVED));
        disk.forceDirectory(directory.path());
    }

    private static void deleteAll(final LogDirectory directory, final Iterable<String> names)
            throws IOException {
        for (final String name : names) {
            directory.disk().delete(directory.resolve(name));
        }
    }
}
