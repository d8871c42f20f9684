package io.wal.cli;

import java.io.IOException;

/** Standard output takes no more. */
final class OutputException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final boolean told;

    OutputException(final IOException cause) {
        super("cannot write to standard output: " + cause.getMessage(), cause);
        told = false;
    }

    /** One that the user was told of already. */
    OutputException(final OutputException cause) {
        super(cause.getMessage(), cause.getCause());
        told = true;
    }

    /** Whether the user was told of it already. */
    boolean isTold() {
        return told;
    }

    /**
     * Whether the reader of a pipe has gone, as {@code head} does, rather than the output having
     * failed.
     */
    boolean isClosedPipe() {
        return "Broken pipe".equals(getCause().getMessage());
    }
}
