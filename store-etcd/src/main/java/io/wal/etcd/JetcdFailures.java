package io.wal.etcd;

import io.grpc.Status;
import java.security.cert.CertificateException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import javax.net.ssl.SSLHandshakeException;

/**
 * Sorts what jetcd fails with. It fails with gRPC's exceptions mostly, and with its own sometimes.
 */
final class JetcdFailures {
    private JetcdFailures() {}

    static KvException of(final Throwable failure) {
        Throwable cause = failure;
        while ((cause instanceof CompletionException || cause instanceof ExecutionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof KvException known) {
            return known;
        }
        if (cause instanceof RejectedExecutionException || cause instanceof IllegalStateException) {
            return new KvException(KvException.Kind.CLOSED, "the connection is closed", cause);
        }
        final Status status = Status.fromThrowable(cause);
        final String text =
                status.getDescription() == null ? messageOf(cause) : status.getDescription();
        final Throwable root = rootOf(cause);
        final KvException.Kind kind =
                isOfTrust(cause)
                        ? KvException.Kind.DENIED
                        : kindOf(status.getCode(), text.toLowerCase(Locale.ROOT));
        return new KvException(kind, message(kind, status, text, cause, root), cause);
    }

    private static KvException.Kind kindOf(final Status.Code code, final String text) {
        return switch (code) {
            case RESOURCE_EXHAUSTED -> exhausted(text);
            case INVALID_ARGUMENT -> invalid(text);
            case UNAUTHENTICATED, PERMISSION_DENIED -> KvException.Kind.DENIED;
            case FAILED_PRECONDITION ->
                    text.contains("auth") ? KvException.Kind.DENIED : KvException.Kind.REFUSED;
            case NOT_FOUND -> KvException.Kind.NO_LEASE;
            case OUT_OF_RANGE ->
                    text.contains("future")
                            ? KvException.Kind.FUTURE_REVISION
                            : KvException.Kind.COMPACTED;
            case UNIMPLEMENTED, ALREADY_EXISTS, DATA_LOSS -> KvException.Kind.REFUSED;
            case UNAVAILABLE ->
                    text.contains("channel shutdown")
                            ? KvException.Kind.CLOSED
                            : KvException.Kind.UNKNOWN_OUTCOME;
            case UNKNOWN ->
                    text.contains("lease not found") // jetcd's own exception, without a status
                            ? KvException.Kind.NO_LEASE
                            : KvException.Kind.UNKNOWN_OUTCOME;
            case OK, CANCELLED, DEADLINE_EXCEEDED, ABORTED, INTERNAL ->
                    KvException.Kind.UNKNOWN_OUTCOME;
        };
    }

    private static KvException.Kind exhausted(final String text) {
        if (text.contains("space exceeded")) {
            return KvException.Kind.NO_SPACE;
        }
        return text.contains("larger than max") || text.contains("exceeds maximum")
                ? KvException.Kind.TOO_LARGE
                : KvException.Kind.BUSY;
    }

    private static KvException.Kind invalid(final String text) {
        if (text.contains("too large") || text.contains("too many operations")) {
            return KvException.Kind.TOO_LARGE;
        }
        if (text.contains("auth store is old")) {
            return KvException.Kind.BUSY; // permissions have just been changed
        }
        return text.contains("user name") || text.contains("authentication failed")
                ? KvException.Kind.DENIED
                : KvException.Kind.REFUSED;
    }

    private static String messageOf(final Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    /** Whether the two sides do not trust each other, which asking again does not change. */
    private static boolean isOfTrust(final Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof SSLHandshakeException || each instanceof CertificateException) {
                return true;
            }
        }
        return false;
    }

    private static Throwable rootOf(final Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    private static String message(
            final KvException.Kind kind,
            final Status status,
            final String text,
            final Throwable cause,
            final Throwable root) {
        final StringBuilder message = new StringBuilder(status.getCode().name());
        text.lines().findFirst().ifPresent(line -> message.append(": ").append(line));
        if (root != cause && root.getMessage() != null && !text.contains(root.getMessage())) {
            message.append(" (")
                    .append(root.getClass().getSimpleName())
                    .append(": ")
                    .append(root.getMessage())
                    .append(')');
        }
        if (kind == KvException.Kind.TOO_LARGE) {
            message.append(
                    "; see --max-request-bytes of the server, and maxBatchLength,"
                            + " maxPayloadLength and maxInboundLength here");
        }
        return message.toString();
    }
}
