package io.wal.metrics;

/**
 * Told what a log does, for statistics. Called on the log's own threads, on that of a caller that
 * commits in their place, or on one of the store's client that brings the answer; while it runs,
 * appends wait to be acknowledged. So it must be quick, must not wait, and allocates nothing if the
 * log shall not. What it throws goes to {@link io.wal.WalContext#errorHandler} and harms nothing
 * else.
 *
 * <p>Where there are many a second, only some batches and entries are measured, picked without
 * regard to how long they took. Each then comes with a weight: how many it stands for.
 */
public interface CommitListener {
    /**
     * A batch was committed. Called on the thread that did it.
     *
     * @param batch what became of it; to be used during the call only.
     * @param weight how many batches this one stands for, from 1.
     */
    default void onBatch(final BatchReport batch, final int weight) {}

    /**
     * The medium was forced. Called for every force, on the thread that waited for it, one at a
     * time.
     *
     * @param firstLsn first entry that became durable; after the last when there was only a marker
     *     to force.
     * @param lastLsn last entry that became durable.
     * @param durationNs how long it took, in nanoseconds.
     */
    default void onForce(final long firstLsn, final long lastLsn, final long durationNs) {}

    /**
     * An entry is acknowledged. Called on the thread that acknowledges, one at a time, before
     * anybody else can know.
     *
     * @param lsn of the entry.
     * @param latencyNs from the claim of its slot until it was as durable as asked for, in
     *     nanoseconds.
     * @param weight how many entries this one stands for, from 1.
     */
    default void onAcknowledged(final long lsn, final long latencyNs, final int weight) {}

    /**
     * The medium kept the log waiting for longer than {@link io.wal.WalContext#stallThreshold}.
     * Called when it is over.
     *
     * @param stall cause, duration, and the LSNs it covered.
     */
    default void onStall(final Stall stall) {}
}
