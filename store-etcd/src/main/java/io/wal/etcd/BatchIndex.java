package io.wal.etcd;

import java.util.Arrays;

/**
 * Where the batches that are held begin: eight bytes for each, so that trimming need not look. Any
 * thread.
 */
final class BatchIndex {
    private long[] firstLsns = new long[64];
    private int head;
    private int tail;
    private long nextLsn = 1;

    /** Adds a batch behind all others. */
    synchronized void add(final long firstLsn, final long lastLsn) {
        if (tail == firstLsns.length) {
            makeRoom();
        }
        firstLsns[tail++] = firstLsn;
        nextLsn = lastLsn + 1;
    }

    /** The first LSN of the batch that holds an LSN, or will hold it. */
    synchronized long batchOf(final long lsn) {
        if (lsn >= nextLsn) {
            return lsn; // a batch to come begins with it
        }
        final int found = Arrays.binarySearch(firstLsns, head, tail, lsn);
        return firstLsns[found >= 0 ? found : -found - 2];
    }

    /**
     * Where the batches end that can be dropped in one go: at most so many, none at or above a
     * limit.
     */
    synchronized long sliceEnd(final long limitLsn, final int mostBatches) {
        final int last = head + mostBatches;
        return last >= tail ? limitLsn : Math.min(limitLsn, firstLsns[last]);
    }

    /** Forgets the batches that begin below an LSN. */
    synchronized void dropBelow(final long firstLsn) {
        while (head < tail && firstLsns[head] < firstLsn) {
            head++;
        }
    }

    synchronized int size() {
        return tail - head;
    }

    private void makeRoom() {
        final int size = tail - head;
        final int capacity = size > firstLsns.length / 2 ? firstLsns.length * 2 : firstLsns.length;
        final long[] longer = new long[capacity];
        System.arraycopy(firstLsns, head, longer, 0, size);
        firstLsns = longer;
        head = 0;
        tail = size;
    }
}
