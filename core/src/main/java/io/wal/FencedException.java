package io.wal;

/**
 * Another writer has taken over a distributed log: this one may no longer write, and nothing more
 * it wrote counts.
 */
public final class FencedException extends WalException {
    private static final long serialVersionUID = 1;

    /** The epoch of this writer. */
    private final long epoch;

    /** The epoch of its successor. */
    private final long successorEpoch;

    /** The last LSN of this writer that is in the log for good. */
    private final long lastKeptLsn;

    /**
     * Creates the exception.
     *
     * @param epoch of this writer.
     * @param successorEpoch of the writer that took over.
     * @param lastKeptLsn last LSN of this writer that is in the log for good, or -1 when that could
     *     not be learned.
     * @param message who took over, and what became of the entries in flight.
     */
    public FencedException(
            final long epoch,
            final long successorEpoch,
            final long lastKeptLsn,
            final String message) {
        super(message, null);
        this.epoch = epoch;
        this.successorEpoch = successorEpoch;
        this.lastKeptLsn = lastKeptLsn;
    }

    @Override
    FencedException forCaller() {
        return new FencedException(epoch, successorEpoch, lastKeptLsn, getMessage());
    }

    /**
     * The epoch of this writer.
     *
     * @return the epoch, from 1.
     */
    public long epoch() {
        return epoch;
    }

    /**
     * The epoch of the writer that took over.
     *
     * @return the epoch, greater than {@link #epoch()}.
     */
    public long successorEpoch() {
        return successorEpoch;
    }

    /**
     * The last LSN of this writer that is in the log for good; entries above it are not in the log
     * and never will be.
     *
     * @return the LSN, or -1 when that could not be learned.
     */
    public long lastKeptLsn() {
        return lastKeptLsn;
    }
}
