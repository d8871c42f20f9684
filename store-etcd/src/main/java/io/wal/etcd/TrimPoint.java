package io.wal.etcd;

/**
 * Where the log begins. Batches before it do not count and are deleted by and by.
 *
 * @param firstLsn first LSN that counts.
 * @param batchLsn first LSN of the batch that holds it, and so where reading begins.
 */
record TrimPoint(long firstLsn, long batchLsn) {
    /** Nothing was trimmed. */
    static final TrimPoint NONE = new TrimPoint(1, 1);

    static TrimPoint of(final KvEntry entry) {
        if (entry == null) {
            return NONE;
        }
        final Facts facts = Facts.of(entry);
        return new TrimPoint(facts.number("lsn"), facts.number("batch"));
    }

    byte[] encode() {
        return Facts.empty().with("lsn", firstLsn).with("batch", batchLsn).encode();
    }
}
