package io.wal;

/**
 * How the log's own threads wait when there is nothing to do, and callers for an append that they
 * wait for.
 */
public enum WaitMode {
    /** Spin briefly after work, then park. Costs next to nothing when idle. The default. */
    PARK,
    /**
     * Spin briefly, then give the processor to whoever wants it. Uses a whole core when nobody
     * does.
     */
    YIELD,
    /**
     * Spin. The lowest latency, and one core for each thread of the log for as long as it is open.
     */
    SPIN;

    /** Once more round a loop that waits; not for {@link #PARK}. */
    void pause() {
        if (this == SPIN) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
    }
}
