package io.wal;

import com.lmax.disruptor.InsufficientCapacityException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import io.wal.event.CheckpointEvent;
import io.wal.event.RecoveryEvent;
import io.wal.event.ReplayEvent;
import io.wal.metrics.CommitMeter;
import io.wal.metrics.LogCounter;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import io.wal.store.AppendEvent;
import io.wal.store.FinalizeRequest;
import io.wal.store.LogStore;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A write-ahead log: entries are queued by any number of threads, get their LSN at once, and are
 * acknowledged, in LSN order, when they are as durable as asked for.
 *
 * <p>Life: {@link #open}; {@link #recover} when the log holds entries; appends and checkpoints;
 * {@link #close}. Unless said otherwise a method may be called by any thread. Interrupting a thread
 * ends no wait and harms no file: the interrupt is kept for the caller.
 *
 * <p>The first error of the store is final: every entry not yet acknowledged and every later append
 * fails with a {@link LogFailedException} that names the last LSN that is surely durable, and only
 * opening the log again recovers.
 */
public final class WriteAheadLog implements AutoCloseable {
    /**
     * Result of the forms that do not wait: the queue, or the memory for large payloads, is full
     * for now.
     */
    public static final long BACK_PRESSURED = -1;

    /** Result of the forms that do not wait: the log is closed. */
    public static final long CLOSED = -2;

    /** Result of the forms that do not wait: the log has failed; {@link #failure()} says why. */
    public static final long FAILED = -3;

    /**
     * Result of the forms that do not wait: the store is full, and the log was told to refuse
     * appends then.
     */
    public static final long FULL = -4;

    /**
     * Opening is refused beyond: half of all LSNs is more than any process can append before it
     * ends.
     */
    private static final long LAST_LSN_TO_OPEN = 1L << 62;

    private final LogStore store;
    private final RecoveredLog recovered;
    private final WaitMode waitMode;
    private final CommitMeter meter;
    private final Sequence sampleInterval;
    private final Acknowledgements acknowledgements;
    private final RingBuffer<AppendEvent> ring;
    private final StoreProcessor storeProcessor;
    private final LogThreads threads;
    private final OverflowPool overflowPool;
    private final int slotLength;
    private final int maxPayloadLength;
    private final boolean failWhenFull;
    private final AtomicReference<Checkpoint> openCheckpoint = new AtomicReference<>();
    private final ReentrantLock recovery = new ReentrantLock();
    private final AtomicLong finalizedLsn;
    private final AtomicInteger state;
    private final LogCloser closer;

    /** What may be done with the log now. */
    static final class State {
        static final int RECOVERY_NEEDED = 0;
        static final int OPEN = 1;
        static final int CLOSING = 2;

        private State() {}
    }

    private WriteAheadLog(final WalContext context) {
        store = context.store();
        waitMode = context.waitMode();
        slotLength = context.slotLength();
        maxPayloadLength = context.maxPayloadLength();
        failWhenFull = context.fullPolicy() == WalContext.FullPolicy.FAIL;
        overflowPool =
                new OverflowPool(
                        context.overflowLimit(), RecordDescriptor.frameLength(maxPayloadLength));
        final Signals signals = new Signals();
        ring =
                RingBuffer.createMultiProducer(
                        AppendEvent.factory(context.slotLength(), context.ringCapacity()),
                        context.ringCapacity(),
                        signals);
        meter =
                new CommitMeter(
                        store.name(),
                        context.ringCapacity(),
                        context.commitListener(),
                        WalContext.nanosOf(context.stallThreshold()),
                        context.errorHandler());
        sampleInterval = meter.sampleInterval();
        acknowledgements = new Acknowledgements(ring, signals, meter);
        storeProcessor =
                new StoreProcessor(
                        ring,
                        store,
                        waitMode,
                        context.commitOnCaller() && store.commitsOnCallers(),
                        new LastResort(acknowledgements));
        signals.store(storeProcessor);
        final RecoveryEvent event = new RecoveryEvent();
        recovered = store.open(acknowledgements, context.storeLimits());
        event.record(store.name(), recovered);
        finalizedLsn = new AtomicLong(recovered.startLsn());
        try {
            checkLsnsAreLeft();
            acknowledgements.start(recovered.lastLsn());
            state = new AtomicInteger(recovered.isEmpty() ? State.OPEN : State.RECOVERY_NEEDED);
            threads =
                    new LogThreads(
                            context, ring, storeProcessor, signals, acknowledgements, overflowPool);
            closer = new LogCloser(context, ring, acknowledgements, threads, recovery);
            meter.gauge(LogCounter.LAST_LSN, this::lastLsn);
            meter.gauge(LogCounter.CLOSED, () -> closer.isClosed() ? 1 : 0);
            threads.start();
        } catch (final Throwable t) {
            store.close();
            throw t;
        }
    }

    /**
     * Opens a log for writing, creating it if the store is allowed to.
     *
     * @param context the settings, store included.
     * @return the log; {@link #recover} it before appending when it holds entries.
     * @throws IllegalArgumentException when a setting is out of range.
     * @throws IllegalStateException when the JVM option that Agrona needs is missing, or the
     *     context was used before.
     * @throws WalException when the log is in use, damaged or missing, or the storage answers with
     *     an error; also when the last LSN is beyond 2^62, so that they might run out.
     */
    public static WriteAheadLog open(final WalContext context) {
        AgronaAccess.check();
        context.conclude();
        return new WriteAheadLog(context);
    }

    /**
     * What opening the log found.
     *
     * @return start, end and kind of end.
     */
    public RecoveredLog recovered() {
        return recovered;
    }

    /**
     * Delivers what the log holds, in LSN order: the entries of the last finalized checkpoint and
     * every data entry from its start on, all of it on stable storage. Afterwards entries can be
     * appended. Runs on the caller's thread.
     *
     * @param handler receives the entries. When it throws, that is thrown on, and recovery can be
     *     run again.
     * @return what was recovered.
     * @throws IllegalStateException when recovery was run already, or is under way on this thread.
     * @throws WalException when the log is damaged or closed, or the storage answers with an error.
     */
    public RecoveredLog recover(final EntryHandler handler) {
        Objects.requireNonNull(handler, "handler");
        checkNotRecovering("recover");
        recovery.lock(); // closing waits for it: the store must not be let go of while it replays
        try {
            checkNotClosed();
            if (recovered.isEmpty()) {
                return recovered;
            }
            if (state.get() != State.RECOVERY_NEEDED) {
                throw new IllegalStateException("the log was recovered already");
            }
            final ReplayEvent event = new ReplayEvent();
            store.replay(
                    (lsn, kind, buffer, offset, length) -> {
                        checkNotClosed();
                        handler.onEntry(lsn, kind, buffer, offset, length);
                        event.delivered(length);
                    });
            event.record(store.name());
            state.compareAndSet(State.RECOVERY_NEEDED, State.OPEN);
            return recovered;
        } finally {
            recovery.unlock();
        }
    }

    /**
     * Appends a data entry, to be {@link Durability#FORCED}, waiting for space in the queue if need
     * be.
     *
     * @param buffer that holds the payload; copied before this returns.
     * @param offset of the payload.
     * @param length of the payload in bytes, 0 to {@link #maxPayloadLength()}.
     * @return the LSN of the entry; it is durable when {@link #awaitDurable(long)} says so.
     * @throws IllegalArgumentException when the payload is too large.
     * @throws IndexOutOfBoundsException when the payload is not within the buffer.
     * @throws IllegalStateException when the log was not recovered yet.
     * @throws WalException when the log is closed, full or has failed.
     */
    public long append(final DirectBuffer buffer, final int offset, final int length) {
        return append(buffer, offset, length, Durability.FORCED, null);
    }

    /**
     * Appends a data entry, waiting for space in the queue if need be.
     *
     * @param buffer that holds the payload; copied before this returns.
     * @param offset of the payload.
     * @param length of the payload in bytes, 0 to {@link #maxPayloadLength()}.
     * @param durability that the acknowledgement promises.
     * @param completion told when the entry is acknowledged or has failed; null for none.
     * @return the LSN of the entry.
     * @throws IllegalArgumentException when the payload is too large.
     * @throws IndexOutOfBoundsException when the payload is not within the buffer.
     * @throws IllegalStateException when the log was not recovered yet.
     * @throws WalException when the log is closed, full or has failed.
     */
    public long append(
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Durability durability,
            final Completion completion) {
        return appendEntry(RecordKind.DATA, buffer, offset, length, durability, completion, null);
    }

    /**
     * Appends a data entry, or says why it cannot be done without waiting.
     *
     * @param buffer that holds the payload; copied before this returns.
     * @param offset of the payload.
     * @param length of the payload in bytes, 0 to {@link #maxPayloadLength()}.
     * @param durability that the acknowledgement promises.
     * @param completion told when the entry is acknowledged or has failed; null for none.
     * @return the LSN of the entry, or {@link #BACK_PRESSURED}, {@link #CLOSED}, {@link #FAILED} or
     *     {@link #FULL}.
     * @throws IllegalArgumentException when the payload is too large.
     * @throws IndexOutOfBoundsException when the payload is not within the buffer.
     * @throws IllegalStateException when the log was not recovered yet.
     */
    public long tryAppend(
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Durability durability,
            final Completion completion) {
        return counted(
                offer(RecordKind.DATA, buffer, offset, length, durability, completion, null));
    }

    /**
     * Appends a data entry and hands back a future.
     *
     * @param buffer that holds the payload; copied before this returns.
     * @param offset of the payload.
     * @param length of the payload in bytes, 0 to {@link #maxPayloadLength()}.
     * @param durability that the acknowledgement promises.
     * @return completed with the LSN when the entry is acknowledged, or with a {@link
     *     WalException}. Its dependent actions run on the completion thread unless they are async
     *     ones.
     * @throws IllegalArgumentException when the payload is too large.
     * @throws IndexOutOfBoundsException when the payload is not within the buffer.
     * @throws IllegalStateException when the log was not recovered yet.
     * @throws WalException when the log is closed, full or has failed.
     */
    public CompletableFuture<Long> appendAsync(
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Durability durability) {
        final CompletableFuture<Long> future = new CompletableFuture<>();
        append(
                buffer,
                offset,
                length,
                durability,
                (lsn, failure) -> {
                    if (failure == null) {
                        future.complete(lsn);
                    } else {
                        future.completeExceptionally(failure);
                    }
                });
        return future;
    }

    /**
     * Appends a data entry and waits until it is acknowledged. While the log has nothing else to
     * do, the calling thread writes and forces the entry itself; see {@link
     * WalContext#commitOnCaller()}.
     *
     * @param buffer that holds the payload.
     * @param offset of the payload.
     * @param length of the payload in bytes, 0 to {@link #maxPayloadLength()}.
     * @param durability that the acknowledgement promises.
     * @return the LSN of the entry.
     * @throws IllegalArgumentException when the payload is too large.
     * @throws IndexOutOfBoundsException when the payload is not within the buffer.
     * @throws IllegalStateException when the log was not recovered yet, or on one of the log's own
     *     threads.
     * @throws WalException when the log is closed, full or has failed.
     */
    public long appendAndAwait(
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Durability durability) {
        checkMayWait("appendAndAwait");
        final long lsn =
                appendEntry(
                        RecordKind.DATA,
                        buffer,
                        offset,
                        length,
                        durability,
                        null,
                        Thread.currentThread());
        awaitAcknowledged(lsn);
        final WalException failure = acknowledgements.failureOf(lsn, durability);
        if (failure != null) {
            throw failure.forCaller();
        }
        return lsn;
    }

    /**
     * Claims space for a data entry, to write its payload in place.
     *
     * @param length of the payload in bytes, 0 to {@link #maxPayloadLength()}.
     * @param durability that the acknowledgement promises.
     * @param completion told when the entry is acknowledged or has failed; not told when the claim
     *     is aborted; null for none.
     * @param claim holds the space when this succeeds; must not hold any before.
     * @return the LSN of the entry, or {@link #BACK_PRESSURED}, {@link #CLOSED}, {@link #FAILED} or
     *     {@link #FULL}.
     * @throws IllegalArgumentException when the payload is too large.
     * @throws IllegalStateException when the log was not recovered yet, or the claim holds space
     *     already.
     */
    public long tryClaim(
            final int length,
            final Durability durability,
            final Completion completion,
            final AppendClaim claim) {
        checkLength(length);
        Objects.requireNonNull(durability, "durability");
        if (claim.isHeld()) {
            throw new IllegalStateException(
                    "the claim of LSN " + claim.lsn() + " must be ended first");
        }
        final long sequence = claimSlot(RecordKind.DATA, length, durability, completion, null);
        if (sequence < 0) {
            return counted(sequence);
        }
        final AppendEvent event = ring.get(sequence);
        claim.hold(this, sequence, event.lsn(), event.payloadBuffer(), length);
        return event.lsn();
    }

    /**
     * Waits until an entry and all before it are on stable storage, forcing them if they asked for
     * less.
     *
     * @param lsn of an entry that was appended, or 0 for nothing.
     * @throws IllegalArgumentException when no such entry was appended.
     * @throws IllegalStateException on one of the log's own threads.
     * @throws WalException when the log has failed or was closed before.
     */
    public void awaitDurable(final long lsn) {
        checkGivenOut(lsn);
        awaitDurable(lsn, Long.MAX_VALUE);
    }

    /**
     * Waits until an entry and all before it are on stable storage, forcing them if they asked for
     * less.
     *
     * @param lsn of an entry that was appended, or 0 for nothing.
     * @param timeout longest time to wait.
     * @return false when the time is over; the entry may become durable later.
     * @throws IllegalArgumentException when no such entry was appended.
     * @throws IllegalStateException on one of the log's own threads.
     * @throws WalException when the log has failed or was closed before.
     */
    public boolean awaitDurable(final long lsn, final Duration timeout) {
        checkGivenOut(lsn);
        return awaitDurable(lsn, Math.max(0, WalContext.nanosOf(timeout)));
    }

    /**
     * Makes everything appended so far durable, and waits for it.
     *
     * @return the last LSN that was appended before the call; it is durable now.
     * @throws IllegalStateException on one of the log's own threads.
     * @throws WalException when the log has failed or was closed before.
     */
    public long flush() {
        final long lsn = lastLsn();
        awaitDurable(lsn, Long.MAX_VALUE);
        return lsn;
    }

    /**
     * The last LSN that is surely on stable storage, and all before it.
     *
     * @return the LSN; 0 when there is none.
     */
    public long durableLsn() {
        return acknowledgements.durableLsn();
    }

    /**
     * The last LSN that was handed to the operating system, and all before it.
     *
     * @return the LSN; 0 when there is none.
     */
    public long writtenLsn() {
        return acknowledgements.writtenLsn();
    }

    /**
     * The last LSN that was given out.
     *
     * @return the LSN; 0 when there is none.
     */
    public long lastLsn() {
        return acknowledgements.lsnOf(Math.min(ring.getCursor(), closer.lastSequence()));
    }

    /**
     * What the log counts about itself, from its opening on.
     *
     * @param counter to read.
     * @return its value; that of counters the store does not feed is 0.
     */
    public long counter(final LogCounter counter) {
        return meter.value(counter);
    }

    /**
     * The largest payload that an append accepts.
     *
     * @return bytes.
     */
    public int maxPayloadLength() {
        return maxPayloadLength;
    }

    /**
     * Why the log has failed.
     *
     * @return the failure, or null when it has not.
     */
    public WalException failure() {
        return acknowledgements.failure();
    }

    /**
     * Why the log waits for space. It goes on by itself when there is some.
     *
     * @return the reason, or null when it does not wait.
     */
    public WalException stall() {
        return acknowledgements.stall();
    }

    /**
     * Starts a checkpoint. Only one can be open at a time.
     *
     * @return the checkpoint, to which entries are appended until it is finalized or discarded.
     * @throws IllegalStateException when one is open, or the log was not recovered yet.
     * @throws WalException when the log is closed or has failed.
     */
    public Checkpoint startCheckpoint() {
        checkAccepting();
        final Checkpoint place = new Checkpoint(this, lastLsn() + 1);
        openCheckpoint(place);
        // only now: an entry of a checkpoint that ended meanwhile must not lie within this one
        final Checkpoint checkpoint = new Checkpoint(this, lastLsn() + 1);
        openCheckpoint.set(checkpoint);
        return checkpoint;
    }

    /**
     * Goes on with a checkpoint that was started earlier, by this process or by one that is gone,
     * and not finalized. Once it is finalized now, every checkpoint entry from its start on counts,
     * whoever appended it, those of a checkpoint that was discarded there included. So that work
     * which was interrupted, such as a long checkpoint or the copy of a log, need not begin anew.
     *
     * @param startLsn the {@link Checkpoint#startLsn()} it had: from the start of the last
     *     finalized checkpoint, or the first LSN held, to the LSN that follows the last.
     * @return the checkpoint, to which entries are appended until it is finalized or discarded.
     * @throws IllegalArgumentException when the LSN is out of that range.
     * @throws IllegalStateException when a checkpoint is open, or the log was not recovered yet.
     * @throws WalException when the log is closed or has failed.
     */
    public Checkpoint resumeCheckpoint(final long startLsn) {
        checkAccepting();
        final Checkpoint checkpoint = new Checkpoint(this, startLsn);
        openCheckpoint(checkpoint);
        // only now: while another was open, it could move the begin of recovery
        if (startLsn < finalizedLsn.get() || startLsn > lastLsn() + 1) {
            endCheckpoint(checkpoint);
            throw new IllegalArgumentException(
                    "startLsn must be from "
                            + finalizedLsn.get()
                            + ", where recovery begins, to "
                            + (lastLsn() + 1)
                            + ": "
                            + startLsn);
        }
        return checkpoint;
    }

    /**
     * Finalizes the checkpoint that is open; see {@link Checkpoint#finalizeCheckpoint()}.
     *
     * @throws IllegalStateException when none is open.
     * @throws WalException when the log is closed or has failed; the checkpoint may then count or
     *     not.
     */
    public void finalizeCheckpoint() {
        final Checkpoint checkpoint = openCheckpoint.get();
        if (checkpoint == null) {
            throw new IllegalStateException("no checkpoint is open; start one first");
        }
        checkpoint.finalizeCheckpoint();
    }

    /**
     * A reader of this log, beside its writer. It sees every entry up to {@link #durableLsn()}, and
     * may see one that is durable an instant before that says so.
     *
     * @param fromLsn first LSN to read, from 1.
     * @return the reader; the caller closes it.
     * @throws LogTrimmedException when the entry is no longer held.
     * @throws LogClosedException when the log is closed.
     */
    public LogReader reader(final long fromLsn) {
        if (fromLsn < 1) {
            throw new IllegalArgumentException("fromLsn must be at least 1: " + fromLsn);
        }
        checkNotClosed();
        return store.reader(fromLsn);
    }

    /**
     * Closes the log: no more appends, what is queued becomes durable and is acknowledged,
     * everything is let go of. Closing twice does nothing; a second thread waits for the first.
     * Called from a completion or an apply handler it returns at once, and the log closes behind
     * it.
     *
     * @throws IllegalStateException from within {@link #recover} on the same thread.
     * @throws WalException when entries could not be made durable, now or before; they were told
     *     so.
     */
    @Override
    public void close() {
        close(false);
    }

    /**
     * Closes the log and removes everything it holds. Removing twice does nothing.
     *
     * @throws IllegalStateException from within {@link #recover} on the same thread.
     * @throws LogClosedException when the log was closed before; nothing is removed then.
     * @throws WalException when the storage answers with an error, or not in time.
     */
    public void remove() {
        close(true);
        if (!closer.isRemoving()) {
            throw new LogClosedException();
        }
    }

    @Override
    public String toString() {
        return "WriteAheadLog{"
                + store.name()
                + ", lastLsn="
                + lastLsn()
                + ", durableLsn="
                + durableLsn()
                + '}';
    }

    long appendEntry(
            final RecordKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Durability durability,
            final Completion completion,
            final Thread waiter) {
        int tries = 0;
        long result;
        do {
            result = offer(kind, buffer, offset, length, durability, completion, waiter);
        } while (isToBeRetried(result, tries++));
        return result;
    }

    /**
     * Whether an offer is worth another try, after a pause. Throws when it was refused for good.
     */
    boolean isToBeRetried(final long result, final int tries) {
        if (result > 0) {
            return false;
        }
        if (result == BACK_PRESSURED) {
            if (tries == 0) {
                meter.backPressured();
            }
            checkMayWait("append with a full queue");
            Backoff.pause(tries);
            return true;
        }
        if (result == FULL && acknowledgements.stall() == null) { // space has come back meanwhile
            return true;
        }
        throw refusal(result);
    }

    void commitClaim(final long sequence) {
        ring.get(sequence).seal();
        publish(sequence);
    }

    void abortClaim(final long sequence) {
        ring.get(sequence).abort();
        ring.publish(sequence);
    }

    CompletableFuture<Long> finalizeCheckpoint(final Checkpoint checkpoint) {
        final FinalizeRequest request = new FinalizeRequest(checkpoint.startLsn(), lastLsn());
        final CheckpointEvent event = new CheckpointEvent();
        final CompletableFuture<Long> ended =
                request.future()
                        .whenComplete(
                                (startLsn, failure) -> {
                                    if (failure == null) {
                                        finalizedLsn.accumulateAndGet(startLsn, Math::max);
                                        meter.count(LogCounter.CHECKPOINTS);
                                        event.record(store.name(), startLsn, request.endLsn());
                                    }
                                    endCheckpoint(checkpoint);
                                });
        final long refused = refusalReason();
        if (refused < 0 && refused != FULL) { // a checkpoint makes space
            request.failed(refusal(refused));
        } else {
            store.requestFinalize(request);
            storeProcessor.wake();
            closer.answerWhenClosed(request);
        }
        return ended;
    }

    private void openCheckpoint(final Checkpoint checkpoint) {
        final Checkpoint other = openCheckpoint.compareAndExchange(null, checkpoint);
        if (other != null) {
            throw new IllegalStateException(
                    "a checkpoint is open already, from LSN "
                            + other.startLsn()
                            + "; finalize or discard it first");
        }
    }

    void endCheckpoint(final Checkpoint checkpoint) {
        openCheckpoint.compareAndSet(checkpoint, null);
    }

    void checkMayWait(final String what) {
        if (threads.isOwnThread(Thread.currentThread())) {
            throw new IllegalStateException(
                    what
                            + " on a thread of the log would wait for itself; use a form that does not wait");
        }
    }

    static <T> T join(final CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (final CompletionException e) {
            throw e.getCause() instanceof WalException failure ? failure.forCaller() : e;
        }
    }

    /** Appends an entry, or says why it cannot be done without waiting. */
    long offer(
            final RecordKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Durability durability,
            final Completion completion,
            final Thread waiter) {
        checkLength(length);
        Objects.requireNonNull(durability, "durability");
        Objects.requireNonNull(buffer, "buffer").boundsCheck(offset, length);
        final boolean mayCommit = waiter != null && storeProcessor.mayBorrow();
        final long sequence = claimSlot(kind, length, durability, completion, waiter);
        if (sequence < 0) {
            return sequence;
        }
        final AppendEvent event = ring.get(sequence);
        final long lsn = event.lsn();
        boolean framed = false;
        try {
            buffer.getBytes(offset, event.payloadBuffer(), RecordDescriptor.HEADER_LENGTH, length);
            event.seal();
            framed = true;
        } finally {
            if (!framed) {
                event.abort();
            }
            if (mayCommit && storeProcessor.borrow()) {
                publishAndCommit(sequence);
            } else {
                publish(sequence);
            }
        }
        return lsn;
    }

    private long counted(final long result) {
        if (result == BACK_PRESSURED) {
            meter.backPressured();
        }
        return result;
    }

    private void publish(final long sequence) {
        ring.publish(sequence);
        tellIfClosing();
    }

    /** The store is ours, since its thread has nothing to do: no hand-over is needed. */
    private void publishAndCommit(final long sequence) {
        try {
            ring.publish(sequence);
        } finally {
            storeProcessor.commitBorrowed();
        }
        tellIfClosing();
    }

    private void tellIfClosing() {
        if (state.get() == State.CLOSING) {
            closer.tellStragglers();
        }
    }

    /** Claims a slot and begins an entry in it, or says why not. */
    private long claimSlot(
            final RecordKind kind,
            final int length,
            final Durability durability,
            final Completion completion,
            final Thread waiter) {
        final long refused = refusalReason();
        if (refused < 0) {
            return refused;
        }
        UnsafeBuffer overflow = null;
        final int frameLength = RecordDescriptor.frameLength(length);
        if (frameLength > slotLength) {
            overflow = ring.hasAvailableCapacity(1) ? overflowPool.acquire(frameLength) : null;
            if (overflow == null) {
                acknowledgements.hurryStages();
                return BACK_PRESSURED;
            }
        }
        final long sequence;
        try {
            sequence = ring.tryNext();
        } catch (final InsufficientCapacityException e) { // preallocated: costs nothing
            if (overflow != null) {
                overflowPool.release(overflow);
            }
            acknowledgements.hurryStages();
            return BACK_PRESSURED;
        }
        final AppendEvent event = ring.get(sequence);
        event.begin(acknowledgements.lsnOf(sequence), kind, durability, length, overflow);
        event.onCompletion(completion, waiter);
        if (completion != null) {
            acknowledgements.tellEagerly();
        } else if (overflow != null) {
            acknowledgements.tellEach();
        }
        final long interval = sampleInterval.get();
        if (interval > 0) {
            CommitMeter.claimed(event, interval);
        }
        // Closing claims its own slot after it changed the state: who sees the log open here comes
        // before that slot.
        final long late = refusalReason();
        if (late < 0 && late != FULL) {
            abortClaim(sequence);
            return late;
        }
        return sequence;
    }

    /** Negative when appends are refused. */
    private long refusalReason() {
        final int now = state.get();
        if (now == State.OPEN) {
            if (acknowledgements.failure() != null) {
                return FAILED;
            }
            return failWhenFull && acknowledgements.stall() != null ? FULL : 0;
        }
        if (now == State.RECOVERY_NEEDED) {
            throw new IllegalStateException(
                    "the log holds entries; call recover before the first append");
        }
        return acknowledgements.failure() != null ? FAILED : CLOSED;
    }

    private void checkAccepting() {
        final long refused = refusalReason();
        if (refused < 0 && refused != FULL) {
            throw refusal(refused);
        }
    }

    private void checkLength(final int length) {
        if (length < 0 || length > maxPayloadLength) {
            throw new IllegalArgumentException(
                    "payload of "
                            + length
                            + " bytes; it must be from 0 to "
                            + maxPayloadLength
                            + " (maxPayloadLength)");
        }
    }

    /** Also keeps the negative results of the forms that do not wait from passing as durable. */
    private void checkGivenOut(final long lsn) {
        if (lsn < 0 || lsn > lastLsn()) {
            throw new IllegalArgumentException(
                    "LSN " + lsn + " was not given out; the last is " + lastLsn());
        }
    }

    private boolean awaitDurable(final long lsn, final long timeoutNs) {
        if (acknowledgements.durableLsn() >= lsn) {
            return true;
        }
        checkMayWait("awaitDurable");
        store.requestForce(lsn);
        storeProcessor.wake();
        return acknowledgements.awaitDurable(lsn, timeoutNs);
    }

    private WalException refusal(final long reason) {
        if (reason == FAILED) {
            return acknowledgements.failure().forCaller();
        }
        if (reason == FULL) {
            final WalException stall = acknowledgements.stall();
            return stall instanceof LogFullException full
                    ? new LogFullException(full.location(), "append to", full.getCause())
                    : new LogFullException(store.name(), "append to", stall);
        }
        return new LogClosedException();
    }

    private void awaitAcknowledged(final long lsn) {
        if (waitMode == WaitMode.PARK) {
            acknowledgements.awaitAcknowledged(lsn, this);
        } else {
            while (!acknowledgements.isAcknowledged(lsn)) {
                waitMode.pause();
            }
        }
    }

    private void checkNotClosed() {
        if (state.get() == State.CLOSING) {
            throw new LogClosedException();
        }
    }

    private void checkNotRecovering(final String what) {
        if (recovery.isHeldByCurrentThread()) {
            throw new IllegalStateException(
                    what + " from within a recovery; let recover return first");
        }
    }

    private void checkLsnsAreLeft() {
        if (recovered.lastLsn() > LAST_LSN_TO_OPEN) {
            throw new LogFullException(
                    store.name(),
                    "append to",
                    new IllegalStateException(
                            "its last LSN is "
                                    + recovered.lastLsn()
                                    + ", and there are none beyond "
                                    + Long.MAX_VALUE));
        }
    }

    private void close(final boolean remove) {
        checkNotRecovering("close");
        final boolean first = state.getAndSet(State.CLOSING) != State.CLOSING;
        closer.close(first, remove);
    }
}
