package io.wal;

/** The entry asked for lies before the last finalized checkpoint and is gone. */
public final class LogTrimmedException extends WalException {
    private static final long serialVersionUID = 1;

    /** The LSN asked for. */
    private final long lsn;

    /** The first LSN still held. */
    private final long firstLsn;

    /**
     * Creates the exception.
     *
     * @param lsn that was asked for.
     * @param firstLsn first LSN still held.
     */
    public LogTrimmedException(final long lsn, final long firstLsn) {
        super("LSN " + lsn + " is no longer held; the log begins at LSN " + firstLsn, null);
        this.lsn = lsn;
        this.firstLsn = firstLsn;
    }

    /**
     * The LSN asked for.
     *
     * @return the LSN.
     */
    public long lsn() {
        return lsn;
    }

    /**
     * The first LSN still held.
     *
     * @return the LSN.
     */
    public long firstLsn() {
        return firstLsn;
    }
}
