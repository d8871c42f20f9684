package io.wal;

import com.lmax.disruptor.ExceptionHandler;
import com.lmax.disruptor.RingBuffer;
import io.wal.store.AppendEvent;
import io.wal.store.LogStore;
import io.wal.store.OwnThreads;

/**
 * The stages behind the ring, each with its thread: the store, the completions, and the apply
 * handler if there is one.
 */
final class LogThreads {
    private static final long STOP_NS = 1_000_000_000L;

    private final StoreProcessor storeProcessor;
    private final StageProcessor completionProcessor;
    private final StageProcessor applyProcessor;
    private final Thread storeThread;
    private final Thread completionThread;
    private final Thread applyThread;
    private final CompletionHandler completionHandler;

    LogThreads(
            final WalContext context,
            final RingBuffer<AppendEvent> ring,
            final StoreProcessor storeProcessor,
            final Signals signals,
            final Acknowledgements acknowledgements,
            final OverflowPool overflowPool) {
        final LogStore store = context.store();
        final boolean applies = context.applyHandler() != null;
        this.storeProcessor = storeProcessor;
        final ExceptionHandler<AppendEvent> lastResort = new LastResort(acknowledgements);
        completionHandler =
                new CompletionHandler(
                        acknowledgements, overflowPool, context.errorHandler(), !applies);
        completionProcessor =
                new StageProcessor(
                        ring,
                        acknowledgements.sequence(),
                        completionHandler,
                        context.waitMode(),
                        lastResort);
        if (applies) {
            applyProcessor =
                    new StageProcessor(
                            ring,
                            completionProcessor.getSequence(),
                            new ApplyStage(
                                    context.applyHandler(),
                                    acknowledgements,
                                    overflowPool,
                                    context.errorHandler()),
                            context.waitMode(),
                            lastResort);
            completionProcessor.isFollowedBy(applyProcessor);
            signals.stages(completionProcessor, applyProcessor);
        } else { // nobody is to be handed each entry
            applyProcessor = null;
            signals.stages(completionProcessor);
            acknowledgements.tellLazily(completionProcessor.getSequence());
        }
        ring.addGatingSequences(storeProcessor.getSequence(), lastStage().getSequence());
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

    /** How far the store has gone through the ring. */
    long storeSequence() {
        return storeProcessor.getSequence().get();
    }

    /** How far the last stage has gone through the ring. */
    long lastStageSequence() {
        return lastStage().getSequence().get();
    }

    /** Whether a thread is one of the log's own, or does the work of one now. */
    boolean isOwnThread(final Thread thread) {
        return thread == completionThread
                || thread == applyThread
                || thread == storeThread
                || storeProcessor.isBorrower(thread);
    }

    /** Stops the stages behind the store. */
    boolean stopStages(final long timeoutNs) {
        completionProcessor.halt();
        boolean stopped = OwnThreads.join(completionThread, timeoutNs);
        if (applyProcessor != null) {
            applyProcessor.halt();
            stopped &= OwnThreads.join(applyThread, timeoutNs);
        }
        return stopped;
    }

    /** Stops the store's thread; false when it hangs in the medium. */
    boolean stopStore(final long timeoutNs) {
        storeProcessor.halt();
        return OwnThreads.join(storeThread, timeoutNs);
    }

    private StageProcessor lastStage() {
        return applyProcessor == null ? completionProcessor : applyProcessor;
    }

    private static Thread thread(final WalContext context, final String name, final Runnable task) {
        final Thread thread = context.threadFactory().newThread(task);
        thread.setName(name);
        return thread;
    }
}
