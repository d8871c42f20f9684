package io.wal;

/**
 * Reads a log from an LSN on, beside its writer or without one, and never writes. One thread at a
 * time.
 *
 * <p>Entries of kind {@link EntryKind#CHECKPOINT} are delivered as they stand in the log, whether
 * or not their checkpoint was finalized.
 */
public interface LogReader extends AutoCloseable {
    /**
     * Delivers the entries that follow, as far as they are there.
     *
     * @param handler receives them.
     * @param limit most entries to deliver, at least 1.
     * @return entries delivered; 0 when the reader stands at the end of what may be read now.
     * @throws LogTrimmedException when the next entry is gone because a checkpoint made it
     *     superfluous.
     * @throws CorruptLogException when the next entry is damaged.
     */
    int poll(EntryHandler handler, int limit);

    /**
     * The LSN from which the next {@link #poll} goes on.
     *
     * @return the LSN after the last one delivered or passed over.
     */
    long nextLsn();

    /** Lets go of the resources. Does nothing when closed already. */
    @Override
    void close();
}
