package io.wal.etcd;

import io.wal.CorruptLogException;
import io.wal.EntryHandler;
import io.wal.EntryKind;
import io.wal.LogClosedException;
import io.wal.LogNotFoundException;
import io.wal.LogReader;
import io.wal.LogTrimmedException;
import io.wal.StorageException;
import io.wal.record.RecordKind;
import java.util.List;
import org.agrona.DirectBuffer;

/**
 * Follows a log kept in etcd, with or without a writer beside it, from any machine; never writes
 * and needs no ownership.
 *
 * <p>It reads pages up to the end, then watches what comes. Batches come in any order; it delivers
 * the part without a hole, which is there for good. When the watch ends, for whatever reason, it
 * goes on with pages. One thread at a time.
 */
public final class EtcdLogReader implements LogReader {
    private final Calls calls;
    private final KeyLayout keys;
    private final int pageLength;
    private final Source source;
    private final BatchView view = new BatchView();
    private final PendingBatches pending;
    private PageReader pages;
    private LogState state;
    private AutoCloseable watch;
    private long logId;
    private long chainLsn;
    private long nextLsn;
    private long lastEpoch;
    private String batchKey;
    private boolean closed;

    /** What a reader belongs to. */
    interface Source {
        /** The last LSN that may be delivered. */
        long limitLsn();

        /** Whether there is nothing to read from any more. */
        boolean isClosed();

        /** The reader was closed. */
        void onReaderClosed();
    }

    private record OwnConnection(Connection connection) implements Source {
        @Override
        public long limitLsn() {
            return Long.MAX_VALUE; // what has no hole below it is there for good
        }

        @Override
        public boolean isClosed() {
            return false;
        }

        @Override
        public void onReaderClosed() {
            connection.close();
        }
    }

    /**
     * Creates a reader.
     *
     * @param calls to ask with.
     * @param keys of the log.
     * @param fromLsn first LSN to read.
     * @param context of the log.
     * @param source whose reader it is.
     */
    EtcdLogReader(
            final Calls calls,
            final KeyLayout keys,
            final long fromLsn,
            final EtcdStoreContext context,
            final Source source) {
        this.calls = calls;
        this.keys = keys;
        this.source = source;
        pageLength = context.pageLength();
        pending = new PendingBatches(keys, 4L * pageLength);
        nextLsn = fromLsn;
        begin();
    }

    /**
     * Opens a reader with a connection of its own.
     *
     * @param context of the log.
     * @param fromLsn first LSN to read, from 1; entries that are not there yet are waited for.
     * @return the reader; the caller closes it.
     * @throws IllegalArgumentException when a setting is out of range.
     * @throws LogNotFoundException when there is no such log.
     * @throws LogTrimmedException when the entry is no longer held.
     * @throws io.wal.StorageException when the cluster does not answer.
     */
    public static EtcdLogReader open(final EtcdStoreContext context, final long fromLsn) {
        if (fromLsn < 1) {
            throw new IllegalArgumentException("fromLsn must be at least 1: " + fromLsn);
        }
        final EtcdStoreContext copy = context.copy(context.name()).conclude();
        final Connection connection = new Connection(copy);
        try {
            return new EtcdLogReader(
                    connection.calls(), copy.keys(), fromLsn, copy, new OwnConnection(connection));
        } catch (final Throwable t) {
            connection.close();
            throw t;
        }
    }

    @Override
    public int poll(final EntryHandler handler, final int limit) {
        if (closed) {
            throw new IllegalStateException("the reader is closed");
        }
        if (limit < 1) {
            throw new IllegalArgumentException("limit must be at least 1: " + limit);
        }
        if (source.isClosed()) {
            throw new LogClosedException();
        }
        final Delivery delivery = new Delivery(handler);
        try {
            deliver(delivery, limit);
        } catch (final StorageException e) {
            throw source.isClosed() ? new LogClosedException() : e;
        }
        return delivery.count;
    }

    @Override
    public long nextLsn() {
        return nextLsn;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            endWatch();
            source.onReaderClosed();
        }
    }

    private void deliver(final Delivery delivery, final int limit) {
        final long limitLsn = source.limitLsn();
        while (delivery.count < limit && (batchKey != null || takeBatch())) {
            if (view.nextLsn() > limitLsn) {
                return;
            }
            final BatchView.Flaw flaw = view.next(delivery);
            if (flaw != null) {
                throw new CorruptLogException(batchKey, flaw.offset(), flaw.lsn(), flaw.reason());
            }
            if (!view.hasNext()) {
                batchKey = null;
            }
        }
    }

    /** Begins with pages: at first, and whenever the watch has ended. */
    private void begin() {
        endWatch();
        pending.clear();
        state = LogState.read(calls, keys);
        if (state.registration() == null) {
            throw new LogNotFoundException(
                    calls.location(), "there is no key " + keys.registration());
        }
        if (logId != 0 && logId != state.registration().logId()) {
            throw new LogNotFoundException(
                    calls.location(), "it was removed, and another was made since");
        }
        logId = state.registration().logId();
        if (nextLsn < state.trim().firstLsn()) {
            throw new LogTrimmedException(nextLsn, state.trim().firstLsn());
        }
        final long lowestLsn = state.trim().batchLsn();
        chainLsn =
                chainLsn == 0
                        ? new BatchFinder(calls, keys, state.revision())
                                .batchAtOrBelow(nextLsn, lowestLsn)
                        : Math.max(chainLsn, lowestLsn);
        pages = new PageReader(calls, keys, chainLsn, state.revision(), false, pageLength);
    }

    /** Takes the next batch, if it is there. */
    private boolean takeBatch() {
        while (true) {
            final KvEntry entry = pending.take(chainLsn);
            if (entry != null) {
                check(entry);
                return true;
            }
            if (pages != null) {
                readPage();
            } else if (pending.isStale()) {
                begin();
            } else {
                return false;
            }
        }
    }

    private void check(final KvEntry entry) {
        BatchView.Flaw flaw = view.wrap(entry, chainLsn, logId);
        if (flaw == null && view.epoch() < lastEpoch) {
            flaw =
                    new BatchView.Flaw(
                            BatchDescriptor.EPOCH_OFFSET,
                            chainLsn,
                            "batch of epoch " + view.epoch() + " behind one of epoch " + lastEpoch);
        }
        if (flaw != null) {
            throw new CorruptLogException(entry.key(), flaw.offset(), flaw.lsn(), flaw.reason());
        }
        batchKey = entry.key();
        lastEpoch = view.epoch();
        chainLsn = view.lastLsn() + 1;
    }

    private void readPage() {
        final List<KvEntry> page;
        try {
            page = pages.next();
        } catch (final KvException e) {
            begin(); // compacted; what was delivered is sound, the rest is read anew
            return;
        }
        if (page.isEmpty()) {
            pages = null;
            checkHole();
            watch =
                    calls.kv()
                            .watch(
                                    keys.batchesBegin(),
                                    keys.batchesEnd(),
                                    state.revision() + 1,
                                    pending.listener());
        } else {
            page.forEach(pending::put);
        }
    }

    /**
     * At the end of the pages: what is missing there must not be anything that was acknowledged.
     */
    private void checkHole() {
        final KvEntry behind = pending.first();
        long provenLsn = state.provenLsn();
        if (behind != null && view.wrap(behind, keys.firstLsnOf(behind.key()), logId) == null) {
            provenLsn = Math.max(provenLsn, view.durableLsn());
        }
        if (chainLsn <= provenLsn) {
            throw new CorruptLogException(
                    keys.batch(chainLsn),
                    0,
                    chainLsn,
                    "LSNs "
                            + chainLsn
                            + " to "
                            + provenLsn
                            + " are missing, though they were acknowledged");
        }
    }

    private void endWatch() {
        if (watch != null) {
            try {
                watch.close();
            } catch (final Exception e) {
                throw new IllegalStateException("a watch cannot be closed", e);
            } finally {
                watch = null;
            }
        }
    }

    private final class Delivery implements BatchView.RecordHandler {
        private final EntryHandler handler;
        private int count;

        Delivery(final EntryHandler handler) {
            this.handler = handler;
        }

        @Override
        public void onRecord(
                final int recordOffset,
                final long lsn,
                final RecordKind kind,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            if (lsn < nextLsn) {
                return;
            }
            nextLsn = lsn + 1;
            if (kind != RecordKind.VOID) {
                count++;
                handler.onEntry(
                        lsn,
                        kind == RecordKind.DATA ? EntryKind.DATA : EntryKind.CHECKPOINT,
                        buffer,
                        offset,
                        length);
            }
        }
    }
}
