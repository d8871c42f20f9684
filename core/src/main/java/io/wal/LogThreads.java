package io.wal;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.SequenceBarrier;
import io.wal.store.AppendEvent;
import io.wal.store.LogStore;
import java.util.concurrent.TimeUnit;

/**
 * The stages behind the ring, each with its thread: the store, the completions, and the apply
 * handler if there is one.
 */
final class LogThreads {
    private static final long STOP_NS = 1_000_000_000L;
    private static final long SHORTEST_JOIN_NS = 1_000_000;

    private final BatchEventProcessor<AppendEvent> storeProcessor;
    private final BatchEventProcessor<AppendEvent> completionProcessor;
    private final BatchEventProcessor<AppendEvent> applyProcessor;
    private final Thread storeThread;
    private final Thread completionThread;
    private final Thread applyThread;
    private final CommitWaitStrategy waitStrategy;
    private final CompletionHandler completionHandler;
    private final Acknowledgements acknowledgements;

    LogThreads(
            final WalContext context,
            final RingBuffer<AppendEvent> ring,
            final CommitWaitStrategy waitStrategy,
            final Acknowledgements acknowledgements,
            final OverflowPool overflowPool) {
        final LogStore store = context.store();
        final boolean applies = context.applyHandler() != null;
        this.waitStrategy = waitStrategy;
        this.acknowledgements = acknowledgements;
        completionHandler =
                new CompletionHandler(
                        acknowledgements, overflowPool, context.errorHandler(), !applies);
        storeProcessor = processor(ring, ring.newBarrier(), store);
        completionProcessor =
                processor(ring, ring.newBarrier(acknowledgements.sequence()), completionHandler);
        applyProcessor =
                applies
                        ? processor(
                                ring,
                                ring.newBarrier(completionProcessor.getSequence()),
                                new ApplyStage(
                                        context.applyHandler(),
                                        acknowledgements,
                                        overflowPool,
                                        context.errorHandler()))
                        : null;
        ring.addGatingSequences(storeProcessor.getSequence(), lastStage().getSequence());
        if (!applies) { // else each entry has somebody to be handed to
            acknowledgements.tellLazily(ring, completionProcessor.getSequence());
        }
        storeThread = thread(context, "wal-store-" + store.name(), storeProcessor);
        completionThread = thread(context, "wal-completion-" + store.name(), completionProcessor);
        applyThread = applies ? thread(context, "wal-apply-" + store.name(), applyProcessor) : null;
    }

    /** Starts all threads, or none. */
    void start() {
        try {
            storeThread.start();
            completionThread.start();
            if (applyThread != null) {
                applyThread.start();
            }
        } catch (final Throwable t) { // no more threads to be had
            stopStages(STOP_NS);
            stopStore(STOP_NS);
            throw t;
        }
    }

    /** The first stage behind the store, to tell by hand what it did not reach. */
    CompletionHandler completionHandler() {
        return completionHandler;
    }

    /** How far the store's thread has gone through the ring. */
    long storeSequence() {
        return storeProcessor.getSequence().get();
    }

    /** How far the last stage has gone through the ring. */
    long lastStageSequence() {
        return lastStage().getSequence().get();
    }

    boolean isOwnThread(final Thread thread) {
        return thread == completionThread || thread == applyThread || thread == storeThread;
    }

    /** Stops the stages behind the store. */
    boolean stopStages(final long timeoutNs) {
        waitStrategy.letStagesFollowRing(); // for a halt wakes them the same way
        completionProcessor.halt();
        boolean stopped = join(completionThread, timeoutNs);
        if (applyProcessor != null) {
            applyProcessor.halt();
            stopped &= join(applyThread, timeoutNs);
        }
        return stopped;
    }

    /** Stops the store's thread; false when it hangs in the medium. */
    boolean stopStore(final long timeoutNs) {
        storeProcessor.halt();
        return join(storeThread, timeoutNs);
    }

    private BatchEventProcessor<AppendEvent> lastStage() {
        return applyProcessor == null ? completionProcessor : applyProcessor;
    }

    private BatchEventProcessor<AppendEvent> processor(
            final RingBuffer<AppendEvent> ring,
            final SequenceBarrier barrier,
            final EventHandler<AppendEvent> handler) {
        final BatchEventProcessor<AppendEvent> processor =
                new BatchEventProcessorBuilder().build(ring, barrier, handler);
        processor.setExceptionHandler(new LastResort(acknowledgements));
        return processor;
    }

    private static Thread thread(final WalContext context, final String name, final Runnable task) {
        final Thread thread = context.threadFactory().newThread(task);
        thread.setName(name);
        return thread;
    }

    private static boolean join(final Thread thread, final long timeoutNs) {
        boolean interrupted = false;
        final long deadlineNs = System.nanoTime() + timeoutNs;
        long remainingNs = timeoutNs;
        while (thread.isAlive() && remainingNs > 0) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(remainingNs, SHORTEST_JOIN_NS));
            } catch (final InterruptedException e) {
                interrupted = true;
            }
            remainingNs = deadlineNs - System.nanoTime();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    /**
     * The handlers catch everything themselves. Should one not, the log fails: the processor counts
     * the event as done, and what comes behind it must not be acknowledged.
     */
    private static final class LastResort implements ExceptionHandler<AppendEvent> {
        private final Acknowledgements acknowledgements;

        LastResort(final Acknowledgements acknowledgements) {
            this.acknowledgements = acknowledgements;
        }

        @Override
        public void handleEventException(
                final Throwable t, final long sequence, final AppendEvent event) {
            acknowledgements.failed(new LogFailedException(acknowledgements.durableLsn(), t));
            report("handling " + event, t);
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
}
