package io.wal;

/** There is no space for more entries. Nothing that was acknowledged is lost. */
public final class LogFullException extends StorageException {
    private static final long serialVersionUID = 1;

    /**
     * Creates the exception.
     *
     * @param location path or endpoint that is full.
     * @param action that needed the space.
     * @param cause the error.
     */
    public LogFullException(final String location, final String action, final Throwable cause) {
        super(location, action, cause);
    }
}
