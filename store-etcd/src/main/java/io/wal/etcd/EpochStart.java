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
 */
record EpochStart(
        long epoch, long firstLsn, long previous, long clusterId, long startedMs, String owner) {
    /** Before the first epoch. */
    static final EpochStart NONE = new EpochStart(0, 1, 0, 0, 0, "");

    static EpochStart of(final KvEntry entry, final KeyLayout keys) {
        final Facts facts = Facts.of(entry);
        return new EpochStart(
                keys.epochOf(entry.key()),
                facts.number("lsn"),
                facts.number("previous"),
                facts.hex("cluster"),
                facts.number("time"),
                facts.text("owner"));
    }

    byte[] encode() {
        return Facts.empty()
                .with("lsn", firstLsn)
                .with("previous", previous)
                .withHex("cluster", clusterId)
                .with("time", startedMs)
                .with("owner", owner)
                .encode();
    }
}
