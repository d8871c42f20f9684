package io.wal.etcd;

/**
 * Where an epoch begins. Its owner puts this when it has found the end of the log and cut off what
 * lay behind it; not before it does the epoch have batches. A deposed writer learns from it what
 * became of its last entries.
 *
 * @param epoch that begins.
 * @param firstLsn of the epoch. What earlier epochs stored below it is in the log for good; above
 *     it nothing of theirs is or ever will be.
 * @param previous epoch that has such a record; 0 for none. Epochs between the two ended before
 *     they began.
 * @param clusterId of the cluster, for that a log does not change by itself.
 * @param startedMs wall time.
 * @param owner in words.
 * @param checkpointRevision at which the checkpoint was put that the owner found, 0 for none;
 *     {@link #UNKNOWN_REVISION} in a record that does not say so.
 */
record EpochStart(
        long epoch,
        long firstLsn,
        long previous,
        long clusterId,
        long startedMs,
        String owner,
        long checkpointRevision) {
    static final long UNKNOWN_REVISION = -1;

    /** Before the first epoch. */
    static final EpochStart NONE = new EpochStart(0, 1, 0, 0, 0, "", UNKNOWN_REVISION);

    static EpochStart of(final KvEntry entry, final KeyLayout keys) {
        final Facts facts = Facts.of(entry);
        return new EpochStart(
                keys.epochOf(entry.key()),
                facts.number("lsn"),
                facts.number("previous"),
                facts.hex("cluster"),
                facts.number("time"),
                facts.text("owner"),
                facts.number("checkpoint", UNKNOWN_REVISION));
    }

    byte[] encode() {
        return Facts.empty()
                .with("lsn", firstLsn)
                .with("previous", previous)
                .withHex("cluster", clusterId)
                .with("time", startedMs)
                .with("owner", owner)
                .with("checkpoint", checkpointRevision)
                .encode();
    }
}
