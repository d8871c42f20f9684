package io.wal;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import io.wal.store.AppendEvent;
import io.wal.store.FinalizeRequest;
import io.wal.store.LogStore;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * Ends a log: a last event in the ring, behind which nothing is written, then the stages are
 * stopped, then the store is let go of. Every append is told how it ended, also when the store
 * hangs, a callback hangs, or a claim was never ended.
 *
 * <p>What hangs is never pulled the floor from under its feet: a thread stays behind that waits for
 * it and ends the rest.
 */
final class LogCloser {
    private static final long MOST_GRACE_NS = 1_000_000_000L;
    private static final long LEAST_GRACE_NS = 50_000_000L;
    private static final long PUBLISH_GRACE_NS = 100_000_000L;
    private static final long LEFT_BEHIND_PAUSE_NS = 20_000_000L;

    private final WalContext context;
    private final LogStore store;
    private final RingBuffer<AppendEvent> ring;
    private final Acknowledgements acknowledgements;
    private final LogThreads threads;
    private final ReentrantLock recovery;
    private final long timeoutNs;
    private final long graceNs; // for what should take no time at all
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile long lastSequence = Long.MAX_VALUE;
    private volatile boolean stagesStopped;
    private volatile Thread closingThread;
    private volatile FinalizeRequest lastFinalize;
    private volatile boolean removing;
    private boolean stagesHalted; // by the closing thread, then by the one left behind

    LogCloser(
            final WalContext context,
            final RingBuffer<AppendEvent> ring,
            final Acknowledgements acknowledgements,
            final LogThreads threads,
            final ReentrantLock recovery) {
        this.context = context;
        this.store = context.store();
        this.ring = ring;
        this.acknowledgements = acknowledgements;
        this.threads = threads;
        this.recovery = recovery;
        timeoutNs = WalContext.nanosOf(context.closeTimeout());
        graceNs = Math.max(LEAST_GRACE_NS, Math.min(timeoutNs, MOST_GRACE_NS));
    }

    /**
     * Closes when this is the first call; else waits until the first one is done. The state must be
     * CLOSING.
     */
    void close(final boolean first, final boolean remove) {
        final Thread caller = Thread.currentThread();
        if (first) {
            removing = remove;
            if (threads.isOwnThread(caller)) {
                runBehind(this::closeQuietly);
            } else {
                closeNow();
            }
        } else if (!threads.isOwnThread(caller) && caller != closingThread) {
            awaitClosed();
        }
    }

    /** Whether closing is done. */
    boolean isClosed() {
        return closed.getCount() == 0;
    }

    /** Whether what ends, or has ended, is the log's content too. */
    boolean isRemoving() {
        return removing;
    }

    /** The ring sequence of the last entry; the end of time while entries are accepted. */
    long lastSequence() {
        return lastSequence;
    }

    /** A request that comes too late for the store's thread gets its answer here. */
    void answerWhenClosed(final FinalizeRequest request) {
        lastFinalize = request;
        if (closed.getCount() == 0) {
            answerLastFinalize();
        }
    }

    /**
     * Tells those whose entries no stage will reach any more, because a claim before them was never
     * ended or they were published too late. Also called by each producer that finds the log
     * closing after it published: either it sees that the stages have stopped, or the closing
     * thread sees its entry.
     */
    void tellStragglers() {
        VarHandle.fullFence(); // publishing has none
        if (!stagesStopped) {
            return;
        }
        for (long sequence = threads.lastStageSequence() + 1;
                sequence <= ring.getCursor();
                sequence++) {
            if (ring.isAvailable(sequence)) {
                final AppendEvent event = ring.get(sequence);
                threads.completionHandler().tellStraggler(event, takeCompletion(event));
            }
        }
    }

    private synchronized Completion takeCompletion(final AppendEvent event) {
        return event.takeCompletion();
    }

    private void closeQuietly() {
        try {
            closeNow();
        } catch (final WalException e) {
            System.getLogger("io.wal").log(System.Logger.Level.ERROR, "closing failed", e);
        }
    }

    private void closeNow() {
        closingThread = Thread.currentThread();
        boolean ended = false;
        try {
            final long deadlineNs = System.nanoTime() + timeoutNs;
            final boolean replayed = await(this::isReplayDone, deadlineNs);
            acknowledgements.tellEagerly(); // the stages are waited for
            final boolean proof = endRing(deadlineNs);
            awaitStore(proof, deadlineNs);
            final boolean storeStopped = threads.stopStore(graceNs);
            stagesStopped = stopStages(Math.max(deadlineNs - System.nanoTime(), graceNs));
            acknowledgements.closed();
            tellStragglers();
            if (storeStopped && replayed) {
                endStore();
                ended = true;
            }
            if (!ended || !stagesStopped) {
                leaveBehind(!ended);
            }
        } finally {
            closed.countDown();
            answerLastFinalize();
            closingThread = null;
        }
        final WalException failure = acknowledgements.failure();
        if (failure == null && removing && !ended) {
            throw new StorageException(
                    store.name(),
                    "remove",
                    new TimeoutException("a recovery has not returned; nothing was removed"));
        }
        if (failure != null && !(removing && ended)) {
            throw failure.forCaller();
        }
    }

    /**
     * Publishes the last event, and says whether it could; not when the log has failed or its queue
     * stays full.
     */
    private boolean endRing(final long deadlineNs) {
        int tries = 0;
        while (acknowledgements.failure() == null && System.nanoTime() - deadlineNs < 0) {
            try {
                final long sequence = ring.tryNext();
                lastSequence = sequence - 1;
                ring.get(sequence).beginClose();
                ring.publish(sequence);
                return true;
            } catch (final InsufficientCapacityException e) {
                Backoff.pause(tries++);
            }
        }
        lastSequence = ring.getCursor();
        return false;
    }

    private void awaitStore(final boolean proof, final long deadlineNs) {
        final long lastLsn = acknowledgements.lsnOf(lastSequence);
        if (!proof) {
            store.requestForce(lastLsn);
            acknowledgements.wake();
        }
        final BooleanSupplier done =
                proof
                        ? () -> hasStorePassed(lastSequence + 1)
                        : () ->
                                hasStorePassed(lastSequence)
                                        && acknowledgements.durableLsn() >= lastLsn;
        final BooleanSupplier answered =
                () -> done.getAsBoolean() || acknowledgements.failure() != null;
        if (!await(answered, proof ? deadlineNs : nowPlus(graceNs))) {
            store.abandon();
            acknowledgements.wake();
            if (!await(answered, nowPlus(graceNs))) {
                fail(
                        new TimeoutException(
                                "closing took longer than "
                                        + context.closeTimeout()
                                        + ", for "
                                        + whatIsMissing()));
            }
        }
    }

    private boolean hasStorePassed(final long sequence) {
        return threads.storeSequence() >= sequence;
    }

    private String whatIsMissing() {
        for (long sequence = threads.storeSequence() + 1; sequence <= lastSequence; sequence++) {
            if (!ring.isAvailable(sequence)) {
                return "the claim of LSN "
                        + acknowledgements.lsnOf(sequence)
                        + " was neither committed nor aborted";
            }
        }
        return "the store did not answer";
    }

    private void fail(final Exception cause) {
        acknowledgements.failed(new LogFailedException(acknowledgements.durableLsn(), cause));
    }

    /**
     * Stops the stages once they have nothing more to do: at the end, or in a failed log at an
     * entry that is not published. A stage that works, be it that a callback hangs, is left alone:
     * false then.
     */
    private boolean stopStages(final long longestNs) {
        await(
                () -> threads.lastStageSequence() >= lastSequence,
                nowPlus(
                        acknowledgements.failure() == null
                                ? longestNs
                                : Math.min(longestNs, PUBLISH_GRACE_NS)));
        return await(this::areStagesIdle, nowPlus(longestNs)) && haltStages();
    }

    /**
     * Once halted the stages stop behind the callback they are in, if any; what they leave is told
     * by hand.
     */
    private boolean haltStages() {
        stagesHalted = true;
        return threads.stopStages(graceNs);
    }

    private boolean areStagesIdle() {
        final long next = threads.lastStageSequence() + 1;
        return next > lastSequence || acknowledgements.failure() != null && !ring.isAvailable(next);
    }

    private boolean isReplayDone() {
        if (!recovery.tryLock()) {
            return false;
        }
        recovery.unlock();
        return true;
    }

    private void endStore() {
        if (removing) {
            store.remove();
        } else {
            store.close();
        }
    }

    private void leaveBehind(final boolean release) {
        final String what =
                stagesStopped ? "the store or a recovery" : "a completion or apply handler";
        CompletionHandler.report(
                context.errorHandler(),
                new TimeoutException(
                        "closing "
                                + store.name()
                                + " took longer than "
                                + context.closeTimeout()
                                + ", for "
                                + what
                                + " has not returned; its thread ends when it does"));
        runBehind(() -> endLater(release));
    }

    /**
     * Waits, for ever if need be, for what did not stop in time; nothing is removed any more, for
     * that was refused.
     */
    private void endLater(final boolean release) {
        while (!stagesStopped) {
            LockSupport.parkNanos(LEFT_BEHIND_PAUSE_NS);
            stagesStopped = (stagesHalted || areStagesIdle()) && haltStages();
        }
        tellStragglers();
        while (release && !(threads.stopStore(graceNs) && isReplayDone())) {
            LockSupport.parkNanos(LEFT_BEHIND_PAUSE_NS);
        }
        if (release) {
            store.close();
        }
    }

    private void runBehind(final Runnable task) {
        final Thread thread = new Thread(task, "wal-close-" + store.name());
        thread.setDaemon(true);
        thread.start();
    }

    private void answerLastFinalize() {
        final FinalizeRequest request = lastFinalize;
        if (request != null) {
            final WalException failure = acknowledgements.failure();
            request.failed(failure == null ? new LogClosedException() : failure);
        }
    }

    private void awaitClosed() {
        boolean interrupted = false;
        while (closed.getCount() > 0) {
            try {
                closed.await(1, TimeUnit.SECONDS);
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static long nowPlus(final long timeoutNs) {
        return System.nanoTime() + timeoutNs;
    }

    private static boolean await(final BooleanSupplier condition, final long deadlineNs) {
        int tries = 0;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs >= 0) {
                return false;
            }
            Backoff.pause(tries++);
        }
        return true;
    }
}
