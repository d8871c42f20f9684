package io.wal;

import io.wal.store.AppendEvent;
import io.wal.store.CommitProgress;
import io.wal.store.FinalizeRequest;
import io.wal.store.LogStore;
import io.wal.store.StoreLimits;

/** A store of the careless kind: it lets an exception out of its event handler, once. */
final class ThrowingStore implements LogStore {
    private final LogStore store;
    private boolean thrown;

    ThrowingStore(final LogStore store) {
        this.store = store;
    }

    @Override
    public void onEvent(final AppendEvent event, final long sequence, final boolean endOfBatch)
            throws Exception {
        if (!thrown) {
            thrown = true;
            throw new IllegalStateException("a careless store");
        }
        store.onEvent(event, sequence, endOfBatch);
    }

    @Override
    public String name() {
        return store.name();
    }

    @Override
    public int maxPayloadLength() {
        return store.maxPayloadLength();
    }

    @Override
    public RecoveredLog open(final CommitProgress progress, final StoreLimits limits) {
        return store.open(progress, limits);
    }

    @Override
    public void replay(final EntryHandler handler) {
        store.replay(handler);
    }

    @Override
    public void requestForce(final long lsn) {
        store.requestForce(lsn);
    }

    @Override
    public void requestFinalize(final FinalizeRequest request) {
        store.requestFinalize(request);
    }

    @Override
    public long deadlineNs() {
        return store.deadlineNs();
    }

    @Override
    public LogReader reader(final long fromLsn) {
        return store.reader(fromLsn);
    }

    @Override
    public void abandon() {
        store.abandon();
    }

    @Override
    public void close() {
        store.close();
    }

    @Override
    public void remove() {
        store.remove();
    }
}
