package io.wal.cli;

import io.wal.AppendClaim;
import io.wal.Checkpoint;
import io.wal.Durability;
import io.wal.LogReader;
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

    /** Whether there was nothing to recover when the target was opened. */
    boolean isEmpty() {
        return session.recovered().isEmpty();
    }

    /** The last LSN there is. */
    long lastLsn() {
        return log.lastLsn();
    }

    /** Where recovery began when the target was opened. */
    long startLsn() {
        return startLsn;
    }

    long entryCount() {
        return entryCount;
    }

    long byteCount() {
        return byteCount;
    }

    /** Whether the target ended with this entry when it was opened. */
    boolean endsWith(
            final long lsn,
            final RecordKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        final boolean[] same = {kind == RecordKind.VOID};
        try (LogReader reader = log.reader(lsn)) {
            reader.poll(
                    (at, entryKind, held, heldOffset, heldLength) ->
                            same[0] =
                                    entryKind.name().equals(kind.name())
                                            && heldLength == length
                                            && isEqual(held, heldOffset, buffer, offset, length),
                    1);
        }
        return same[0];
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
     * Takes the end of a checkpoint, behind the entry of its LSN. One that ends before the target
     * did when it was opened is there already.
     */
    void finalizeCheckpoint(final long lsn, final long checkpointLsn) {
        if (lsn < openedLsn || checkpointLsn < startLsn) {
            return;
        }
        discardCheckpoint();
        log.resumeCheckpoint(checkpointLsn).finalizeCheckpoint(); // behind this entry, no other
        startLsn = checkpointLsn;
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

    private static boolean isEqual(
            final DirectBuffer a,
            final int aOffset,
            final DirectBuffer b,
            final int bOffset,
            final int length) {
        for (int i = 0; i < length; i++) {
            if (a.getByte(aOffset + i) != b.getByte(bOffset + i)) {
                return false;
            }
        }
        return true;
    }
}
