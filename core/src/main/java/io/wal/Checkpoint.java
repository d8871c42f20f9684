package io.wal;

import io.wal.record.RecordKind;
import java.util.concurrent.CompletableFuture;
import org.agrona.DirectBuffer;

/**
 * A checkpoint that was started: its entries are appended here, then it is finalized or discarded.
 * Until it is finalized, and when the process dies before, recovery goes by the checkpoint before
 * it.
 *
 * <p>Data entries may be appended to the log meanwhile; recovery delivers those from {@link
 * #startLsn()} on together with the entries of the checkpoint, in LSN order. Any thread may append;
 * an append that still waits for space when the checkpoint is finalized or discarded comes too late
 * and throws.
 */
public final class Checkpoint implements AutoCloseable {
    private final WriteAheadLog log;
    private final long startLsn;
    private boolean open = true;

    Checkpoint(final WriteAheadLog log, final long startLsn) {
        this.log = log;
        this.startLsn = startLsn;
    }

    /**
     * Where the checkpoint begins: recovery delivers from here on once it is finalized.
     *
     * @return the LSN that follows the last one queued when the checkpoint was started.
     */
    public long startLsn() {
        return startLsn;
    }

    /**
     * Appends an entry of the checkpoint, waiting for space in the queue if need be.
     *
     * @param buffer that holds the payload; copied before this returns.
     * @param offset of the payload.
     * @param length of the payload in bytes.
     * @return the LSN of the entry.
     * @throws IllegalStateException when the checkpoint was finalized or discarded.
     * @throws WalException when the log is closed, full or has failed.
     */
    public long append(final DirectBuffer buffer, final int offset, final int length) {
        return append(buffer, offset, length, null);
    }

    /**
     * Appends an entry of the checkpoint, waiting for space in the queue if need be.
     *
     * @param buffer that holds the payload; copied before this returns.
     * @param offset of the payload.
     * @param length of the payload in bytes.
     * @param completion told when the entry is durable; null for none.
     * @return the LSN of the entry.
     * @throws IllegalStateException when the checkpoint was finalized or discarded.
     * @throws WalException when the log is closed, full or has failed.
     */
    public long append(
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Completion completion) {
        int tries = 0;
        long result;
        do {
            result = offer(buffer, offset, length, completion);
        } while (log.isToBeRetried(result, tries++));
        return result;
    }

    /**
     * Makes the checkpoint count, in one atomic step, and waits until that is durable. What lies
     * before {@link #startLsn()} is released afterwards, in the background.
     *
     * @throws IllegalStateException when the checkpoint was finalized or discarded.
     * @throws WalException when the log is closed or has failed; the checkpoint may then count or
     *     not.
     */
    public void finalizeCheckpoint() {
        log.checkMayWait("finalizeCheckpoint");
        WriteAheadLog.join(end());
    }

    /**
     * Makes the checkpoint count, in one atomic step.
     *
     * @return completed with {@link #startLsn()} when that is durable, or with the failure. Its
     *     dependent actions run on the default executor of {@link CompletableFuture}, for the log's
     *     threads have no time for them.
     * @throws IllegalStateException when the checkpoint was finalized or discarded.
     */
    public CompletableFuture<Long> finalizeAsync() {
        return end().whenCompleteAsync((lsn, failure) -> {});
    }

    /**
     * Gives the checkpoint up: its entries are never delivered. Does nothing when it was finalized
     * or given up.
     */
    public synchronized void discard() {
        if (open) {
            open = false;
            log.endCheckpoint(this);
        }
    }

    /** Discards the checkpoint unless it was finalized. */
    @Override
    public void close() {
        discard();
    }

    /**
     * Not under the lock: the wait for space. It may depend on a completion that wants to append
     * here.
     */
    private synchronized long offer(
            final DirectBuffer buffer,
            final int offset,
            final int length,
            final Completion completion) {
        checkOpen();
        return log.offer(
                RecordKind.CHECKPOINT, buffer, offset, length, Durability.FORCED, completion, null);
    }

    private synchronized CompletableFuture<Long> end() {
        checkOpen();
        open = false;
        return log.finalizeCheckpoint(this);
    }

    private void checkOpen() {
        if (!open) {
            throw new IllegalStateException(
                    "the checkpoint that starts at LSN " + startLsn + " has ended");
        }
    }
}
