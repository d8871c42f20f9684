package io.wal;

import com.lmax.disruptor.ExceptionHandler;
import io.wal.store.AppendEvent;

/**
 * The handlers catch everything themselves. Should one not, the log fails: the processor counts the
 * event as done, and what comes behind it must not be acknowledged.
 */
final class LastResort implements ExceptionHandler<AppendEvent> {
    private final Acknowledgements acknowledgements;

    LastResort(final Acknowledgements acknowledgements) {
        this.acknowledgements = acknowledgements;
    }

    @Override
    public void handleEventException(
            final Throwable t, final long sequence, final AppendEvent event) {
        try {
            acknowledgements.failed(new LogFailedException(acknowledgements.durableLsn(), t));
            report("handling " + event, t);
        } catch (final Throwable ignored) { // out of memory, say; the processor must go on
        }
    }

    @Override
    public void handleOnStartException(final Throwable t) {
        report("starting", t);
    }

    @Override
    public void handleOnShutdownException(final Throwable t) {
        report("stopping", t);
    }

    private static void report(final String when, final Throwable t) {
        System.getLogger("io.wal")
                .log(System.Logger.Level.ERROR, "a stage of the log threw while " + when, t);
    }
}
