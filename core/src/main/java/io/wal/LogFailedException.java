package io.wal;

/**
 * The log failed and acknowledges nothing any more; only opening it again recovers. What was
 * acknowledged before is safe. Entries above {@link #lastDurableLsn()} may or may not be found by
 * that recovery.
 */
public final class LogFailedException extends WalException {
    private static final long serialVersionUID = 1;

    /** The last LSN that is surely durable. */
    private final long lastDurableLsn;

    /**
     * Creates the exception.
     *
     * @param lastDurableLsn last LSN that is surely durable.
     * @param cause of the failure.
     */
    public LogFailedException(final long lastDurableLsn, final Throwable cause) {
        super(
                "the log failed; the last surely durable LSN is "
                        + lastDurableLsn
                        + "; close and open it to recover ("
                        + (cause.getMessage() == null ? cause.toString() : cause.getMessage())
                        + ")",
                cause);
        this.lastDurableLsn = lastDurableLsn;
    }

    @Override
    LogFailedException forCaller() {
        return new LogFailedException(lastDurableLsn, getCause());
    }

    /**
     * The last LSN that is surely durable.
     *
     * @return the LSN, 0 when there is none.
     */
    public long lastDurableLsn() {
        return lastDurableLsn;
    }
}
