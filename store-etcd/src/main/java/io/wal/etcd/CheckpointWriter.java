package io.wal.etcd;

import io.wal.CorruptLogException;
import io.wal.WalException;
import io.wal.store.FinalizeRequest;

/**
 * Finalizes checkpoints: one transaction of its own, which puts the checkpoint and the point where
 * the log begins now.
 *
 * <p>It is sent when everything up to the checkpoint's end is acknowledged, and not before. Batches
 * are stored in any order, so a checkpoint that went with a batch could count while a batch before
 * it is missing: recovery would cut the log there, and what came before the checkpoint would be
 * gone as well. Appending goes on meanwhile.
 *
 * <p>For the same reason the FINALIZE record is no part of a batch. The {@code cp} key says the
 * same, and looking at the log shows it as that record.
 */
final class CheckpointWriter {
    private final Writing writing;
    private final CommitWindow window;
    private final BatchIndex index;
    private final Trimmer trimmer;
    private final CommitWindow.Ending ending;
    private final Timing.Signal signal;
    private final CheckpointFate fate;
    private final long epoch;
    private long checkpointRevision;
    private FinalizeRequest underWay;
    private long revisionBefore; // when it was sent
    private boolean sent;
    private Runnable next;

    CheckpointWriter(
            final Writing writing,
            final CommitWindow window,
            final BatchIndex index,
            final Trimmer trimmer,
            final CommitWindow.Ending ending,
            final Timing.Signal signal,
            final CheckpointFate fate,
            final LogRecovery.Result recovered) {
        this.writing = writing;
        this.window = window;
        this.index = index;
        this.trimmer = trimmer;
        this.ending = ending;
        this.signal = signal;
        this.fate = fate;
        epoch = recovered.log().generation();
        checkpointRevision = recovered.state().checkpointRevision();
    }

    /**
     * Finalizes a checkpoint whose last entry has an LSN that was given to the window or will be.
     */
    void finalizeCheckpoint(final FinalizeRequest request, final long endLsn) {
        synchronized (this) {
            underWay = request;
            sent = false;
        }
        window.whenDurable(endLsn, () -> send(request, endLsn));
    }

    synchronized boolean isIdle() {
        return underWay == null;
    }

    /**
     * This writer was deposed, and sends nothing any more. The log fails when it is known whether
     * the checkpoint that was being finalized counts: what is left unanswered here does not.
     *
     * @param failing fails the log.
     */
    void settle(final Runnable failing) {
        final FinalizeRequest request;
        final long before;
        synchronized (this) {
            if (next != null) {
                return; // what was told first is known better than what is told now
            }
            request = sent ? underWay : null;
            before = revisionBefore;
            next = failing;
        }
        if (request == null) {
            fail();
            return;
        }
        fate.find(
                before,
                new CheckpointFate.Listener() {
                    @Override
                    public void onFinalized() {
                        request.succeeded();
                        fail();
                    }

                    @Override
                    public void onNotFinalized() {
                        fail();
                    }

                    @Override
                    public void onUnknown(final WalException cause) {
                        request.failed(cause);
                        fail();
                    }
                });
    }

    /** Nobody waits any longer for what becomes of a checkpoint. */
    void abandon(final WalException cause) {
        final FinalizeRequest request;
        synchronized (this) {
            request = next == null ? null : underWay;
        }
        if (request != null) {
            request.failed(cause);
        }
        fail();
    }

    private void fail() {
        final Runnable failing;
        synchronized (this) {
            failing = next;
            next = null;
        }
        if (failing != null) {
            failing.run();
        }
    }

    private void send(final FinalizeRequest request, final long endLsn) {
        synchronized (this) {
            sent = true;
            revisionBefore = checkpointRevision;
        }
        final KeyLayout keys = writing.keys();
        final FinalizedCheckpoint checkpoint =
                new FinalizedCheckpoint(request.startLsn(), endLsn, epoch);
        final TrimPoint trim = new TrimPoint(request.startLsn(), index.batchOf(request.startLsn()));
        final KvTxn txn =
                writing.fence()
                        .txn(
                                KvCompare.unchangedSince(keys.checkpoint(), lastRevision()),
                                KvOp.put(keys.checkpoint(), checkpoint.encode()),
                                KvOp.put(keys.trim(), trim.encode()));
        writing.courier()
                .deliver(
                        txn,
                        "finalize a checkpoint of",
                        new TxnCourier.Receiver() {
                            @Override
                            public void onVerdict(
                                    final Fence.Verdict verdict, final long revision) {
                                switch (verdict) {
                                    case APPLIED -> onApplied(request, trim, revision);
                                    case DEPOSED -> ending.onDeposed();
                                    case CONFLICT ->
                                            ending.onFailure(
                                                    new CorruptLogException(
                                                            keys.checkpoint(),
                                                            0,
                                                            request.startLsn(),
                                                            "the checkpoint is not as this writer found it"));
                                }
                            }

                            @Override
                            public void onFailure(final WalException failure) {
                                ending.onFailure(failure);
                            }
                        });
    }

    private void onApplied(
            final FinalizeRequest request, final TrimPoint trim, final long revision) {
        synchronized (this) {
            checkpointRevision = revision;
        }
        request.succeeded();
        synchronized (this) { // only now: whoever settles meanwhile must not say that it failed
            if (underWay == request) {
                underWay = null;
            }
        }
        signal.raise();
        trimmer.trim(trim, revision);
    }

    private synchronized long lastRevision() {
        return checkpointRevision;
    }
}
