package io.wal.store;

import io.wal.Durability;
import io.wal.FencedException;
import io.wal.LogClosedException;
import io.wal.LogFailedException;
import io.wal.RecoveredLog;
import io.wal.WalException;
import io.wal.metrics.CommitMeter;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Group commit, the same for every store: entries are written as they come, and when no more are
 * waiting the batch is committed, so that one force covers all that arrived while the last one ran.
 *
 * <p>The first failure is final. Whatever a subclass throws, be it an {@link Error}, ends the log:
 * it is reported, and nothing is written, forced or acknowledged after it. All abstract methods are
 * called on the store's thread, save {@link #openLog}, which runs before that thread does.
 */
public abstract class GroupCommitStore implements LogStore {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long REPORT_AGAIN_NS = 1_000_000;

    private final AtomicReference<FinalizeRequest> finalizeRequest = new AtomicReference<>();
    private final AtomicReference<Throwable> asyncFailure = new AtomicReference<>();
    private final AtomicLong forceUpToLsn = new AtomicLong();

    private CommitProgress progress;
    private CommitMeter meter;
    private StoreLimits limits;
    private Throwable failureCause;
    private WalException failure;
    private FinalizeRequest finalizing;
    private long openedLsn;
    private long lastLsn;
    private long forcedLsn;
    private long batchLength;
    private int batchEntryCount;
    private boolean batchForced;
    private long batchDeadlineNs = NEVER;
    private long forceDeadlineNs = NEVER;

    /** For subclasses. */
    protected GroupCommitStore() {}

    @Override
    public final RecoveredLog open(
            final CommitProgress commitProgress, final StoreLimits storeLimits) {
        progress = commitProgress;
        meter = commitProgress.meter();
        limits = storeLimits;
        final RecoveredLog recovered = openLog();
        openedLsn = recovered.lastLsn();
        lastLsn = openedLsn;
        forcedLsn = openedLsn;
        return recovered;
    }

    @Override
    public final void onBatchStart(final long batchSize, final long queueDepth) {
        meter.looked(queueDepth);
    }

    @Override
    public final void onEvent(
            final AppendEvent event, final long sequence, final boolean endOfBatch) {
        if (hasEnded()) {
            return;
        }
        try {
            failIfAsked();
            if (event.isClose()) {
                commitBatch(true);
                closeLog();
                failure = new LogClosedException(); // what comes behind the end was refused by its
                // producer
                failFinalize();
                return;
            }
            if (event.lsn() != lastLsn + 1) {
                throw new IllegalStateException("LSN " + event.lsn() + " follows LSN " + lastLsn);
            }
            if (batchEntryCount == 0) {
                meter.batchBegins();
            }
            meter.taken(event);
            write(event);
            lastLsn = event.lsn();
            batchForced |= event.durability() == Durability.FORCED;
            batchLength += event.frameLength();
            batchEntryCount++;
            if (batchLength >= limits.maxBatchLength()
                    || batchEntryCount >= limits.maxBatchEntryCount()) {
                commitBatch(batchForced);
            } else if (endOfBatch && !isWorthWaiting()) {
                commitBatch(batchForced);
            }
        } catch (final Throwable t) { // an Error too: nothing may be acknowledged after it
            fail(t);
        }
    }

    @Override
    public final void onTimeout(final long sequence) {
        if (hasEnded()) {
            failFinalize();
            return;
        }
        try {
            failIfAsked();
            final long nowNs = System.nanoTime();
            if (isForceRequested() && lastLsn > forcedLsn
                    || isFinalizeDue()
                    || isDue(forceDeadlineNs, nowNs)) {
                commitBatch(true);
            } else if (isDue(batchDeadlineNs, nowNs)) {
                commitBatch(batchForced);
            }
            doIdleWork(nowNs);
        } catch (final Throwable t) {
            fail(t);
        }
    }

    @Override
    public final long deadlineNs() {
        if (failure != null) {
            return NEVER;
        }
        if (failureCause != null) {
            return System.nanoTime() + REPORT_AGAIN_NS;
        }
        try {
            return Math.min(Math.min(batchDeadlineNs, forceDeadlineNs), idleDeadlineNs());
        } catch (
                final Throwable
                        t) { // must not reach the processor, which would count an event as done
            fail(t);
            return NEVER;
        }
    }

    @Override
    public final void requestForce(final long lsn) {
        forceUpToLsn.accumulateAndGet(lsn, Math::max);
    }

    @Override
    public final void requestFinalize(final FinalizeRequest request) {
        if (!finalizeRequest.compareAndSet(null, request)) {
            throw new IllegalStateException("a checkpoint is being finalized already");
        }
    }

    /**
     * Ends the log from another thread, such as one that receives answers. Any thread.
     *
     * @param cause of the failure.
     */
    protected final void failFrom(final Throwable cause) {
        asyncFailure.compareAndSet(null, cause);
        progress.wake();
    }

    /**
     * Where to report.
     *
     * @return the progress given at open.
     */
    protected final CommitProgress progress() {
        return progress;
    }

    /**
     * Where to take note of what is done, for statistics.
     *
     * @return the meter of the log.
     */
    protected final CommitMeter meter() {
        return meter;
    }

    /**
     * The last LSN given to {@link #write}.
     *
     * @return the LSN.
     */
    protected final long lastLsn() {
        return lastLsn;
    }

    /**
     * Opens the log for writing; see {@link LogStore#open}.
     *
     * @return what was found.
     */
    protected abstract RecoveredLog openLog();

    /**
     * Adds an entry to the batch.
     *
     * @param event the entry.
     * @throws Exception when it cannot be written; the log fails.
     */
    protected abstract void write(AppendEvent event) throws Exception;

    /**
     * Ends the batch, which may be empty, and reports to {@link #progress()} how far the log is
     * written or durable, now or, when the medium answers later, then.
     *
     * @param force whether everything written so far must become durable.
     * @param finalize a checkpoint to finalize behind the entries of the batch, in the same force;
     *     null for none. The store answers it when it is durable, or lets the failure of the log
     *     answer it.
     * @throws Exception when it fails; the log fails.
     */
    protected abstract void commit(boolean force, FinalizeRequest finalize) throws Exception;

    /**
     * Leaves the proof that the log ended cleanly, after everything was made durable. Returns when
     * it is.
     *
     * @throws Exception when it fails; the log fails.
     */
    protected abstract void closeLog() throws Exception;

    /**
     * The last LSN that is surely durable.
     *
     * @return the LSN.
     */
    protected abstract long durableLsn();

    /**
     * Work of the store when it was woken without an event.
     *
     * @param nowNs by {@code System.nanoTime()}.
     * @throws Exception when it fails; the log fails.
     */
    protected void doIdleWork(final long nowNs) throws Exception {}

    /**
     * When {@link #doIdleWork} is next needed.
     *
     * @return by {@code System.nanoTime()}, or {@link Long#MAX_VALUE} for never.
     */
    protected long idleDeadlineNs() {
        return NEVER;
    }

    private boolean isWorthWaiting() {
        if (limits.batchDelayNs() == 0 || isForceRequested() || isFinalizeDue()) {
            return false;
        }
        final long nowNs = System.nanoTime();
        if (batchDeadlineNs == NEVER) {
            batchDeadlineNs = nowNs + limits.batchDelayNs();
        }
        return !isDue(batchDeadlineNs, nowNs);
    }

    private void commitBatch(final boolean forceBatch) throws Exception {
        final FinalizeRequest finalize = takeDueFinalize();
        final boolean force =
                forceBatch || finalize != null || isForceRequested() || isForceOverdue();
        if (batchEntryCount > 0) {
            meter.batchCommits(batchEntryCount, batchLength);
        }
        commit(force, finalize);
        if (batchEntryCount > 0) {
            meter.batchEnds(lastLsn, batchEntryCount, batchLength, force);
        }
        batchLength = 0;
        batchEntryCount = 0;
        batchForced = false;
        batchDeadlineNs = NEVER;
        if (force) {
            forcedLsn = lastLsn;
            forceDeadlineNs = NEVER;
        } else if (forceDeadlineNs == NEVER) {
            forceDeadlineNs = System.nanoTime() + limits.forceIntervalNs();
        }
    }

    private boolean isFinalizeDue() {
        final FinalizeRequest request = finalizeRequest.get();
        return request != null && lastLsn >= request.endLsn();
    }

    private FinalizeRequest takeDueFinalize() {
        if (!isFinalizeDue()) {
            return null;
        }
        finalizing = finalizeRequest.get(); // answered by the store, or by the failure of the log
        finalizeRequest.set(null);
        return finalizing;
    }

    private boolean isForceRequested() {
        return forceUpToLsn.get() > forcedLsn;
    }

    /** Under load no timeout may ever come. */
    private boolean isForceOverdue() {
        return forceDeadlineNs != NEVER && isDue(forceDeadlineNs, System.nanoTime());
    }

    private void failIfAsked() throws Throwable {
        final Throwable asked = asyncFailure.get();
        if (asked != null) {
            throw asked;
        }
    }

    private boolean hasEnded() {
        if (failureCause != null && failure == null) {
            reportFailure();
        }
        return failure != null || failureCause != null;
    }

    /**
     * What comes first allocates nothing: without memory to report with, the log has failed all the
     * same.
     */
    private void fail(final Throwable cause) {
        failureCause = cause;
        reportFailure();
    }

    private void reportFailure() {
        final WalException toReport;
        try {
            toReport =
                    failureCause instanceof FencedException fenced
                            ? fenced
                            : new LogFailedException(surelyDurableLsn(), failureCause);
        } catch (final Throwable t) { // out of memory; the next event or timeout tries again
            return;
        }
        failure = toReport;
        progress.failed(toReport);
        failFinalize();
    }

    private long surelyDurableLsn() {
        try {
            return durableLsn();
        } catch (final RuntimeException e) { // the store is not in a state to tell
            return openedLsn;
        }
    }

    private void failFinalize() {
        final FinalizeRequest request = finalizeRequest.getAndSet(null);
        if (request != null) {
            request.failed(failure);
        }
        if (finalizing != null) {
            finalizing.failed(failure);
        }
    }

    private static boolean isDue(final long deadlineNs, final long nowNs) {
        return deadlineNs != NEVER && nowNs - deadlineNs >= 0;
    }
}
