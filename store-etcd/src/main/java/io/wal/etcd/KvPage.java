package io.wal.etcd;

import java.util.List;

/**
 * The answer to a {@link KvRange}.
 *
 * @param entries in the order of keys.
 * @param count keys in the whole range, whatever the limit.
 * @param clusterId of the cluster that answered.
 * @param revision of the store when it answered.
 */
record KvPage(List<KvEntry> entries, long count, long clusterId, long revision) {
    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** The only entry, or null. */
    KvEntry entry() {
        return entries.isEmpty() ? null : entries.get(0);
    }
}
