package io.wal;

/**
 * Something went wrong at run time that is not the caller's mistake. Misuse is {@link
 * IllegalArgumentException} or {@link IllegalStateException} instead. The facts are fields of the
 * subclasses.
 */
public abstract sealed class WalException extends RuntimeException
        permits CorruptLogException,
                FencedException,
                LogClosedException,
                LogFailedException,
                LogInUseException,
                LogNotFoundException,
                LogTrimmedException,
                StorageException,
                UnsupportedFormatException {
    private static final long serialVersionUID = 1;

    WalException(final String message, final Throwable cause) {
        super(message, cause);
    }

    /**
     * The same exception, with the stack of the caller: an instance that is thrown twice may come
     * to suppress itself.
     */
    WalException forCaller() {
        return this;
    }
}
