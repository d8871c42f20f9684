package io.wal.cli;

import java.io.IOException;
import java.io.UncheckedIOException;

/** The storage does not let a command work beside a log. */
final class ScratchException extends UncheckedIOException {
    private static final long serialVersionUID = 1;

    ScratchException(final String message, final IOException cause) {
        super(message + ": " + Reason.of(cause), cause);
    }
}
