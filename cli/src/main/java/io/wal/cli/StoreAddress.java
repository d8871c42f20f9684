package io.wal.cli;

import io.wal.LogCatalog;
import io.wal.inspect.LogInspector;
import io.wal.mmap.RepairReport;
import io.wal.store.LogStore;
import java.time.Duration;
import java.util.List;

/** What a STORE argument names: a log, or a place for logs. */
interface StoreAddress {
    /** The words of the help. */
    String FORMS = "a directory as PATH or mmap:PATH, or etcd://host:port[,host:port...]/name";

    /**
     * Reads an argument; touches no storage.
     *
     * @throws UsageException when it names nothing that could be a log.
     */
    static StoreAddress parse(final String text) {
        if (text.isEmpty()) {
            throw new UsageException("an empty STORE; give " + FORMS);
        }
        return EtcdAddress.isOne(text) ? EtcdAddress.parse(text) : MmapAddress.parse(text);
    }

    /** A new store, to be opened with {@link io.wal.WriteAheadLog#open}. */
    LogStore store(StoreSettings settings);

    /** How long opening waits for a log that another has; zero when it does not wait. */
    default Duration patience() {
        return Duration.ZERO;
    }

    /** The same log, for an opening that does not wait. */
    default StoreAddress withoutPatience() {
        return this;
    }

    /** A view for reading only. */
    LogInspector inspector();

    /** The named logs under this address. */
    LogCatalog catalog();

    /** Removes the log and all it holds, sound or not. */
    void remove();

    /**
     * Repairs the log, or says what that would do.
     *
     * @param salvage whether to keep what is intact of a damaged log.
     * @param apply whether to do it.
     * @throws UsageException when logs of this kind are not repaired.
     */
    default RepairReport repair(final boolean salvage, final boolean apply) {
        throw new UsageException("only a log in a directory can be repaired: " + this);
    }

    /** How often a store that came from here forced; -1 when it does not count. */
    long forceCount(LogStore store);

    /** A place beside this log for logs that are soon removed; the purpose shows in its name. */
    ScratchPlace scratch(String purpose);

    /** Options that a command needs beside the address to find the same log. */
    default List<String> options() {
        return List.of();
    }
}
