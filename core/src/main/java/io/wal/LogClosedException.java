package io.wal;

/** The log was closed before or while the entry was appended; the entry is not in the log. */
public final class LogClosedException extends WalException {
    private static final long serialVersionUID = 1;

    /** Creates the exception. */
    public LogClosedException() {
        super("the log is closed", null);
    }

    @Override
    LogClosedException forCaller() {
        return new LogClosedException();
    }
}
