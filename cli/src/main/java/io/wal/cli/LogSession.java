package io.wal.cli;

import io.wal.EntryHandler;
import io.wal.LogFullException;
import io.wal.LogInUseException;
import io.wal.RecoveredLog;
import io.wal.WalContext;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import io.wal.store.LogStore;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** A log that a command has opened for writing, recovered already. */
final class LogSession implements AutoCloseable {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final StoreAddress address;
    private final LogStore store;
    private final WriteAheadLog log;

    private LogSession(final StoreAddress address, final LogStore store, final WriteAheadLog log) {
        this.address = address;
        this.store = store;
        this.log = log;
    }

    /**
     * Opens a log and delivers what it holds. Appends are refused when the storage is full: nobody
     * may be there to make room.
     */
    static LogSession open(
            final Console console,
            final StoreAddress address,
            final StoreSettings settings,
            final EntryHandler handler) {
        final LogSession session = openPatiently(console, address, settings);
        boolean recovered = false;
        try {
            session.log.recover(handler);
            recovered = true;
        } finally {
            if (!recovered) {
                session.closeQuietly();
            }
        }
        return session;
    }

    /** Opens a log to add to it; what it holds is recovered and not looked at. */
    static LogSession openForAppending(
            final Console console, final StoreAddress address, final StoreSettings settings) {
        final LogSession session =
                open(console, address, settings, (lsn, kind, buffer, offset, length) -> {});
        if (session.recovered().tail() == RecoveredLog.Tail.TORN) {
            console.warn(
                    "the log ended in a batch that was never acknowledged; its remains were cut off behind LSN "
                            + session.recovered().lastLsn());
        }
        return session;
    }

    /** Whoever has to wait for another is told for whom. */
    private static LogSession openPatiently(
            final Console console, final StoreAddress address, final StoreSettings settings) {
        if (!address.patience().isZero()) {
            try {
                return openOnce(address.withoutPatience(), settings);
            } catch (final LogInUseException e) {
                sayWaiting(console, address, e);
            }
        }
        return openOnce(address, settings);
    }

    /** Says who is waited for, and how long. */
    static void sayWaiting(
            final Console console, final StoreAddress address, final LogInUseException reason) {
        console.warn(
                "waiting for the log "
                        + address
                        + ", which is in use by "
                        + reason.owner()
                        + ", for "
                        + Quantity.duration(address.patience())
                        + " at most; see --acquire");
    }

    private static LogSession openOnce(final StoreAddress address, final StoreSettings settings) {
        try {
            final LogStore store = address.store(settings);
            return new LogSession(
                    address,
                    store,
                    WriteAheadLog.open(
                            new WalContext().store(store).fullPolicy(WalContext.FullPolicy.FAIL)));
        } catch (final IllegalArgumentException e) {
            throw new UsageException(e.getMessage(), e);
        }
    }

    WriteAheadLog log() {
        return log;
    }

    RecoveredLog recovered() {
        return log.recovered();
    }

    long forceCount() {
        return address.forceCount(store);
    }

    /**
     * Waits until all that was appended is durable; gives up when the storage is full, or when told
     * to.
     */
    void drain(final BooleanSupplier givingUp) {
        final long lsn = log.lastLsn();
        if (lsn == 0) {
            return; // nothing was ever appended
        }
        while (!log.awaitDurable(lsn, LOOK_AGAIN) && !givingUp.getAsBoolean()) {
            if (log.stall() instanceof LogFullException full) {
                store.abandon();
                throw full;
            }
        }
    }

    /** Drains, forces, and lets go of everything. */
    @Override
    public void close() {
        log.close();
    }

    /** For when another failure is to be told. */
    void closeQuietly() {
        try {
            log.close();
        } catch (final WalException e) {
            // the other failure says more
        }
    }
}
