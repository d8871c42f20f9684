package io.wal.store;

import io.wal.WalException;
import io.wal.metrics.CommitMeter;

/**
 * Where a store reports how far it got. Only one thread reports at a time, each sees what the one
 * before it did, and the LSNs never go back.
 *
 * <p>A report is a promise: what is reported is acknowledged to the caller.
 */
public interface CommitProgress {
    /**
     * All entries up to an LSN were handed to the operating system and survive the death of the
     * process.
     *
     * @param lsn the last of them.
     */
    void written(long lsn);

    /**
     * All entries up to an LSN are on stable storage.
     *
     * @param lsn the last of them.
     */
    void durable(long lsn);

    /**
     * The log cannot go on. Called on the store's thread, once; nothing is reported after it.
     *
     * @param cause what went wrong.
     */
    void failed(WalException cause);

    /**
     * Writing waits for space, and goes on by itself when there is some.
     *
     * @param cause why it waits; null when it goes on.
     */
    void stalled(WalException cause);

    /**
     * Wakes the store's thread: {@link LogStore#onTimeout(long)} is called there soon. Any thread.
     */
    void wake();

    /**
     * Where the store takes note of what it does, for statistics. Asked once, when the log is
     * opened.
     *
     * @return the meter of the log; by default a new one that nobody reads.
     */
    default CommitMeter meter() {
        return CommitMeter.silent("a log");
    }
}
