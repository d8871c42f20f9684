package io.wal.etcd;

import java.util.List;

/** Receives changes, one call at a time, in the order of revisions. */
interface KvWatchListener {
    /**
     * Changes of one or more whole revisions.
     *
     * @param changes in order; a deleted key has a null value.
     */
    void onChanges(List<KvEntry> changes);

    /** The watch has ended, for whatever reason; nothing comes any more. */
    void onEnd(KvException cause);
}
