package io.wal.cli;

/** The call is wrong, or the input that it names: something for the user to put right. */
final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1;

    UsageException(final String message) {
        super(message);
    }

    UsageException(final String message, final Throwable cause) {
        super(message, cause);
    }
}
