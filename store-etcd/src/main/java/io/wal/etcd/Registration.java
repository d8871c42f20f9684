package io.wal.etcd;

import io.wal.UnsupportedFormatException;

/**
 * Says that there is a log: the key that a first opening puts last and a removal deletes first.
 *
 * @param logId identity of the log, in every batch.
 * @param version of the layout of all its keys and values.
 * @param createdMs wall time of the first opening.
 */
record Registration(long logId, int version, long createdMs) {
    /** The newest version that this library reads and writes. */
    static final int VERSION = 1;

    /** Null when there is no log. */
    static Registration of(final KvEntry entry) {
        if (entry == null) {
            return null;
        }
        final Facts facts = Facts.of(entry);
        final long version = facts.number("version");
        if (version > VERSION) {
            throw new UnsupportedFormatException(
                    entry.key(), (int) Math.min(version, Integer.MAX_VALUE), VERSION);
        }
        return new Registration(facts.hex("id"), (int) version, facts.number("created"));
    }

    byte[] encode() {
        return Facts.empty()
                .with("version", version)
                .withHex("id", logId)
                .with("created", createdMs)
                .encode();
    }
}
