package io.wal.etcd;

import io.wal.LogNotFoundException;
import io.wal.inspect.CounterReport;
import io.wal.inspect.Damage;
import io.wal.inspect.LogInspector;
import io.wal.inspect.LogReport;
import io.wal.inspect.RecordVisitor;
import io.wal.record.RecordKind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.agrona.DirectBuffer;

/**
 * Looks at a log kept in etcd, at one revision and without ownership; never writes. The segments of
 * its reports are the epochs, those it visits are the batches. One thread at a time.
 */
public final class EtcdLogInspector implements LogInspector {
    private final EtcdStoreContext context;
    private final KeyLayout keys;
    private final Connection connection;

    /**
     * Creates an inspector. Nothing is asked yet.
     *
     * @param context of the log, of which a copy is taken.
     * @throws IllegalArgumentException when a setting is out of range.
     */
    public EtcdLogInspector(final EtcdStoreContext context) {
        this.context = context.copy(context.name()).conclude();
        keys = this.context.keys();
        connection = new Connection(this.context);
    }

    /**
     * The facts that are cheap to learn, without checking the records. The last LSN is that of the
     * last batch there is.
     *
     * @return the report.
     * @throws LogNotFoundException when there is no log.
     * @throws io.wal.StorageException when the cluster does not answer.
     */
    @Override
    public LogReport info() {
        final LogState state = state();
        final EpochReports epochs = new EpochReports(state);
        final BatchFinder finder = new BatchFinder(calls(), keys, state.revision());
        final long batchLsn = finder.lastBatch(state.trim().batchLsn());
        long lastLsn = state.trim().firstLsn() - 1;
        long durableLsn = state.provenLsn();
        final List<Damage> damages = new ArrayList<>();
        if (batchLsn != 0) {
            final KvPage page = calls().read(KvRange.of(keys.batch(batchLsn)).at(state.revision()));
            final BatchView view = new BatchView();
            final BatchView.Flaw flaw =
                    view.wrap(page.entry(), batchLsn, state.registration().logId());
            if (flaw == null) {
                lastLsn = view.lastLsn();
                durableLsn = Math.max(durableLsn, view.durableLsn());
            } else {
                damages.add(
                        new Damage(page.entry().key(), flaw.offset(), flaw.lsn(), flaw.reason()));
            }
        }
        return report(
                state,
                lastLsn,
                durableLsn,
                0,
                damages.isEmpty() ? LogReport.Verdict.UNCHECKED : LogReport.Verdict.DAMAGED,
                epochs,
                damages);
    }

    /**
     * Checks everything that is held.
     *
     * @param progress told the bytes checked so far, now and then.
     * @return the report, with every damage that was found.
     * @throws LogNotFoundException when there is no log.
     * @throws io.wal.StorageException when the cluster does not answer.
     */
    @Override
    public LogReport verify(final LongConsumer progress) {
        return inspect(
                1,
                Long.MAX_VALUE,
                new RecordVisitor() {
                    @Override
                    public void onRecord(
                            final String segment,
                            final long segmentOffset,
                            final long lsn,
                            final RecordKind kind,
                            final DirectBuffer buffer,
                            final int offset,
                            final int length) {
                        // checked before it comes here
                    }
                },
                progress);
    }

    /**
     * Visits what is held, in order, damage included. The finalized checkpoint shows as a record
     * behind its last entry.
     *
     * @param fromLsn first LSN to visit, from 1.
     * @param toLsn last LSN to visit.
     * @param visitor receives what is found.
     * @return the report, for the part that was visited.
     * @throws LogNotFoundException when there is no log.
     * @throws io.wal.StorageException when the cluster does not answer.
     */
    @Override
    public LogReport visit(final long fromLsn, final long toLsn, final RecordVisitor visitor) {
        return inspect(fromLsn, toLsn, visitor, length -> {});
    }

    /**
     * Nothing: the writer of a log in etcd does not publish what it counts.
     *
     * @return null.
     * @throws LogNotFoundException when there is no log.
     * @throws io.wal.StorageException when the cluster does not answer.
     */
    @Override
    public CounterReport counters() {
        state();
        return null;
    }

    @Override
    public void close() {
        connection.close();
    }

    private LogReport inspect(
            final long fromLsn,
            final long toLsn,
            final RecordVisitor visitor,
            final LongConsumer progress) {
        while (true) {
            final LogState state = state();
            final LogInspection inspection =
                    new LogInspection(calls(), keys, state, fromLsn, toLsn, visitor, progress);
            try {
                inspection.run(context.pageLength());
                return report(
                        state,
                        inspection.lastLsn(),
                        inspection.durableLsn(),
                        inspection.length(),
                        inspection.verdict(),
                        inspection.epochs(),
                        inspection.damages());
            } catch (final KvException e) {
                if (inspection.hasVisited()) {
                    throw e.toWalException(calls().location(), "read");
                } // compacted before anything was told: begin anew
            }
        }
    }

    private LogReport report(
            final LogState state,
            final long lastLsn,
            final long durableLsn,
            final long length,
            final LogReport.Verdict verdict,
            final EpochReports epochs,
            final List<Damage> damages) {
        final boolean holdsNone = lastLsn < state.trim().firstLsn();
        return new LogReport(
                context.location(),
                Long.toHexString(state.registration().logId()),
                state.registration().version(),
                state.epoch().number(),
                state.owner() == null ? null : Ownership.describeOwner(state, calls()),
                holdsNone ? 0 : state.trim().batchLsn(),
                state.trim().firstLsn(),
                lastLsn,
                durableLsn,
                length,
                verdict,
                epochs.segments(keys),
                damages,
                foreign(state));
    }

    /**
     * Keys in the log's place that are not of its layout; those among the batches show as damage.
     */
    private List<String> foreign(final LogState state) {
        final List<String> foreign = new ArrayList<>();
        addForeign(
                KvRange.of(keys.begin(), keys.batchesBegin()).keys().at(state.revision()), foreign);
        addForeign(KvRange.of(keys.batchesEnd(), keys.end()).keys().at(state.revision()), foreign);
        return foreign;
    }

    private void addForeign(final KvRange range, final List<String> foreign) {
        for (final KvEntry entry : calls().read(range).entries()) {
            if (!keys.isOwn(entry.key())) {
                foreign.add(entry.key());
            }
        }
    }

    private LogState state() {
        final LogState state = LogState.read(calls(), keys);
        if (state.registration() == null) {
            throw new LogNotFoundException(
                    context.location(), "there is no key " + keys.registration());
        }
        return state;
    }

    private Calls calls() {
        return connection.calls();
    }
}
