package io.wal.cli;

import io.wal.AppendClaim;
import io.wal.Checkpoint;
import io.wal.Durability;
import io.wal.WriteAheadLog;
import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import org.agrona.DirectBuffer;

/**
 * The log that a copy is written to: takes the records of the source in their order, and makes of
 * each the same in the target, with the same LSN. One thread.
 */
final class CopyTarget implements AutoCloseable {
    private final LogSession session;
    private final WriteAheadLog log;
    private final AppendClaim claim = new AppendClaim();
    private final long openedLsn;
    private long startLsn;
    private long checkpointLsn;
    private long endLsn;
    private Checkpoint checkpoint;
    private long entryCount;
    private long byteCount;

    CopyTarget(final LogSession session) {
        this.session = session;
        log = session.log();
        openedLsn = log.lastLsn();
        startLsn = session.recovered().startLsn();
    }

    /** What a FINALIZE record says of its checkpoint. */
    static long startLsnOf(final DirectBuffer buffer, final int payloadOffset) {
        return MarkerDescriptor.get(
                buffer,
                payloadOffset - RecordDescriptor.HEADER_LENGTH,
                MarkerDescriptor.START_LSN_OFFSET);
    }

    /** The last LSN there was when the target was opened. */
    long openedLsn() {
        return openedLsn;
    }

    /** Where recovery begins. */
    long startLsn() {
        return startLsn;
    }

    long entryCount() {
        return entryCount;
    }

    long byteCount() {
        return byteCount;
    }

    /** Whether a log that was read has the checkpoint that was finalized here, if any was. */
    boolean hasSameCheckpoint(final RecordDigest read) {
        return checkpointLsn == 0
                || read.checkpointLsn() == checkpointLsn && read.endLsn() == endLsn;
    }

    /** Takes the entry that comes next. */
    void append(
            final RecordKind kind, final DirectBuffer buffer, final int offset, final int length) {
        if (length > log.maxPayloadLength()) {
            throw new CopyException(
                    "LSN "
                            + (log.lastLsn() + 1)
                            + " has "
                            + length
                            + " bytes, and the target takes "
                            + log.maxPayloadLength()
                            + " at most");
        }
        switch (kind) {
            case DATA -> log.append(buffer, offset, length);
            case CHECKPOINT -> {
                if (checkpoint == null) {
                    checkpoint = log.startCheckpoint();
                }
                checkpoint.append(buffer, offset, length);
            }
            default -> appendVoid();
        }
        entryCount++;
        byteCount += length;
    }

    /**
     * Takes the end of a checkpoint, behind the last entry. One that starts before the last that is
     * finalized is of no use any more, nor is an empty one where the log begins.
     */
    void finalizeCheckpoint(final long checkpointStartLsn) {
        discardCheckpoint();
        if (checkpointStartLsn < startLsn
                || checkpointStartLsn == startLsn && log.lastLsn() < startLsn) {
            return;
        }
        log.resumeCheckpoint(checkpointStartLsn).finalizeCheckpoint(); // behind this, no other
        startLsn = checkpointStartLsn;
        checkpointLsn = checkpointStartLsn;
        endLsn = log.lastLsn();
    }

    /** Waits until all is durable, and closes the log. */
    void finish() {
        discardCheckpoint();
        session.drain(() -> false);
        session.close();
    }

    /** For when another failure is to be told. */
    @Override
    public void close() {
        session.closeQuietly();
    }

    private void discardCheckpoint() {
        if (checkpoint != null) {
            checkpoint.discard(); // its entries stay; whether they count is said later, if ever
            checkpoint = null;
        }
    }

    private void appendVoid() {
        while (log.tryClaim(0, Durability.FORCED, null, claim) < 0) {
            log.flush(); // makes room, or says why there is none
        }
        claim.abort();
    }
}
