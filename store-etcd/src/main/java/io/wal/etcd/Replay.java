package io.wal.etcd;

import io.wal.CorruptLogException;
import io.wal.EntryHandler;
import io.wal.EntryKind;
import io.wal.StorageException;
import io.wal.record.RecordKind;
import java.util.List;

/**
 * Delivers what recovery found: a second reading, page by page, so that nothing but a page or two
 * is in memory.
 */
final class Replay {
    private final Calls calls;
    private final KeyLayout keys;
    private final LogRecovery.Result recovered;
    private final int pageLength;
    private final BatchView view = new BatchView();

    Replay(
            final Calls calls,
            final KeyLayout keys,
            final LogRecovery.Result recovered,
            final int pageLength) {
        this.calls = calls;
        this.keys = keys;
        this.recovered = recovered;
        this.pageLength = pageLength;
    }

    void run(final EntryHandler handler) {
        final long lastLsn = recovered.log().lastLsn();
        long nextLsn = recovered.state().trim().batchLsn();
        if (recovered.log().isEmpty()) {
            return;
        }
        final PageReader pages =
                new PageReader(calls, keys, nextLsn, recovered.revision(), true, pageLength);
        while (nextLsn <= lastLsn) {
            final List<KvEntry> page = pages.next();
            if (page.isEmpty()) {
                throw gone(nextLsn);
            }
            for (final KvEntry entry : page) {
                if (nextLsn <= lastLsn) {
                    nextLsn = deliver(entry, nextLsn, handler);
                }
            }
        }
    }

    private long deliver(final KvEntry entry, final long expectedLsn, final EntryHandler handler) {
        final long lsn = keys.firstLsnOf(entry.key());
        if (lsn != expectedLsn) {
            throw gone(expectedLsn);
        }
        BatchView.Flaw flaw = view.wrap(entry, lsn, recovered.logId());
        if (flaw == null) {
            flaw =
                    view.forEachRecord(
                            (recordOffset, recordLsn, kind, buffer, offset, length) -> {
                                if (isDelivered(recordLsn, kind)) {
                                    handler.onEntry(
                                            recordLsn,
                                            kind == RecordKind.DATA
                                                    ? EntryKind.DATA
                                                    : EntryKind.CHECKPOINT,
                                            buffer,
                                            offset,
                                            length);
                                }
                            });
        }
        if (flaw != null) {
            throw new CorruptLogException(entry.key(), flaw.offset(), flaw.lsn(), flaw.reason());
        }
        return view.lastLsn() + 1;
    }

    /** Voids never are; entries of a checkpoint only when it was finalized. */
    private boolean isDelivered(final long lsn, final RecordKind kind) {
        if (lsn < recovered.log().startLsn()) {
            return false;
        }
        return kind == RecordKind.DATA
                || kind == RecordKind.CHECKPOINT && lsn <= recovered.state().checkpoint().endLsn();
    }

    private StorageException gone(final long lsn) {
        return new StorageException(
                calls.location(),
                "replay",
                new IllegalStateException(
                        "the batch of LSN "
                                + lsn
                                + " is gone since the log was opened: another writer took it over and trimmed it"));
    }
}
