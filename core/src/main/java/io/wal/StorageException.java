package io.wal;

/** The storage under the log answered with an error. */
public sealed class StorageException extends WalException permits LogFullException {
    private static final long serialVersionUID = 1;

    /** What the error is about. */
    private final String location;

    /**
     * Creates the exception.
     *
     * @param location path, endpoint or key that the error is about.
     * @param action that failed, such as "force".
     * @param cause the error.
     */
    public StorageException(final String location, final String action, final Throwable cause) {
        super("cannot " + action + " " + location + ": " + reason(cause), cause);
        this.location = location;
    }

    /**
     * What the error is about.
     *
     * @return path, endpoint or key.
     */
    public String location() {
        return location;
    }

    private static String reason(final Throwable cause) {
        if (cause == null) {
            return "unknown reason";
        }
        final String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
