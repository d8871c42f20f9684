package io.wal.inspect;

import java.util.function.LongConsumer;

/**
 * A read-only view of a log, with or without a writer beside it, sound or damaged. Never writes,
 * locks or deletes anything. One thread at a time.
 */
public interface LogInspector extends AutoCloseable {
    /**
     * The facts that are cheap to learn, without checking the records.
     *
     * @return the report; its verdict is {@link LogReport.Verdict#UNCHECKED} unless damage is plain
     *     to see.
     * @throws io.wal.LogNotFoundException when there is no log.
     */
    LogReport info();

    /**
     * Checks everything that is held.
     *
     * @param progress told the bytes checked so far, now and then.
     * @return the report, with every damage that was found.
     * @throws io.wal.LogNotFoundException when there is no log.
     */
    LogReport verify(LongConsumer progress);

    /**
     * Visits what is held, in order, damage included, as far as can be known.
     *
     * @param fromLsn first LSN to visit, from 1.
     * @param toLsn last LSN to visit.
     * @param visitor receives what is found.
     * @return the same report as {@link #verify}, for the part that was visited.
     */
    LogReport visit(long fromLsn, long toLsn, RecordVisitor visitor);

    /**
     * What the log's writer counts about itself, or counted before it ended.
     *
     * @return the report; null when the log keeps no counters, which is the default.
     * @throws io.wal.LogNotFoundException when there is no log.
     */
    default CounterReport counters() {
        return null;
    }

    /** Lets go of the resources. */
    @Override
    void close();
}
