package io.wal.etcd;

import io.wal.CorruptLogException;
import io.wal.EntryHandler;
import io.wal.FencedException;
import io.wal.LogInUseException;
import io.wal.LogReader;
import io.wal.RecoveredLog;
import io.wal.StorageException;
import io.wal.WalException;
import io.wal.store.AppendEvent;
import io.wal.store.FinalizeRequest;
import io.wal.store.GroupCommitStore;
import java.util.concurrent.TimeoutException;

/**
 * Keeps a log in etcd: it survives the loss of machines, and has one writer at a time out of any
 * number.
 *
 * <p>A batch is one value, stored by one transaction. A few are under way at a time, in any order;
 * they are acknowledged in the order of their LSNs. While all are under way the next batch grows.
 * Every transaction holds only while nobody else has taken the log's epoch, so a writer that was
 * deposed does no harm, however late its requests arrive. Being acknowledged means, for either
 * {@link io.wal.Durability}, that a majority of the members has the entry on its disks.
 *
 * <p>The store's thread fills batches ({@link BatchWriter}) and offers them to the {@link
 * CommitWindow}; the answers come on threads of the client and are acknowledged there. What else
 * goes on is in the background: the lease ({@link LeaseKeeper}), checkpoints ({@link
 * CheckpointWriter}), and releasing space ({@link Trimmer}).
 */
public final class EtcdLogStore extends GroupCommitStore {
    private final EtcdStoreContext context;
    private final KeyLayout keys;
    private EtcdKv kv;
    private Timing timing;
    private Timing.Signal signal;
    private Calls calls;
    private LeaseKeeper leaseKeeper;
    private Writing writing;
    private LogRecovery.Result recovered;
    private BatchWriter batch;
    private CommitWindow window;
    private CheckpointWriter checkpoints;
    private volatile WriterEnd end;
    private volatile boolean closed;

    /**
     * Creates a store for one log. Nothing is connected yet.
     *
     * @param context the settings, of which a copy is taken.
     * @throws IllegalArgumentException when a setting is out of range.
     */
    public EtcdLogStore(final EtcdStoreContext context) {
        this.context = context.copy(context.name()).conclude();
        keys = this.context.keys();
    }

    @Override
    public String name() {
        return context.name();
    }

    @Override
    public int maxPayloadLength() {
        return context.maxPayloadLength();
    }

    @Override
    public void replay(final EntryHandler handler) {
        new Replay(calls, keys, recovered, context.pageLength()).run(handler);
    }

    @Override
    public LogReader reader(final long fromLsn) {
        return new EtcdLogReader(calls, keys, fromLsn, context, new ReaderSource());
    }

    @Override
    public void abandon() {
        final WriterEnd writerEnd = end;
        if (writerEnd != null) {
            final StorageException cause =
                    new StorageException(
                            context.location(),
                            "append to",
                            new TimeoutException("no answer before the log was closed"));
            writerEnd.abandon(cause);
            checkpoints.abandon(cause);
        }
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (leaseKeeper != null) {
            leaseKeeper.stop();
        }
        if (writing != null) {
            writing.courier().close();
        }
        if (kv != null) {
            revokeLease();
            kv.close();
            timing.close();
        }
    }

    @Override
    public void remove() {
        try {
            LogRemoval.remove(calls, keys, context.newIncarnation(), writing.fence().revision());
        } finally {
            close();
        }
    }

    @Override
    public String toString() {
        return "EtcdLogStore{" + context.location() + '}';
    }

    @Override
    protected RecoveredLog openLog() {
        kv = context.clientContext().connect();
        timing = context.newTiming();
        signal = timing.newSignal();
        calls = new Calls(kv, timing, context);
        leaseKeeper = new LeaseKeeper(kv, timing, context);
        try {
            final Ownership ownership = Ownership.acquire(calls, keys, context, leaseKeeper);
            recovered = new LogRecovery(calls, keys, ownership, context).run();
            beginWriting(ownership);
            return recovered.log();
        } catch (final Throwable t) {
            close();
            throw t;
        }
    }

    @Override
    protected void write(final AppendEvent event) throws Exception {
        try {
            if (!batch.hasRoomFor(event.frameLength())) {
                sendBatch();
            }
            batch.add(event);
        } catch (final Throwable t) {
            end.stop(t);
            throw t;
        }
    }

    @Override
    protected void commit(final boolean force, final FinalizeRequest finalize) throws Exception {
        guarded(
                () -> {
                    trySendBatch();
                    if (finalize != null) {
                        checkpoints.finalizeCheckpoint(finalize, lastLsn());
                    }
                });
    }

    @Override
    protected void doIdleWork(final long nowNs) throws Exception {
        guarded(this::trySendBatch);
    }

    @Override
    protected void closeLog() throws Exception {
        guarded(
                () -> {
                    sendBatch();
                    signal.await(() -> isAcknowledged() || end.cause() != null, Long.MAX_VALUE);
                    if (!isAcknowledged()) {
                        throw endCause();
                    }
                });
        leaveCleanEnd();
    }

    @Override
    protected long durableLsn() {
        return window.durableLsn();
    }

    private void beginWriting(final Ownership ownership) {
        final long lastLsn = recovered.log().lastLsn();
        final ClusterLineage lineage =
                new ClusterLineage(
                        context.location(), recovered.state().clusterId(), recovered.revision());
        end = new WriterEnd(this::failFrom, signal);
        final TxnCourier courier =
                new TxnCourier(
                        kv, timing, ownership.fence(), lineage, context, progress()::stalled);
        writing = new Writing(ownership.fence(), courier, keys);
        window =
                new CommitWindow(
                        context.window(),
                        lastLsn,
                        writing,
                        progress(),
                        signal,
                        recovered.index(),
                        end);
        final PatientReads patientReads = new PatientReads(kv, timing, context);
        end.connect(
                window,
                new SuccessorInquiry(
                        patientReads,
                        keys,
                        recovered.logId(),
                        ownership.epoch().number(),
                        context.location(),
                        this::onDeposedOutcome),
                courier);
        final Trimmer trimmer =
                new Trimmer(
                        kv,
                        timing,
                        writing,
                        recovered.index(),
                        recovered.state().epochStarts(),
                        context.compactAfterTrim());
        checkpoints =
                new CheckpointWriter(
                        writing,
                        window,
                        recovered.index(),
                        trimmer,
                        end,
                        signal,
                        new CheckpointFate(
                                patientReads,
                                keys,
                                recovered.logId(),
                                ownership.epoch().number(),
                                context.location()),
                        recovered);
        batch =
                new BatchWriter(
                        recovered.logId(), ownership.epoch().number(), context.maxBatchLength());
        leaseKeeper.guard(writing, ownership.owner().encode(), ownership.leaseId(), end::onDeposed);
        new SpaceWatch(kv, timing, context).begin();
    }

    /** What became of the entries is known; what of a checkpoint is to be found out. */
    private void onDeposedOutcome(final long lastKeptLsn, final WalException cause) {
        if (cause instanceof FencedException) {
            checkpoints.settle(() -> end.onOutcome(lastKeptLsn, cause));
        } else {
            end.onOutcome(lastKeptLsn, cause);
        }
    }

    /**
     * Sends the batch if there is room; if not, it grows, and the store's thread is woken when
     * there is.
     */
    private void trySendBatch() {
        if (!batch.isEmpty() && window.offer(batch.lastLsn(), batch)) {
            batch.clear();
        }
    }

    /** Sends the batch, or lets it wait to be sent; waits for room. */
    private void sendBatch() throws WalException {
        while (!batch.isEmpty() && !window.enqueue(batch.lastLsn(), batch)) {
            signal.await(() -> window.hasRoom() || end.cause() != null, Long.MAX_VALUE);
            if (end.cause() != null) {
                throw endCause();
            }
        }
        batch.clear();
    }

    private boolean isAcknowledged() {
        return window.isOpen() && window.isEmpty() && checkpoints.isIdle();
    }

    private RuntimeException endCause() {
        return end.cause() instanceof RuntimeException failure
                ? failure
                : new IllegalStateException(end.cause());
    }

    /** Whatever fails on the store's thread, nothing may be acknowledged after it on another. */
    private void guarded(final Step step) throws Exception {
        try {
            step.run();
        } catch (final Throwable t) {
            end.stop(t);
            throw t;
        }
    }

    /**
     * Everything is acknowledged. Whether the proof of it can be left or not, the log is closed
     * well.
     */
    private void leaveCleanEnd() {
        leaseKeeper.stop();
        final CleanEnd cleanEnd = new CleanEnd(recovered.log().generation(), window.durableLsn());
        final KvTxn txn =
                writing.fence()
                        .txn(
                                KvCompare.absent(keys.closed()),
                                KvOp.put(keys.closed(), cleanEnd.encode()),
                                new KvOp.Delete(keys.owner(), null));
        try {
            new Sweep(calls, writing.fence()).run(txn);
        } catch (final StorageException | LogInUseException | CorruptLogException e) {
            context.warn(
                    context.location()
                            + " was closed, but that could not be recorded: "
                            + e.getMessage());
        }
    }

    private void revokeLease() {
        if (leaseKeeper.leaseId() != 0) {
            try {
                calls.await(kv.revoke(leaseKeeper.leaseId()));
            } catch (final KvException e) {
                // it runs out by itself
            }
        }
    }

    /** Readers beside the writer see what was acknowledged, and go with the store. */
    private final class ReaderSource implements EtcdLogReader.Source {
        @Override
        public long limitLsn() {
            return window.readableLsn();
        }

        @Override
        public boolean isClosed() {
            return closed;
        }

        @Override
        public void onReaderClosed() {
            // the connection is the store's
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }
}
