package io.wal.record;

/**
 * What a record is. The codes are part of the format and never change meaning.
 *
 * <p><em>Entries</em> have an LSN of their own; <em>markers</em> are written by the log for itself,
 * use up no LSN, and carry the LSN of the last entry before them.
 */
public enum RecordKind {
    /** A data entry of the caller. */
    DATA(1, true),
    /** A checkpoint entry of the caller; counts only when a later {@link #FINALIZE} covers it. */
    CHECKPOINT(2, true),
    /** An LSN that was claimed and given up; it is used up and never delivered. */
    VOID(3, true),
    /** The begin of a batch; says which LSN was durable when the batch was written. */
    BATCH(16, false),
    /** Makes a checkpoint count, in one atomic step. */
    FINALIZE(17, false),
    /** The end of a segment that has a successor. */
    SEAL(18, false),
    /** The clean end of the log: everything before it is durable. */
    CLOSE(19, false);

    private static final RecordKind[] BY_CODE = new RecordKind[32];

    static {
        for (final RecordKind kind : values()) {
            BY_CODE[kind.code] = kind;
        }
    }

    private final byte code;
    private final boolean entry;

    RecordKind(final int code, final boolean entry) {
        this.code = (byte) code;
        this.entry = entry;
    }

    /**
     * The kind with a code.
     *
     * @param code as stored.
     * @return the kind, or null when no kind has this code.
     */
    public static RecordKind ofCode(final byte code) {
        return code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
    }

    /**
     * The code of this kind in the record header.
     *
     * @return the code, 1 to 31.
     */
    public byte code() {
        return code;
    }

    /**
     * Whether a record of this kind has an LSN of its own.
     *
     * @return true for entries, false for markers.
     */
    public boolean isEntry() {
        return entry;
    }
}
