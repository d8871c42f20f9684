package io.wal.cli;

/** A log cannot be copied to where it was to go, or was not copied exactly. */
final class CopyException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CopyException(final String message) {
        super(message);
    }
}
