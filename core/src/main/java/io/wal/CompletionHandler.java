package io.wal;

import io.wal.store.AppendEvent;
import java.util.concurrent.locks.LockSupport;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.UnsafeBuffer;

/** Tells producers how their appends ended: the stage behind the store, on a thread of its own. */
final class CompletionHandler implements StageProcessor.Stage {
    private final Acknowledgements acknowledgements;
    private final OverflowPool overflowPool;
    private final ErrorHandler errorHandler;
    private final boolean last;

    /**
     * With a stage behind it, this one leaves the slots to that stage.
     *
     * @param last whether this is the last stage.
     */
    CompletionHandler(
            final Acknowledgements acknowledgements,
            final OverflowPool overflowPool,
            final ErrorHandler errorHandler,
            final boolean last) {
        this.acknowledgements = acknowledgements;
        this.overflowPool = overflowPool;
        this.errorHandler = errorHandler;
        this.last = last;
    }

    /** To look at each slot would cost more than all there is to do. */
    @Override
    public boolean isDone(final long last) {
        return acknowledgements.isTold(last);
    }

    @Override
    public void onEvent(final AppendEvent event, final long sequence, final boolean endOfBatch) {
        wake(event, sequence);
        tell(event, event.takeCompletion());
        if (last) {
            release(event, acknowledgements, overflowPool);
        }
    }

    /** Wakes the thread that waits for an entry, unless whoever acknowledged it did. */
    private void wake(final AppendEvent event, final long sequence) {
        if (!acknowledgements.isUnparked(sequence)) {
            unpark(event);
        }
    }

    private static void unpark(final AppendEvent event) {
        final Thread waiter = event.waiter();
        if (waiter != null) {
            LockSupport.unpark(waiter);
        }
    }

    /** Tells the producer of an entry that no stage reaches any more how it ended. */
    void tellStraggler(final AppendEvent event, final Completion completion) {
        unpark(event);
        tell(event, completion);
    }

    private void tell(final AppendEvent event, final Completion completion) {
        if (completion != null) {
            try {
                completion.onCompletion(
                        event.lsn(), acknowledgements.failureOf(event.lsn(), event.durability()));
            } catch (final Throwable t) { // whatever a callback does, the others are told
                report(errorHandler, t);
            }
        }
    }

    /**
     * Lets go of a slot's content, unless the log has failed: the stages then do not wait for the
     * store to be done.
     */
    static void release(
            final AppendEvent event,
            final Acknowledgements acknowledgements,
            final OverflowPool overflowPool) {
        if (acknowledgements.failure() == null) {
            final UnsafeBuffer overflow = event.release();
            if (overflow != null) {
                overflowPool.release(overflow);
            }
        }
    }

    static void report(final ErrorHandler errorHandler, final Throwable t) {
        try {
            errorHandler.onError(t);
        } catch (final Throwable ignored) { // an error handler that throws has nobody left to tell
        }
    }
}
