package io.wal.mmap;

import io.wal.LogInUseException;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes this store the only writer of its directory: among processes by a lock of the operating
 * system, which ends with the process, and within this one by a register, since such locks do not
 * hold between threads.
 */
final class LogLock implements AutoCloseable {
    private static final Set<Object> HELD_HERE = ConcurrentHashMap.newKeySet();

    private final Object key;
    private final AutoCloseable lock;
    private final LogDirectory directory;
    private boolean isNamed;

    private LogLock(final Object key, final AutoCloseable lock, final LogDirectory directory) {
        this.key = key;
        this.lock = lock;
        this.directory = directory;
    }

    /** To write: whoever asks meanwhile is told that it is this process. */
    static LogLock acquire(final LogDirectory directory) throws IOException {
        final LogLock held = take(directory);
        try {
            held.isNamed = true;
            OwnerRecord.ofThisProcess()
                    .write(directory.disk(), directory.resolve(LogDirectory.OWNER));
            return held;
        } catch (final IOException | RuntimeException e) {
            held.close();
            throw e;
        }
    }

    /**
     * To look while nobody writes. Writes nothing.
     *
     * @return the lock; null when its file is not there, so that nobody can have it.
     */
    static LogLock acquireToLook(final LogDirectory directory) throws IOException {
        return directory.disk().list(directory.path()).contains(LogDirectory.LOCK)
                ? take(directory)
                : null;
    }

    private static LogLock take(final LogDirectory directory) throws IOException {
        final Disk disk = directory.disk();
        final Object key = disk.identity(directory.path());
        if (!HELD_HERE.add(key)) {
            throw new LogInUseException(
                    directory.path().toString(), "this process, which has it open already");
        }
        try {
            final AutoCloseable lock = disk.lock(directory.resolve(LogDirectory.LOCK));
            if (lock == null) {
                final OwnerRecord owner =
                        OwnerRecord.read(disk, directory.resolve(LogDirectory.OWNER));
                throw new LogInUseException(
                        directory.path().toString(),
                        owner == null ? "another process" : owner.toString());
            }
            return new LogLock(key, lock, directory);
        } catch (final IOException | RuntimeException e) {
            HELD_HERE.remove(key);
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            if (isNamed) {
                directory.disk().delete(directory.resolve(LogDirectory.OWNER));
            }
        } catch (final Throwable ignored) { // it is only information, and the lock must go
        }
        try {
            lock.close();
        } catch (final Exception e) { // the descriptor is gone all the same, and the lock with it
            System.getLogger("io.wal")
                    .log(System.Logger.Level.WARNING, "closing the lock of " + key, e);
        } finally {
            HELD_HERE.remove(key);
        }
    }
}
