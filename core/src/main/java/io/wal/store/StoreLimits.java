package io.wal.store;

/**
 * When a batch ends. By default it ends when no entry is waiting: what arrives while one force runs
 * is the next batch.
 *
 * @param maxBatchLength most bytes of records in a batch, from 1; a larger record makes a batch of
 *     its own.
 * @param maxBatchEntryCount most entries in a batch, from 1.
 * @param batchDelayNs how long a batch may wait for more entries, in nanoseconds; 0 to never wait.
 * @param forceIntervalNs longest time that an entry acknowledged as written stays unforced, in
 *     nanoseconds, from 1.
 */
public record StoreLimits(
        int maxBatchLength, int maxBatchEntryCount, long batchDelayNs, long forceIntervalNs) {
    /** No limits, no waiting, and a force of written entries every 100 milliseconds. */
    public static final StoreLimits DEFAULT =
            new StoreLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, 0, 100_000_000L);

    /**
     * Checks the ranges.
     *
     * @param maxBatchLength most bytes of records in a batch.
     * @param maxBatchEntryCount most entries in a batch.
     * @param batchDelayNs how long a batch may wait for more entries.
     * @param forceIntervalNs longest time that a written entry stays unforced.
     * @throws IllegalArgumentException when one is out of range.
     */
    public StoreLimits {
        if (maxBatchLength < 1
                || maxBatchEntryCount < 1
                || batchDelayNs < 0
                || forceIntervalNs < 1) {
            throw new IllegalArgumentException(
                    "out of range: maxBatchLength="
                            + maxBatchLength
                            + " maxBatchEntryCount="
                            + maxBatchEntryCount
                            + " batchDelayNs="
                            + batchDelayNs
                            + " forceIntervalNs="
                            + forceIntervalNs);
        }
    }
}
