package io.wal.etcd;

import io.wal.LogFullException;
import io.wal.StorageException;
import io.wal.WalException;
import java.util.concurrent.CompletionException;

/** Why etcd did not do what it was asked, sorted by what is to be done about it. */
final class KvException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Kind kind;

    enum Kind {
        /**
         * No answer, or none that says whether it was done: it may be done still, at any later
         * time.
         */
        UNKNOWN_OUTCOME,
        /** Not done; the server has too much to do. */
        BUSY,
        /**
         * The server is out of space. Not that it was not done: etcd checks once before and once
         * after.
         */
        NO_SPACE,
        /** Not done; request or answer is larger than what server or client takes. */
        TOO_LARGE,
        /** Not done; who asks is unknown, or may not. */
        DENIED,
        /** Not done; the lease has ended. */
        NO_LEASE,
        /** The revision to read was compacted away. */
        COMPACTED,
        /** The member that was asked has not reached the revision yet. */
        FUTURE_REVISION,
        /** Not done; the connection was closed on this side. */
        CLOSED,
        /** Not done; the server does not take the request. */
        REFUSED
    }

    KvException(final Kind kind, final String message, final Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What a future failed with. */
    static KvException of(final Throwable failure) {
        final Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null
                        ? failure.getCause()
                        : failure;
        return cause instanceof KvException known
                ? known
                : new KvException(Kind.UNKNOWN_OUTCOME, cause.toString(), cause);
    }

    Kind kind() {
        return kind;
    }

    /** Whether the same request, sent again, may do. */
    boolean isPassing() {
        return switch (kind) {
            case UNKNOWN_OUTCOME, BUSY, FUTURE_REVISION -> true;
            case NO_SPACE, TOO_LARGE, DENIED, NO_LEASE, COMPACTED, CLOSED, REFUSED -> false;
        };
    }

    /** The failure that callers of the log see. */
    WalException toWalException(final String location, final String action) {
        return kind == Kind.NO_SPACE
                ? new LogFullException(location, action, this)
                : new StorageException(location, action, this);
    }
}
