package io.wal;

/** What must have happened to an entry before it is acknowledged. */
public enum Durability {
    /** The entry is on stable storage: it survives the loss of power. The default. */
    FORCED,
    /**
     * The entry was handed to the operating system: it survives the death of the process, not that
     * of the machine. It is forced with the next force, or after {@link
     * WalContext#forceInterval(java.time.Duration)}. A store that has nothing weaker than stable
     * storage treats it as {@link #FORCED}.
     */
    WRITTEN
}
