package io.wal.mmap;

import java.io.IOException;

/**
 * Removes a log from its directory. The control file is renamed first, or, when there is none, a
 * file made that stands for it: once that is durable the log is gone, and whoever opens the
 * directory finishes what a crash may have left. The lock file stays, for deleting it would let two
 * writers in; and so does what repairs have put into the attic, which nobody relies on any more.
 */
final class LogRemoval {
    private LogRemoval() {}

    /** Removes all that belongs to the log now; the lock is held. */
    static void run(final LogDirectory directory) throws IOException {
        final Disk disk = directory.disk();
        final LogDirectory.Listing listing = directory.list();
        if (listing.hasControl) {
            disk.rename(
                    directory.resolve(LogDirectory.CONTROL),
                    directory.resolve(LogDirectory.REMOVED));
        } else if (!listing.isBeingRemoved) {
            disk.open(directory.resolve(LogDirectory.REMOVED), Disk.OpenMode.CREATE).close();
        }
        disk.forceDirectory(directory.path()); // who renamed it may have died before that
        deleteAll(directory, listing.segments.values());
        deleteAll(directory, listing.spares.values());
        deleteAll(directory, listing.temporaries);
        disk.delete(directory.resolve(LogDirectory.COUNTERS));
        disk.delete(directory.resolve(LogDirectory.OWNER));
        new Attic(directory).closeAll();
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
