package io.wal.etcd;

import java.util.Arrays;

/**
 * The batches that a writer had under way when it stopped acknowledging.
 *
 * @param durableLsn the last LSN that was acknowledged.
 * @param firstLsns of the batches behind it, in their order and without a gap.
 * @param lastLsns of the same batches.
 */
record InFlight(long durableLsn, long[] firstLsns, long[] lastLsns) {
    boolean isEmpty() {
        return firstLsns.length == 0;
    }

    /** The last LSN that was given to etcd. */
    long lastLsn() {
        return isEmpty() ? durableLsn : lastLsns[lastLsns.length - 1];
    }

    /**
     * The last LSN before the first batch that is missing.
     *
     * @param storedLsns first LSNs of the batches that are stored, ascending.
     */
    long keptLsn(final long[] storedLsns) {
        long keptLsn = durableLsn;
        for (int i = 0; i < firstLsns.length; i++) {
            if (Arrays.binarySearch(storedLsns, firstLsns[i]) < 0) {
                break;
            }
            keptLsn = lastLsns[i];
        }
        return keptLsn;
    }
}
