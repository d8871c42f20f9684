package io.wal.etcd;

/**
 * The proof that the log was closed, and how it ended then. The next epoch deletes it when it
 * begins.
 *
 * @param epoch that closed the log.
 * @param lastLsn of the log.
 */
record CleanEnd(long epoch, long lastLsn) {
    /** Null when the log was not closed. */
    static CleanEnd of(final KvEntry entry) {
        if (entry == null) {
            return null;
        }
        final Facts facts = Facts.of(entry);
        return new CleanEnd(facts.number("epoch"), facts.number("lsn"));
    }

    byte[] encode() {
        return Facts.empty().with("epoch", epoch).with("lsn", lastLsn).encode();
    }
}
