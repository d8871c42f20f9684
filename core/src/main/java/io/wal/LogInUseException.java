package io.wal;

/** The log has another writer. */
public final class LogInUseException extends WalException {
    private static final long serialVersionUID = 1;

    /** Who the other writer is. */
    private final String owner;

    /**
     * Creates the exception.
     *
     * @param log name or path of the log.
     * @param owner who has it open, in words.
     */
    public LogInUseException(final String log, final String owner) {
        super("the log " + log + " is in use by " + owner, null);
        this.owner = owner;
    }

    /**
     * Who has the log open.
     *
     * @return process, host and start time, as far as known.
     */
    public String owner() {
        return owner;
    }
}
