package io.wal.metrics;

/**
 * What became of a batch, and where its time went. One object is used again and again: it says
 * something only during the call that hands it out, and only on that thread.
 */
public final class BatchReport {
    private long firstLsn;
    private long lastLsn;
    private int entryCount;
    private long length;
    private long queueDepth;
    private boolean forced;
    private long durationNs;
    private long ringWaitNs;
    private long forceTimeNs;
    private long notifyTimeNs;
    private long spaceWaitNs;

    BatchReport() {}

    /**
     * The first LSN of the batch.
     *
     * @return the LSN.
     */
    public long firstLsn() {
        return firstLsn;
    }

    /**
     * The last LSN of the batch.
     *
     * @return the LSN, not before the first.
     */
    public long lastLsn() {
        return lastLsn;
    }

    /**
     * How many entries the batch has.
     *
     * @return the count, from 1.
     */
    public int entryCount() {
        return entryCount;
    }

    /**
     * The length of the frames of its entries: header, payload and padding.
     *
     * @return bytes.
     */
    public long length() {
        return length;
    }

    /**
     * How many entries were waiting when the store's thread last looked, those of the batch
     * included.
     *
     * @return the count.
     */
    public long queueDepth() {
        return queueDepth;
    }

    /**
     * Whether the batch was forced, or only written.
     *
     * @return true when it was to be forced.
     */
    public boolean isForced() {
        return forced;
    }

    /**
     * From the first entry in the hands of the store's thread until the batch was committed. A
     * store whose medium answers later, as etcd does, commits by sending.
     *
     * @return nanoseconds.
     */
    public long durationNs() {
        return durationNs;
    }

    /**
     * The longest time that an entry of the batch waited in the ring, of those that were sampled.
     *
     * @return nanoseconds; 0 when none was.
     */
    public long ringWaitNs() {
        return ringWaitNs;
    }

    /**
     * The time for everything that is not forcing, notifying or waiting for space: copying frames,
     * and waiting for more when the log was told to.
     *
     * @return nanoseconds.
     */
    public long writeTimeNs() {
        return Math.max(0, durationNs - forceTimeNs - notifyTimeNs - spaceWaitNs);
    }

    /**
     * The time for forcing.
     *
     * @return nanoseconds; 0 when nothing was forced.
     */
    public long forceTimeNs() {
        return forceTimeNs;
    }

    /**
     * The time for moving the acknowledged sequence and waking those who wait for it.
     *
     * @return nanoseconds.
     */
    public long notifyTimeNs() {
        return notifyTimeNs;
    }

    /**
     * The time for waiting until the next segment was ready, or there was space.
     *
     * @return nanoseconds.
     */
    public long spaceWaitNs() {
        return spaceWaitNs;
    }

    void begin() {
        ringWaitNs = 0;
        forceTimeNs = 0;
        notifyTimeNs = 0;
        spaceWaitNs = 0;
    }

    void waited(final long ringNs) {
        ringWaitNs = Math.max(ringWaitNs, ringNs);
    }

    void addForce(final long ns) {
        forceTimeNs += ns;
    }

    void addNotify(final long ns) {
        notifyTimeNs += ns;
    }

    void addSpaceWait(final long ns) {
        spaceWaitNs += ns;
    }

    void end(
            final long last,
            final int entries,
            final long bytes,
            final boolean force,
            final long depth,
            final long duration) {
        firstLsn = last - entries + 1;
        lastLsn = last;
        entryCount = entries;
        length = bytes;
        forced = force;
        queueDepth = depth;
        durationNs = duration;
    }
}
