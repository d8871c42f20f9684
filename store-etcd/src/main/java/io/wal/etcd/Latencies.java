package io.wal.etcd;

import java.util.Arrays;

/** How long the last answers took. One thread at a time. */
final class Latencies {
    private static final int SIZE = 128;

    private final long[] values = new long[SIZE];
    private long count;

    void record(final long latencyNs) {
        values[(int) (count++ % SIZE)] = latencyNs;
    }

    /**
     * What all but one in twenty of the last answers took at most, so that the few that an outage
     * delayed do not count; 0 when there was none yet.
     */
    long tailNs() {
        final int size = (int) Math.min(count, SIZE);
        if (size == 0) {
            return 0;
        }
        final long[] sorted = Arrays.copyOf(values, size);
        Arrays.sort(sorted);
        return sorted[(size - 1) * 95 / 100];
    }
}
