package io.wal.etcd;

import java.util.List;
import java.util.TreeMap;

/**
 * Batches that a reader was told of and has not delivered yet, as they are in etcd now: puts and
 * deletes in the order of revisions. The watch's thread fills it, the reader's thread empties it.
 */
final class PendingBatches {
    private final KeyLayout keys;
    private final long mostLength;
    private final TreeMap<Long, KvEntry> batches = new TreeMap<>();
    private Listener listener;
    private long length;
    private long nextLsn;
    private boolean stale;

    /**
     * Creates it, empty.
     *
     * @param keys of the log.
     * @param mostLength bytes beyond which a watch is no more listened to.
     */
    PendingBatches(final KeyLayout keys, final long mostLength) {
        this.keys = keys;
        this.mostLength = mostLength;
    }

    /** Takes the batch that begins at an LSN; null when it is not here. */
    synchronized KvEntry take(final long lsn) {
        nextLsn = lsn;
        final KvEntry entry = batches.remove(lsn);
        if (entry != null) {
            length -= entry.value().length;
            nextLsn = lsn + 1;
        }
        return entry;
    }

    /** The first batch here; null when there is none. */
    synchronized KvEntry first() {
        return batches.isEmpty() ? null : batches.firstEntry().getValue();
    }

    synchronized void put(final KvEntry entry) {
        final long lsn = keys.firstLsnOf(entry.key());
        if (lsn > 0) { // a foreign key is no concern of a reader
            batches.put(lsn, entry);
            length += entry.value().length;
        }
    }

    /** Forgets everything, and the watch as well. */
    synchronized void clear() {
        batches.clear();
        length = 0;
        listener = null;
        stale = false;
    }

    /** Whether what is missing here will not come by the watch. */
    synchronized boolean isStale() {
        return stale;
    }

    synchronized KvWatchListener listener() {
        listener = new Listener();
        return listener;
    }

    private synchronized void onChange(final KvEntry change) {
        final long lsn = keys.firstLsnOf(change.key());
        if (change.value() == null) {
            stale |= lsn >= nextLsn; // cut off, or trimmed before it was delivered
        } else if (lsn < nextLsn || length > mostLength) {
            stale = true; // another log by now; or more than there is room for
        } else {
            put(change);
        }
    }

    private final class Listener implements KvWatchListener {
        @Override
        public void onChanges(final List<KvEntry> changes) {
            synchronized (PendingBatches.this) {
                for (final KvEntry change : changes) {
                    if (listener == this && !stale) {
                        onChange(change);
                    }
                }
            }
        }

        @Override
        public void onEnd(final KvException cause) {
            synchronized (PendingBatches.this) {
                stale |= listener == this;
            }
        }
    }
}
