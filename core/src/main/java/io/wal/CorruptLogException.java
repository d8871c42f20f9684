package io.wal;

/**
 * Acknowledged data is damaged or missing. Never thrown for a torn tail, which is the normal trace
 * of a crash. The log is left as it was found.
 */
public final class CorruptLogException extends WalException {
    private static final long serialVersionUID = 1;

    /** The segment, file or key that is damaged. */
    private final String segment;

    /** Where in it, in bytes. */
    private final long offset;

    /** The first LSN that is affected. */
    private final long lsn;

    /**
     * Creates the exception.
     *
     * @param segment name of the segment, file or key that is damaged or missing.
     * @param offset in it, in bytes; 0 when all of it is concerned.
     * @param lsn first LSN that is affected; 0 when it is not known.
     * @param reason what is wrong, and the evidence for it.
     */
    public CorruptLogException(
            final String segment, final long offset, final long lsn, final String reason) {
        super(
                "damaged log: " + segment + " at offset " + offset + ", LSN " + lsn + ": " + reason,
                null);
        this.segment = segment;
        this.offset = offset;
        this.lsn = lsn;
    }

    /**
     * The segment, file or key that is damaged.
     *
     * @return its name.
     */
    public String segment() {
        return segment;
    }

    /**
     * Where the damage begins.
     *
     * @return offset in the segment, in bytes.
     */
    public long offset() {
        return offset;
    }

    /**
     * The first LSN that is affected.
     *
     * @return the LSN, or 0 when it is not known.
     */
    public long lsn() {
        return lsn;
    }
}
