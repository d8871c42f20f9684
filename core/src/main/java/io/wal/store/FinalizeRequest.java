package io.wal.store;

import io.wal.WalException;
import java.util.concurrent.CompletableFuture;

/** A checkpoint to be finalized, and the future that says when that is durable. */
public final class FinalizeRequest {
    private final long startLsn;
    private final long endLsn;
    private final CompletableFuture<Long> future = new CompletableFuture<>();

    /**
     * Creates the request.
     *
     * @param startLsn first LSN that the checkpoint covers.
     * @param endLsn last LSN that must be written before the checkpoint counts; at least {@code
     *     startLsn - 1}.
     */
    public FinalizeRequest(final long startLsn, final long endLsn) {
        this.startLsn = startLsn;
        this.endLsn = endLsn;
    }

    /**
     * The first LSN that the checkpoint covers.
     *
     * @return the LSN.
     */
    public long startLsn() {
        return startLsn;
    }

    /**
     * The last LSN that must be written before the checkpoint counts.
     *
     * @return the LSN.
     */
    public long endLsn() {
        return endLsn;
    }

    /**
     * Completed with the start LSN when the checkpoint is durable, or with the failure.
     *
     * @return the future.
     */
    public CompletableFuture<Long> future() {
        return future;
    }

    /** Called by the store when the finalized checkpoint is durable. */
    public void succeeded() {
        future.complete(startLsn);
    }

    /**
     * Called by the store when the checkpoint was not finalized, or not known to be.
     *
     * @param cause why.
     */
    public void failed(final WalException cause) {
        future.completeExceptionally(cause);
    }
}
