package io.wal;

import io.wal.record.RecordDescriptor;
import org.agrona.MutableDirectBuffer;

/**
 * Space claimed in the log's queue, for writing a payload in place. Make one for each producer
 * thread and use it again and again with {@link WriteAheadLog#tryClaim}.
 *
 * <p>A claim must be ended soon by {@link #commit()} or {@link #abort()}: what is appended after it
 * by anyone is neither written nor acknowledged before.
 */
public final class AppendClaim {
    private WriteAheadLog log;
    private long sequence;
    private long lsn;
    private MutableDirectBuffer buffer;
    private int length;

    /** Creates a claim that holds nothing. */
    public AppendClaim() {}

    /**
     * The buffer to write the payload to, from {@link #offset()} on. Not to be touched after the
     * claim was ended. It covers a part of its {@code byteArray()}: whoever writes to that directly
     * must add {@code wrapAdjustment()} to the offset, or overwrites entries of others.
     *
     * @return the buffer; null when nothing is claimed.
     */
    public MutableDirectBuffer buffer() {
        return buffer;
    }

    /**
     * Where the payload begins in the buffer.
     *
     * @return the offset in bytes, a multiple of 8.
     */
    public int offset() {
        return RecordDescriptor.HEADER_LENGTH;
    }

    /**
     * The length of the payload.
     *
     * @return bytes.
     */
    public int length() {
        return length;
    }

    /**
     * The LSN of the entry.
     *
     * @return the LSN; 0 when nothing is claimed.
     */
    public long lsn() {
        return lsn;
    }

    /**
     * Appends the entry.
     *
     * @throws IllegalStateException when nothing is claimed.
     */
    public void commit() {
        takeLog().commitClaim(sequence);
    }

    /**
     * Gives the claim up. Its LSN is used up and never delivered. Does nothing when nothing is
     * claimed.
     */
    public void abort() {
        if (log != null) {
            takeLog().abortClaim(sequence);
        }
    }

    void hold(
            final WriteAheadLog claimedLog,
            final long claimedSequence,
            final long claimedLsn,
            final MutableDirectBuffer claimedBuffer,
            final int claimedLength) {
        log = claimedLog;
        sequence = claimedSequence;
        lsn = claimedLsn;
        buffer = claimedBuffer;
        length = claimedLength;
    }

    boolean isHeld() {
        return log != null;
    }

    private WriteAheadLog takeLog() {
        final WriteAheadLog taken = log;
        if (taken == null) {
            throw new IllegalStateException("nothing is claimed: the claim was ended already");
        }
        log = null;
        buffer = null;
        lsn = RecordDescriptor.NULL_LSN;
        return taken;
    }
}
