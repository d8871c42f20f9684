package io.wal;

/** How the log's own threads wait when there is nothing to do. */
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
    SPIN
}
