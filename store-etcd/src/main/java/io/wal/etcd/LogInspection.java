package io.wal.etcd;

import io.wal.inspect.Damage;
import io.wal.inspect.LogReport;
import io.wal.inspect.RecordVisitor;
import io.wal.inspect.SegmentReport;
import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/** One reading of a log, or of a part of it, for an inspector. */
final class LogInspection implements LogScanner.Sink, BatchView.RecordHandler {
    private final Calls calls;
    private final KeyLayout keys;
    private final LogState state;
    private final long fromLsn;
    private final long toLsn;
    private final RecordVisitor visitor;
    private final LongConsumer progress;
    private final LogScanner scanner;
    private final EpochReports epochs;
    private final List<Damage> damages = new ArrayList<>();
    private String batchKey;
    private long durableLsn;
    private long length;
    private boolean visited;
    private boolean finalizeShown;

    LogInspection(
            final Calls calls,
            final KeyLayout keys,
            final LogState state,
            final long fromLsn,
            final long toLsn,
            final RecordVisitor visitor,
            final LongConsumer progress) {
        this.calls = calls;
        this.keys = keys;
        this.state = state;
        this.fromLsn = fromLsn;
        this.toLsn = toLsn;
        this.visitor = visitor;
        this.progress = progress;
        scanner = new LogScanner(state, keys, this);
        epochs = new EpochReports(state);
        durableLsn = state.provenLsn();
        finalizeShown = state.checkpointRevision() == 0;
    }

    /** Reads. Throws a {@link KvException} when the revision was compacted away. */
    void run(final int pageLength) {
        final long trimLsn = state.trim().batchLsn();
        final long firstLsn =
                fromLsn <= trimLsn
                        ? trimLsn
                        : new BatchFinder(calls, keys, state.revision())
                                .batchAtOrBelow(fromLsn, trimLsn);
        scanner.beginAt(firstLsn);
        final PageReader pages =
                new PageReader(calls, keys, firstLsn, state.revision(), false, pageLength);
        List<KvEntry> page = pages.next();
        while (!page.isEmpty()
                && scanner.lastLsn() < toLsn) { // what lies behind is no concern of this visit
            for (final KvEntry entry : page) {
                length += entry.value().length;
                scanner.onEntry(entry);
            }
            progress.accept(length);
            page = pages.next();
        }
        if (page.isEmpty()) {
            scanner.onEnd();
        }
        showFinalize(Long.MAX_VALUE);
    }

    long lastLsn() {
        return scanner.lastLsn();
    }

    long durableLsn() {
        return durableLsn;
    }

    long length() {
        return length;
    }

    boolean hasVisited() {
        return visited;
    }

    EpochReports epochs() {
        return epochs;
    }

    List<Damage> damages() {
        return damages;
    }

    LogReport.Verdict verdict() {
        if (!damages.isEmpty()) {
            return LogReport.Verdict.DAMAGED;
        }
        if (scanner.tornCount() > 0) {
            return LogReport.Verdict.SOUND_TORN_TAIL;
        }
        return state.closed() != null || scanner.lastLsn() == 0
                ? LogReport.Verdict.SOUND
                : LogReport.Verdict.SOUND_UNCLOSED;
    }

    @Override
    public void onBatch(final KvEntry entry, final BatchView view) {
        durableLsn = Math.max(durableLsn, view.durableLsn());
        epochs.add(view);
        batchKey = entry.key();
        if (view.lastLsn() >= fromLsn && view.firstLsn() <= toLsn) {
            visited = true;
            visitor.onSegment(segment(entry, view, "sealed"));
        }
        final BatchView.Flaw flaw = view.forEachRecord(this);
        if (flaw != null) {
            onDamage(new Damage(entry.key(), flaw.offset(), flaw.lsn(), flaw.reason()));
        }
    }

    @Override
    public void onTorn(final KvEntry entry, final BatchView view) {
        if (view.firstLsn() <= toLsn) {
            visited = true;
            visitor.onSegment(segment(entry, view, "torn"));
        }
    }

    @Override
    public void onDamage(final Damage damage) {
        damages.add(damage);
        visited = true;
        visitor.onDamage(damage);
    }

    @Override
    public void onRecord(
            final int recordOffset,
            final long lsn,
            final RecordKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int payloadLength) {
        showFinalize(lsn);
        if (lsn >= fromLsn && lsn <= toLsn) {
            visitor.onRecord(batchKey, recordOffset, lsn, kind, buffer, offset, payloadLength);
        }
    }

    /** The checkpoint as the record that it would be in a file: behind the entries it covers. */
    private void showFinalize(final long nextLsn) {
        final FinalizedCheckpoint checkpoint = state.checkpoint();
        if (finalizeShown || nextLsn <= checkpoint.endLsn()) {
            return;
        }
        finalizeShown = true;
        if (checkpoint.endLsn() < fromLsn - 1 || checkpoint.endLsn() > toLsn) {
            return;
        }
        final int payloadLength = MarkerDescriptor.payloadLength(RecordKind.FINALIZE);
        final UnsafeBuffer record =
                new UnsafeBuffer(new byte[RecordDescriptor.frameLength(payloadLength)]);
        MarkerDescriptor.put(record, 0, MarkerDescriptor.START_LSN_OFFSET, checkpoint.startLsn());
        RecordDescriptor.putHeader(
                record, 0, checkpoint.endLsn(), RecordKind.FINALIZE, payloadLength);
        visitor.onRecord(
                keys.checkpoint(),
                0,
                checkpoint.endLsn(),
                RecordKind.FINALIZE,
                record,
                RecordDescriptor.HEADER_LENGTH,
                payloadLength);
    }

    private static SegmentReport segment(
            final KvEntry entry, final BatchView view, final String state) {
        return new SegmentReport(
                entry.key(), view.length(), view.epoch(), view.firstLsn(), view.lastLsn(), state);
    }
}
