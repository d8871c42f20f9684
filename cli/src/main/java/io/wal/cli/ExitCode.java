package io.wal.cli;

import io.wal.CorruptLogException;
import io.wal.FencedException;
import io.wal.LogFailedException;
import io.wal.LogInUseException;
import io.wal.LogNotFoundException;
import io.wal.StorageException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What the exit code of the program says. */
final class ExitCode {
    /** Done, and all is sound. A torn tail is sound. */
    static final int SOUND = 0;

    /** A failure that is none of the others. */
    static final int FAILURE = 1;

    /** The call or its input is wrong. */
    static final int USAGE = 2;

    /** Acknowledged data is damaged. */
    static final int DAMAGE = 3;

    /** Another has the log. */
    static final int IN_USE = 4;

    /** The storage failed, is full, or holds no log. */
    static final int STORAGE = 5;

    /** Longest chain of causes that is followed. */
    private static final int CAUSES = 16;

    private ExitCode() {}

    /** The exit code for a failure; that of a failed log is the one of its cause. */
    static int of(final Throwable failure) {
        if (failure instanceof UsageException) {
            return USAGE;
        }
        if (failure instanceof CorruptLogException) {
            return DAMAGE;
        }
        if (failure instanceof LogInUseException || failure instanceof FencedException) {
            return IN_USE;
        }
        if (failure instanceof StorageException
                || failure instanceof LogNotFoundException
                || isInputOrOutput(failure)) {
            return STORAGE;
        }
        return failure instanceof LogFailedException ? ofCause(failure.getCause()) : FAILURE;
    }

    /** A fault of a mapped file reaches Java as an InternalError. */
    private static boolean isInputOrOutput(final Throwable failure) {
        return failure instanceof IOException
                || failure instanceof UncheckedIOException
                || failure instanceof InternalError;
    }

    private static int ofCause(final Throwable first) {
        Throwable cause = first;
        for (int i = 0; cause != null && i < CAUSES; i++) {
            final int code = of(cause);
            if (code != FAILURE) {
                return code;
            }
            cause = cause.getCause();
        }
        return FAILURE;
    }
}
