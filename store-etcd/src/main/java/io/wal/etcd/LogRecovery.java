package io.wal.etcd;

import io.wal.CorruptLogException;
import io.wal.LogInUseException;
import io.wal.RecoveredLog;
import io.wal.inspect.Damage;
import java.util.List;

/**
 * Finds the end of a log whose epoch was taken, cuts off what lies behind, and begins the epoch.
 *
 * <p>First the fence, then the reading: from the revision of the fence on no transaction of an
 * earlier epoch has an effect, so what is read then is all that will ever be. What is cut off was
 * never acknowledged, for it lies behind a hole; and it can never come back.
 */
final class LogRecovery {
    private final Calls calls;
    private final KeyLayout keys;
    private final Ownership ownership;
    private final EtcdStoreContext context;
    private final Sweep sweep;
    private final BatchIndex index = new BatchIndex();

    /**
     * What was found.
     *
     * @param state the small values.
     * @param logId of the log.
     * @param log what callers are told.
     * @param index of the batches.
     * @param revision at which the epoch began, and so at which the log can be read.
     */
    record Result(LogState state, long logId, RecoveredLog log, BatchIndex index, long revision) {}

    LogRecovery(
            final Calls calls,
            final KeyLayout keys,
            final Ownership ownership,
            final EtcdStoreContext context) {
        this.calls = calls;
        this.keys = keys;
        this.ownership = ownership;
        this.context = context;
        sweep = new Sweep(calls, ownership.fence());
    }

    Result run() {
        final LogState state = LogState.read(calls, keys);
        if (state.epochRevision() != ownership.fence().revision()) {
            throw new LogInUseException(
                    calls.location(), "another that took it while it was opened");
        }
        return state.registration() == null ? create(state) : recover(state);
    }

    private Result create(final LogState state) {
        final long firstLsn = context.firstLsn();
        final KvCompare stillNone = KvCompare.absent(keys.registration());
        sweep.delete(keys.batchesBegin(), keys.batchesEnd(), stillNone);
        sweep.delete(keys.epochStartsBegin(), keys.epochStartsEnd(), stillNone);
        sweep.run(
                ownership
                        .fence()
                        .txn(
                                stillNone,
                                new KvOp.Delete(keys.checkpoint(), null),
                                firstLsn == 1
                                        ? new KvOp.Delete(keys.trim(), null)
                                        : KvOp.put(
                                                keys.trim(),
                                                new TrimPoint(firstLsn, firstLsn).encode()),
                                new KvOp.Delete(keys.closed(), null),
                                KvOp.put(
                                        keys.epochStart(epoch()),
                                        start(state, firstLsn, 0).encode()),
                                KvOp.put(keys.registration(), registration().encode())));
        final LogState created = LogState.read(calls, keys);
        final RecoveredLog log =
                new RecoveredLog(firstLsn, firstLsn - 1, epoch(), RecoveredLog.Tail.EMPTY);
        return new Result(created, created.registration().logId(), log, index, created.revision());
    }

    private Result recover(final LogState state) {
        final LogScanner scanner = new LogScanner(state, keys, new Sink());
        final PageReader pages =
                new PageReader(
                        calls,
                        keys,
                        state.trim().batchLsn(),
                        ownership.fence().revision(),
                        true,
                        context.pageLength());
        for (List<KvEntry> page = pages.next(); !page.isEmpty(); page = pages.next()) {
            page.forEach(scanner::onEntry);
        }
        scanner.onEnd();
        final long lastLsn = scanner.lastLsn();
        sweepTrimmed(state);
        final String key = keys.epochStart(epoch());
        final EpochStart start = start(state, lastLsn + 1, state.lastStart().epoch());
        final long revision =
                sweep.run(
                        ownership
                                .fence()
                                .txn(
                                        KvCompare.absent(key),
                                        new KvOp.Delete(keys.batch(lastLsn + 1), keys.batchesEnd()),
                                        new KvOp.Delete(keys.closed(), null),
                                        KvOp.put(key, start.encode())));
        final RecoveredLog log =
                new RecoveredLog(state.trim().firstLsn(), lastLsn, epoch(), tail(state, scanner));
        return new Result(state, state.registration().logId(), log, index, revision);
    }

    /** What a writer left that died while it released the space before its checkpoint. */
    private void sweepTrimmed(final LogState state) {
        if (state.trimRevision() != 0) {
            sweep.delete(
                    keys.batchesBegin(),
                    keys.batch(state.trim().batchLsn()),
                    KvCompare.unchangedSince(keys.trim(), state.trimRevision()));
        }
    }

    private RecoveredLog.Tail tail(final LogState state, final LogScanner scanner) {
        if (scanner.lastLsn() == 0) {
            return RecoveredLog.Tail.EMPTY;
        }
        if (scanner.tornCount() > 0) {
            return RecoveredLog.Tail.TORN;
        }
        return state.closed() == null ? RecoveredLog.Tail.WHOLE : RecoveredLog.Tail.CLOSED;
    }

    private long epoch() {
        return ownership.epoch().number();
    }

    private EpochStart start(final LogState state, final long firstLsn, final long previous) {
        return new EpochStart(
                epoch(),
                firstLsn,
                previous,
                state.clusterId(),
                calls.timing().currentTimeMillis(),
                ownership.owner().describe(),
                state.checkpointRevision());
    }

    /**
     * The incarnation is as random as a name can be, so the id of a log made from it is its own.
     */
    private Registration registration() {
        long id = 0xcbf29ce484222325L; // FNV-1a
        for (final char c : ownership.epoch().incarnation().toCharArray()) {
            id = (id ^ c) * 0x100000001b3L;
        }
        return new Registration(id, Registration.VERSION, calls.timing().currentTimeMillis());
    }

    private final class Sink implements LogScanner.Sink {
        @Override
        public void onBatch(final KvEntry entry, final BatchView view) {
            final BatchView.Flaw flaw = view.forEachRecord(BatchView.RecordHandler.NONE);
            if (flaw != null) {
                throw new CorruptLogException(
                        entry.key(), flaw.offset(), flaw.lsn(), flaw.reason());
            }
            index.add(view.firstLsn(), view.lastLsn());
        }

        @Override
        public void onDamage(final Damage damage) {
            throw new CorruptLogException(
                    damage.segment(), damage.offset(), damage.lsn(), damage.reason());
        }
    }
}
