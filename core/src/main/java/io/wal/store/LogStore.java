package io.wal.store;

import com.lmax.disruptor.EventHandler;
import io.wal.EntryHandler;
import io.wal.LogReader;
import io.wal.RecoveredLog;

/**
 * Keeps the records of one log. It is the event handler that the log's ring feeds, plus recovery
 * and life cycle.
 *
 * <p>Life: {@link #open}, then {@link #replay} any number of times, then events on one thread (the
 * store's thread; see {@link #commitsOnCallers}) up to and including one that {@link
 * AppendEvent#isClose() ends the log}, then {@link #close}. A store is used once; opening a log
 * again takes a new store. Extend {@link GroupCommitStore} rather than writing the event handling
 * anew.
 */
public interface LogStore extends EventHandler<AppendEvent>, AutoCloseable {
    /**
     * What the log is called in messages and thread names.
     *
     * @return path or name.
     */
    String name();

    /**
     * The largest payload that the store can keep.
     *
     * @return the length in bytes.
     */
    int maxPayloadLength();

    /**
     * Takes the log for writing: becomes its only writer, finds its end, cuts off what was never
     * acknowledged, and makes durable what {@link #replay} will deliver. A log that is damaged is
     * left untouched.
     *
     * @param progress to report to from now on.
     * @param limits of a batch.
     * @return what was found.
     * @throws io.wal.WalException when the log cannot be opened; nothing is held then.
     */
    RecoveredLog open(CommitProgress progress, StoreLimits limits);

    /**
     * Delivers what {@link #open} found, in LSN order: the entries of the last finalized checkpoint
     * and every data entry from its start on. Called before the first event, on the caller's
     * thread.
     *
     * @param handler receives the entries; what it throws is thrown on.
     */
    void replay(EntryHandler handler);

    /**
     * Asks for a force of all entries up to an LSN, whatever durability they asked for. Any thread;
     * the caller wakes the store's thread afterwards.
     *
     * @param lsn the last of them; may be queued still.
     */
    void requestForce(long lsn);

    /**
     * Asks for a checkpoint to be finalized: one atomic, durable record behind all entries up to an
     * LSN. Any thread; the caller wakes the store's thread afterwards. Only one request at a time.
     *
     * @param request what to finalize, and where to say that it is durable.
     */
    void requestFinalize(FinalizeRequest request);

    /**
     * When the store wants to be called again though no event comes, by {@code System.nanoTime()}.
     * Asked on the store's thread before it waits; when the time has come {@link #onTimeout(long)}
     * is called.
     *
     * @return the time in nanoseconds, or {@link Long#MAX_VALUE} for never.
     */
    long deadlineNs();

    /**
     * Whether events may also come on the thread of a caller that waits for its own entry, while
     * the store's thread has nothing to do. One thread at a time, each sees what the one before it
     * did; the caller is not interrupted when it comes, and spends there as long as the store
     * takes. Asked once, before {@link #open}.
     *
     * @return false unless the store says so.
     */
    default boolean commitsOnCallers() {
        return false;
    }

    /**
     * A reader beside the writer. It sees all entries that were reported durable, and none that are
     * not durable.
     *
     * @param fromLsn first LSN to read, from 1.
     * @return the reader; the caller closes it.
     */
    LogReader reader(long fromLsn);

    /**
     * Gives up waiting for space or for an answer: what cannot be written now fails. Any thread.
     * The log uses it when closing takes longer than allowed.
     */
    void abandon();

    /**
     * Lets go of everything: files, mappings, locks, connections, threads. Called when no event
     * will come any more.
     */
    @Override
    void close();

    /** As {@link #close()}, and removes everything the log holds, as if it had never been. */
    void remove();
}
