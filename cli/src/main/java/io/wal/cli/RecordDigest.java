package io.wal.cli;

import io.wal.CorruptLogException;
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
 * What two logs must have in common to deliver the same: LSN, kind and payload of every entry of a
 * range, and the checkpoint that recovery goes by.
 */
final class RecordDigest implements RecordVisitor {
    private static final int PROGRESS_MASK = 0x3FF;

    private final long fromLsn;
    private final LongConsumer progress;
    private final MessageDigest digest;
    private final ByteBuffer head = ByteBuffer.allocate(Long.BYTES + 1 + Integer.BYTES);
    private byte[] payload = new byte[4096];
    private long count;
    private long checkpointLsn;
    private long endLsn;
    private Damage damage;

    /** Takes note of checkpoints that end at this LSN or behind it. */
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
        if (kind.isEntry()) {
            add(lsn, kind, buffer, offset, length);
            if ((++count & PROGRESS_MASK) == 0) {
                progress.accept(lsn);
            }
        } else if (kind == RecordKind.FINALIZE && lsn >= fromLsn) {
            checkpointLsn = CopyTarget.startLsnOf(buffer, offset);
            endLsn = lsn;
        }
    }

    @Override
    public void onDamage(final Damage found) {
        damage = damage == null ? found : damage;
    }

    /** When the log was damaged, that explains why it is not the same as another. */
    void throwDamage() {
        if (damage != null) {
            throw new CorruptLogException(
                    damage.segment(), damage.offset(), damage.lsn(), damage.reason());
        }
    }

    /** Of what was visited; the same for the same. */
    String result() {
        return count
                + " "
                + checkpointLsn
                + " "
                + endLsn
                + " "
                + HexFormat.of().formatHex(digest.digest());
    }

    private void add(
            final long lsn,
            final RecordKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        head.clear().putLong(lsn).put((byte) kind.ordinal()).putInt(length).flip();
        digest.update(head);
        if (payload.length < length) {
            payload = new byte[length];
        }
        buffer.getBytes(offset, payload, 0, length);
        digest.update(payload, 0, length);
    }
}
