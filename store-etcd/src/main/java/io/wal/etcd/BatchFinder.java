package io.wal.etcd;

import java.util.List;

/**
 * Finds single batches without reading the log. etcd has no "last key at or below", or none that
 * does not read the whole range; so the place is narrowed down by asking for few keys.
 */
final class BatchFinder {
    private static final long FIRST_SPAN = 16;
    private static final int SPAN_FACTOR = 16;

    private final Calls calls;
    private final KeyLayout keys;
    private final long revision;

    BatchFinder(final Calls calls, final KeyLayout keys, final long revision) {
        this.calls = calls;
        this.keys = keys;
        this.revision = revision;
    }

    /**
     * The first LSN of the last batch that begins at or below an LSN and not below another; the
     * latter if none does.
     */
    long batchAtOrBelow(final long lsn, final long lowestLsn) {
        long span = FIRST_SPAN;
        long from = lsn;
        while (from > lowestLsn) {
            from = Math.max(lowestLsn, lsn - span + 1);
            final List<KvEntry> found = keysOf(from, keys.batch(lsn) + '\0', 0);
            for (int i = found.size() - 1; i >= 0; i--) {
                final long firstLsn = keys.firstLsnOf(found.get(i).key());
                if (firstLsn > 0) {
                    return firstLsn;
                }
            }
            span = span > Long.MAX_VALUE / SPAN_FACTOR ? Long.MAX_VALUE : span * SPAN_FACTOR;
            if (span > lsn) {
                span = lsn;
            }
        }
        return lowestLsn;
    }

    /**
     * The first LSN of the last batch of all that begin at or above an LSN; 0 when there is none.
     */
    long lastBatch(final long lowestLsn) {
        long low = firstAtOrAbove(lowestLsn);
        if (low == 0) {
            return 0;
        }
        long step = FIRST_SPAN;
        long next = firstAtOrAbove(low + step);
        while (next != 0) { // gallop
            low = next;
            step *= 2;
            next = low > Long.MAX_VALUE - step ? 0 : firstAtOrAbove(low + step);
        }
        long high =
                low > Long.MAX_VALUE - step
                        ? Long.MAX_VALUE
                        : low + step; // none begins there or above
        while (high - low > 1) {
            final long middle = low + (high - low) / 2;
            final long found = firstAtOrAbove(middle);
            if (found == 0) {
                high = middle;
            } else {
                low = found;
            }
        }
        return low;
    }

    private long firstAtOrAbove(final long lsn) {
        final List<KvEntry> found = keysOf(lsn, keys.batchesEnd(), 1);
        return found.isEmpty() ? 0 : keys.firstLsnOf(found.get(0).key());
    }

    private List<KvEntry> keysOf(final long fromLsn, final String to, final int limit) {
        return calls.read(KvRange.of(keys.batch(fromLsn), to).keys().first(limit).at(revision))
                .entries();
    }
}
