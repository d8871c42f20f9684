package io.wal.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What an exception says, in one line for a person. */
final class Reason {
    private Reason() {}

    static String of(final Throwable failure) {
        if (failure instanceof NoSuchFileException) {
            return "no such file or directory";
        }
        if (failure instanceof NotDirectoryException) {
            return "not a directory";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        final String message =
                failure instanceof FileSystemException e && e.getReason() != null
                        ? e.getReason()
                        : failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure.getClass().getSimpleName();
        }
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
