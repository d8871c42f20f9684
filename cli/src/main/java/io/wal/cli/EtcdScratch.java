package io.wal.cli;

import io.wal.LogNotFoundException;
import io.wal.WalException;
import java.nio.file.Path;

/**
 * A log in etcd that is removed when this is closed, and when the process is asked to end before.
 */
final class EtcdScratch implements ScratchPlace {
    private final EtcdAddress log;
    private final Thread hook = new Thread(this::removeQuietly, "wal-scratch");

    EtcdScratch(final EtcdAddress log) {
        this.log = log;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** There is one log, whatever it is called. */
    @Override
    public StoreAddress log(final String name) {
        return log;
    }

    @Override
    public String location() {
        return log.toString();
    }

    @Override
    public Path directory() {
        return null;
    }

    /** Leaves the log there. */
    @Override
    public void keep() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException e) {
            // the process ends already
        }
    }

    @Override
    public void close() {
        keep();
        try {
            log.remove();
        } catch (final LogNotFoundException e) {
            // it never came to be
        }
    }

    private void removeQuietly() {
        try {
            log.remove();
        } catch (final WalException e) {
            // the process ends, and nobody can be told
        }
    }
}
