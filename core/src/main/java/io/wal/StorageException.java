package io.wal;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

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
        super("cannot " + action + " " + location + ": " + reason(location, cause), cause);
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

    private static String reason(final String location, final Throwable cause) {
        if (cause == null) {
            return "unknown reason";
        }
        if (cause instanceof FileSystemException e && e.getReason() == null) {
            return reason(e) + (location.equals(e.getFile()) ? "" : ": " + e.getFile());
        }
        final String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }

    /** These say what is wrong with their name alone. */
    private static String reason(final FileSystemException e) {
        if (e instanceof NotDirectoryException) {
            return "it is not a directory";
        }
        if (e instanceof NoSuchFileException) {
            return "there is no such file or directory";
        }
        return e instanceof AccessDeniedException
                ? "permission denied"
                : e.getClass().getSimpleName();
    }
}
