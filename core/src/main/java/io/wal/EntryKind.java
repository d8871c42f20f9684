package io.wal;

/** What the caller appended. */
public enum EntryKind {
    /** An entry of the log proper. */
    DATA,
    /** An entry of a checkpoint; delivered only when its checkpoint was finalized. */
    CHECKPOINT
}
