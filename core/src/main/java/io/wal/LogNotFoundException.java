package io.wal;

/** There is no log where one was expected. */
public final class LogNotFoundException extends WalException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param log name or path that was looked at.
     * @param reason what was found instead.
     */
    public LogNotFoundException(final String log, final String reason) {
        super("no log at " + log + ": " + reason, null);
    }
}
