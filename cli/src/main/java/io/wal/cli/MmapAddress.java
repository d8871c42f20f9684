package io.wal.cli;

import io.wal.LogCatalog;
import io.wal.LogNotFoundException;
import io.wal.WalException;
import io.wal.inspect.LogInspector;
import io.wal.mmap.MmapLogCatalog;
import io.wal.mmap.MmapLogInspector;
import io.wal.mmap.MmapLogRepair;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.mmap.RepairReport;
import io.wal.mmap.WriteMode;
import io.wal.store.LogStore;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** A log in a directory. */
final class MmapAddress implements StoreAddress {
    private static final String PREFIX = "mmap:";

    private final Path directory;

    MmapAddress(final Path directory) {
        this.directory = directory;
    }

    static MmapAddress parse(final String text) {
        final String path = text.startsWith(PREFIX) ? text.substring(PREFIX.length()) : text;
        if (path.isEmpty()) {
            throw new UsageException("no path in " + text + "; give " + FORMS);
        }
        try {
            return new MmapAddress(Path.of(path));
        } catch (final InvalidPathException e) {
            throw new UsageException("not a path: " + text + ": " + e.getReason(), e);
        }
    }

    @Override
    public LogStore store(final StoreSettings settings) {
        final MmapStoreContext context =
                new MmapStoreContext()
                        .directory(directory)
                        .createIfMissing(settings.createIfMissing())
                        .firstLsn(settings.firstLsn());
        if (settings.direct()) {
            context.writeMode(WriteMode.DIRECT);
        }
        if (settings.segmentLength() != 0) {
            context.segmentLength(settings.segmentLength());
        }
        return new MmapLogStore(context);
    }

    @Override
    public LogInspector inspector() {
        return new MmapLogInspector(directory);
    }

    @Override
    public LogCatalog catalog() {
        return new MmapLogCatalog(directory);
    }

    @Override
    public void remove() {
        MmapLogCatalog.remove(directory);
    }

    @Override
    public RepairReport repair(final boolean salvage, final boolean apply) {
        final MmapLogRepair repair = new MmapLogRepair(directory);
        return apply ? repair.apply(salvage) : repair.plan(salvage);
    }

    @Override
    public long forceCount(final LogStore store) {
        return ((MmapLogStore) store).forceCount();
    }

    /** Within the directory unless that is a log itself, or is not there; then beside it. */
    @Override
    public ScratchPlace scratch(final String purpose) {
        Path place = directory.toAbsolutePath().normalize();
        if (isLog(place) || !Files.isDirectory(place)) {
            place = place.getParent() == null ? place : place.getParent();
        }
        return ScratchDirectory.in(place, ".wal-" + purpose + "-");
    }

    @Override
    public String toString() {
        return directory.toString();
    }

    private static boolean isLog(final Path place) {
        try (LogInspector inspector = new MmapLogInspector(place)) {
            inspector.info();
            return true;
        } catch (final LogNotFoundException e) {
            return false;
        } catch (final WalException e) {
            return true;
        }
    }
}
