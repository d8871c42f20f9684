package io.wal.cli;

import io.wal.FencedException;
import io.wal.LogInUseException;
import io.wal.LogNotFoundException;
import io.wal.WalContext;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import io.wal.inspect.LogInspector;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A log in etcd that is removed when this is closed, and when the process is asked to end before.
 * Who works with it then loses it: it is taken like any log whose owner does not matter any more.
 */
final class EtcdScratch implements ScratchPlace {
    private static final int MOST_TRIES = 3;

    private final EtcdAddress log;
    private final Thread hook = new Thread(this::removeQuietly, "wal-scratch");
    private final ScratchUser user = new ScratchUser();

    private EtcdScratch(final EtcdAddress log) {
        this.log = log;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** A place for a log, which must not be there. What cannot be reached fails now. */
    static EtcdScratch of(final EtcdAddress log) {
        try (LogInspector inspector = log.inspector()) {
            inspector.info();
        } catch (final LogNotFoundException e) {
            return new EtcdScratch(log);
        }
        throw new IllegalStateException("there is a log " + log + " already");
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

    @Override
    public Process start(final ProcessBuilder builder) throws IOException {
        return user.start(builder);
    }

    @Override
    public boolean isEnding() {
        return user.hasEnded();
    }

    /** Leaves the log there. */
    @Override
    public void keep() {
        removeHook();
    }

    @Override
    public void close() {
        if (!removeHook()) {
            return; // it is at work, and must not be worked against
        }
        try {
            log.remove();
        } catch (final LogNotFoundException e) {
            // it never came to be
        }
    }

    /** False when it is too late for that: the process ends already. */
    private boolean removeHook() {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException e) {
            return false;
        }
    }

    private void removeQuietly() {
        try {
            user.end();
            for (int tries = 0; tries < MOST_TRIES; tries++) {
                try {
                    removeForGood();
                    return;
                } catch (final LogInUseException | FencedException e) {
                    // that other thread has taken it back: it does so once
                }
            }
        } catch (final WalException | UsageException | InterruptedException e) {
            // the process ends, and nobody can be told
        }
    }

    /** Another thread may be about to make the log: who takes it first sees to that as well. */
    private void removeForGood() {
        try {
            log.remove();
        } catch (final LogNotFoundException e) {
            takeAndRemove();
        }
    }

    private void takeAndRemove() {
        WriteAheadLog.open(new WalContext().store(log.store(StoreSettings.CREATING))).remove();
    }
}
