package io.wal.etcd;

/**
 * The checkpoint from which recovery goes.
 *
 * @param startLsn first LSN that it covers.
 * @param endLsn last LSN that it covers; everything up to it was acknowledged before this was put.
 * @param epoch of the writer that finalized it.
 */
record FinalizedCheckpoint(long startLsn, long endLsn, long epoch) {
    /** No checkpoint: the log begins with its first entry. */
    static final FinalizedCheckpoint NONE = new FinalizedCheckpoint(1, 0, 0);

    static FinalizedCheckpoint of(final KvEntry entry) {
        if (entry == null) {
            return NONE;
        }
        final Facts facts = Facts.of(entry);
        return new FinalizedCheckpoint(
                facts.number("start"), facts.number("end"), facts.number("epoch"));
    }

    byte[] encode() {
        return Facts.empty()
                .with("start", startLsn)
                .with("end", endLsn)
                .with("epoch", epoch)
                .encode();
    }
}
