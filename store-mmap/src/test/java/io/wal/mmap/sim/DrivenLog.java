package io.wal.mmap.sim;

import io.wal.Durability;
import io.wal.LogReader;
import io.wal.LogTrimmedException;
import io.wal.StorageException;
import io.wal.WalException;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import io.wal.store.AppendEvent;
import io.wal.store.FinalizeRequest;
import io.wal.store.LogStore;
import io.wal.store.StoreLimits;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A store that is driven by hand, on one thread, over a {@link SimulatedDisk}, with a {@link
 * LogOracle} looking on: what a log does with its store, without the log.
 *
 * <p>Producers claim LSNs, and publish or abort what they claimed when they like; the store gets
 * what is published, up to the first claim that is not.
 */
final class DrivenLog {
    private static final int SLOT_COUNT = 64;
    private static final int SLOT_LENGTH = 256;

    private final SimulatedDisk disk;
    private final LogOracle oracle;
    private final Supplier<LogStore> factory;
    private final StoreLimits limits;
    private final AppendEvent[] slots = new AppendEvent[SLOT_COUNT];

    /** Claimed and not yet given to the store, in LSN order. */
    private final Deque<Claim> claims = new ArrayDeque<>();

    private LogStore store;
    private boolean cacheReverted;
    private boolean finalizing;
    private long checkpointStartLsn;
    private long claimedLsn;
    private long sequence;
    private long failedForceCount;
    private long failedRecordForceCount;

    /** What a producer holds between claiming an entry and publishing it. */
    static final class Claim {
        private final AppendEvent slot;
        private final long id;
        private RecordKind kind;
        private boolean published;

        Claim(final AppendEvent slot, final RecordKind kind, final long id) {
            this.slot = slot;
            this.kind = kind;
            this.id = id;
        }

        void publish() {
            slot.seal();
            published = true;
        }

        /** Gives the entry up; its LSN is used up. */
        void abort() {
            slot.abort();
            kind = RecordKind.VOID;
            published = true;
        }
    }

    DrivenLog(
            final SimulatedDisk disk,
            final LogOracle oracle,
            final Supplier<LogStore> factory,
            final StoreLimits limits) {
        this.disk = disk;
        this.oracle = oracle;
        this.factory = factory;
        this.limits = limits;
        oracle.mayAcknowledge(
                () -> disk.isOn() && disk.failedRecordForceCount() == failedRecordForceCount);
        for (int i = 0; i < SLOT_COUNT; i++) {
            slots[i] = new AppendEvent(SLOT_LENGTH);
        }
    }

    SimulatedDisk disk() {
        return disk;
    }

    LogOracle oracle() {
        return oracle;
    }

    boolean isOpen() {
        return store != null && disk.isOn() && oracle.failure() == null;
    }

    boolean hasCheckpoint() {
        return checkpointStartLsn != 0;
    }

    boolean isFinalizing() {
        return finalizing;
    }

    int maxPayloadLength() {
        return store.maxPayloadLength();
    }

    /** Whether no more can be claimed before something is handled. */
    boolean isFull() {
        return claims.size() == SLOT_COUNT - 1; // the last one is for closing
    }

    /**
     * Opens and replays.
     *
     * @return false when that failed because an operation of the disk did.
     */
    boolean open() {
        final long failureCount = disk.failureCount();
        final WalException failure = tryOpen();
        if (failure != null && disk.isOn() && disk.failureCount() == failureCount) {
            throw new AssertionError("cannot be opened: " + failure, failure);
        }
        return failure == null || !disk.isOn();
    }

    /**
     * Opens and replays.
     *
     * @return why that failed; null when it is open or the power went off.
     */
    WalException tryOpen() {
        final LogStore opened = factory.get();
        failedForceCount = disk.failedForceCount();
        failedRecordForceCount = disk.failedRecordForceCount();
        WalException failure = null;
        try {
            oracle.opened(opened.open(oracle, limits));
            store = opened;
            opened.replay(oracle::delivered);
            oracle.beginReplay();
            opened.replay(oracle::delivered);
            oracle.replayed();
            cacheReverted = false;
        } catch (final PowerLoss e) {
            // seen by the state of the disk
        } catch (final WalException e) {
            failure = e;
        }
        if (failure != null && store == opened && disk.isOn()) {
            store.close(); // it had been opened, and replay failed
        }
        if (failure != null) {
            store = null;
            loseProcess();
            checkNothingHeld();
        }
        oracle.check();
        checkpointStartLsn = 0;
        finalizing = false;
        claims.clear();
        claimedLsn = oracle.lastLsn();
        return failure;
    }

    /** Appends an entry; VOID is a claim that was given up. */
    void append(
            final RecordKind kind,
            final int length,
            final Durability durability,
            final boolean endOfBatch) {
        final Claim claim =
                claim(0, kind == RecordKind.VOID ? RecordKind.DATA : kind, length, durability);
        if (kind == RecordKind.VOID) {
            claim.abort();
        } else {
            claim.publish();
        }
        handle(claims.poll(), endOfBatch);
    }

    /** A producer claims the next LSN for an entry, and fills it in. */
    Claim claim(
            final int producer,
            final RecordKind kind,
            final int length,
            final Durability durability) {
        final long lsn = ++claimedLsn;
        final AppendEvent slot = slots[(int) (lsn % SLOT_COUNT)];
        slot.release();
        final int frameLength = RecordDescriptor.frameLength(length);
        final long id = oracle.nextId(producer);
        slot.begin(
                lsn,
                kind,
                durability,
                length,
                frameLength > SLOT_LENGTH ? new UnsafeBuffer(new byte[frameLength]) : null);
        EntryContent.fill(slot.payloadBuffer(), RecordDescriptor.HEADER_LENGTH, length, id);
        final Claim claim = new Claim(slot, kind, id);
        claims.add(claim);
        return claim;
    }

    /**
     * Gives the store the next entry, as the end of a batch when the one behind it is not published
     * yet.
     *
     * @return false when the next one is not published, or there is none, or the log has ended.
     */
    boolean handleNext() {
        if (!isOpen() || !isNextPublished()) {
            return false;
        }
        final Claim next = claims.poll();
        handle(next, !isNextPublished());
        return true;
    }

    /** The store is woken without an event. */
    void onTimeout() {
        call(() -> store.onTimeout(sequence));
    }

    /** The store is asked to force, and woken. */
    void flush() {
        store.requestForce(claimedLsn);
        onTimeout();
        if (isOpen() && oracle.durableLsn() != oracle.lastLsn()) {
            oracle.violation("flushed, but durable only up to LSN " + oracle.durableLsn());
        }
        oracle.check();
    }

    void startCheckpoint() {
        checkpointStartLsn = claimedLsn + 1;
    }

    void discardCheckpoint() {
        checkpointStartLsn = 0;
    }

    /** Asks for the checkpoint to be finalized; {@link #onTimeout} or a batch does it. */
    void requestFinalize() {
        final FinalizeRequest request = new FinalizeRequest(checkpointStartLsn, claimedLsn);
        checkpointStartLsn = 0;
        finalizing = true;
        oracle.finalizeRequested(request.startLsn(), request.endLsn());
        request.future()
                .whenComplete(
                        (startLsn, failure) -> {
                            finalizing = false;
                            if (failure == null) {
                                oracle.finalized();
                            }
                        });
        store.requestFinalize(request);
    }

    /** Reads from an LSN to the end. */
    void read(final long fromLsn) {
        final long failureCount = disk.failureCount();
        call(
                () -> {
                    try (LogReader reader = store.reader(fromLsn)) {
                        read(fromLsn, reader);
                    } catch (final StorageException e) {
                        if (disk.failureCount() == failureCount) {
                            throw e;
                        }
                    } catch (final LogTrimmedException e) {
                        if (fromLsn >= oracle.startLsn()) {
                            oracle.violation(
                                    "LSN " + fromLsn + " was to be read, but " + e.getMessage());
                        }
                    }
                });
    }

    /** Ends the log as a user does, and lets go of everything; does nothing when it is not open. */
    void close() {
        if (store == null) {
            return;
        }
        for (final Claim claim : claims) {
            if (!claim.published) {
                claim.publish();
            }
        }
        while (handleNext()) {
            // closing waits for those who are about to publish
        }
        if (isOpen()) {
            final AppendEvent slot = slots[(int) ((claimedLsn + 1) % SLOT_COUNT)];
            slot.release();
            slot.beginClose();
            handle(slot, true);
            if (isOpen()) {
                oracle.closed();
            }
        }
        call(() -> store.close());
        store = null;
        oracle.check();
        if (disk.isOn()) {
            checkNothingHeld();
            loseProcess(); // nothing more is lost than when a process dies
        }
    }

    void processCrash() {
        disk.processCrash();
        loseProcess();
        store = null;
    }

    void powerCut(final RandomGenerator random) {
        disk.powerCut(random);
        oracle.crashed(true);
        store = null;
    }

    private void checkNothingHeld() {
        if (disk.isOn() && !disk.held().isEmpty()) {
            oracle.violation("still held: " + disk.held());
            oracle.check();
        }
    }

    private void loseProcess() {
        cacheReverted |=
                disk.isRevertedByFailedForce() && disk.failedForceCount() > failedForceCount;
        oracle.crashed(cacheReverted);
    }

    private boolean isNextPublished() {
        return !claims.isEmpty() && claims.peek().published;
    }

    private void handle(final Claim claim, final boolean endOfBatch) {
        final AppendEvent slot = claim.slot;
        oracle.appended(slot.lsn(), claim.kind, claim.id, slot.payloadLength());
        handle(slot, endOfBatch);
    }

    private void handle(final AppendEvent slot, final boolean endOfBatch) {
        call(() -> store.onEvent(slot, sequence, endOfBatch));
        sequence++;
    }

    private void call(final StoreCall call) {
        letTimePass();
        try {
            call.run();
        } catch (final PowerLoss e) {
            // seen by the state of the disk
        } catch (final Exception e) {
            throw new AssertionError("the store threw " + e, e);
        }
        oracle.check();
    }

    /** What was due after a nanosecond is due now, however coarse the clock. */
    private static void letTimePass() {
        final long nowNs = System.nanoTime();
        while (System.nanoTime() == nowNs) {
            Thread.onSpinWait();
        }
    }

    private void read(final long fromLsn, final LogReader reader) {
        final long[] next = {fromLsn};
        while (reader.poll(
                        (lsn, kind, buffer, offset, length) -> {
                            oracle.read(lsn, kind, buffer, offset, length);
                            checkSkipped(next[0], lsn);
                            next[0] = lsn + 1;
                        },
                        10)
                > 0) {
            oracle.check();
        }
        checkSkipped(next[0], oracle.durableLsn() + 1);
    }

    private void checkSkipped(final long fromLsn, final long toLsn) {
        for (long lsn = fromLsn; lsn < toLsn; lsn++) {
            if (oracle.isReadable(lsn)) {
                oracle.violation("LSN " + lsn + " was not read");
            }
        }
    }

    /** A call of the store that may throw. */
    @FunctionalInterface
    private interface StoreCall {
        void run() throws Exception;
    }
}
