package io.wal.cli;

import io.wal.inspect.Damage;
import io.wal.inspect.RecordVisitor;
import io.wal.record.RecordKind;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.LongConsumer;
import org.agrona.DirectBuffer;

/**
 * What two logs must have in common to deliver the same: LSN, kind and payload of every entry from
 * an LSN on, and the checkpoint that recovery goes by. One thread.
 */
final class RecordDigest implements RecordVisitor {
    private static final int PROGRESS_MASK = 0x3FF;

    private final long fromLsn;
    private final LongConsumer progress;
    private final MessageDigest digest;
    private final ByteBuffer head = ByteBuffer.allocate(Long.BYTES + 1 + Integer.BYTES);
    private byte[] payload = new byte[4096];
    private long count;
    private long firstLsn;
    private long lastCheckpointEntryLsn;
    private long checkpointLsn;
    private long endLsn;

    /**
     * Takes note of entries from an LSN on, and of checkpoints that end there or behind it, or just
     * before: an empty checkpoint ends before it starts.
     *
     * @param fromLsn the LSN.
     * @param progress told the LSN now and then; it may throw.
     */
    RecordDigest(final long fromLsn, final LongConsumer progress) {
        this.fromLsn = fromLsn;
        this.progress = progress;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (final NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }

    @Override
    public void onRecord(
            final String segment,
            final long segmentOffset,
            final long lsn,
            final RecordKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (kind.isEntry() && lsn >= fromLsn) {
            add(lsn, kind, buffer, offset, length);
            if ((++count & PROGRESS_MASK) == 0) {
                progress.accept(lsn);
            }
        } else if (kind == RecordKind.FINALIZE && lsn >= fromLsn - 1) {
            checkpointLsn = CopyTarget.startLsnOf(buffer, offset);
            endLsn = lsn;
        }
    }

    @Override
    public void onDamage(final Damage found) {
        // what is damaged is not passed on, and so the result is another
    }

    /** Of the entries; the same for the same. To be called once. */
    String entries() {
        return count + " " + HexFormat.of().formatHex(digest.digest());
    }

    /** The first entry; 0 when there was none. */
    long firstLsn() {
        return firstLsn;
    }

    /** The last entry of a checkpoint, finalized or not; 0 when there was none. */
    long lastCheckpointEntryLsn() {
        return lastCheckpointEntryLsn;
    }

    /** Where the last finalized checkpoint starts; 0 when there was none. */
    long checkpointLsn() {
        return checkpointLsn;
    }

    /** Where it ends. */
    long endLsn() {
        return endLsn;
    }

    private void add(
            final long lsn,
            final RecordKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        firstLsn = firstLsn == 0 ? lsn : firstLsn;
        lastCheckpointEntryLsn = kind == RecordKind.CHECKPOINT ? lsn : lastCheckpointEntryLsn;
        head.clear().putLong(lsn).put((byte) kind.ordinal()).putInt(length).flip();
        digest.update(head);
        if (payload.length < length) {
            payload = new byte[length];
        }
        buffer.getBytes(offset, payload, 0, length);
        digest.update(payload, 0, length);
    }
}
