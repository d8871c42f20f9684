package io.wal.cli;

import io.wal.EntryHandler;
import io.wal.LogCatalog;
import io.wal.LogReader;
import io.wal.RecoveredLog;
import io.wal.inspect.LogInspector;
import io.wal.store.AppendEvent;
import io.wal.store.CommitProgress;
import io.wal.store.FinalizeRequest;
import io.wal.store.GroupCommitStore;
import io.wal.store.LogStore;

/** Keeps nothing, and commits the way a test wants. */
final class StubStore extends GroupCommitStore {
    private final Commit commit;
    private volatile long durableLsn;
    private volatile boolean abandoned;

    /** What happens at the end of a batch; it may throw. */
    interface Commit {
        void run(StubStore store, CommitProgress progress) throws Exception;
    }

    StubStore(final Commit commit) {
        this.commit = commit;
    }

    /** An address whose log is kept by this store. */
    StoreAddress address() {
        return new Address();
    }

    boolean isAbandoned() {
        return abandoned;
    }

    long committedLsn() {
        return durableLsn;
    }

    @Override
    public String name() {
        return "stub";
    }

    @Override
    public int maxPayloadLength() {
        return 1 << 20;
    }

    @Override
    public void replay(final EntryHandler handler) {
        // there is nothing
    }

    @Override
    public LogReader reader(final long fromLsn) {
        throw new IllegalStateException("not in this test");
    }

    @Override
    public void abandon() {
        abandoned = true;
    }

    @Override
    public void close() {
        // holds nothing
    }

    @Override
    public void remove() {
        // holds nothing
    }

    @Override
    protected RecoveredLog openLog() {
        return new RecoveredLog(1, 0, 1, RecoveredLog.Tail.EMPTY);
    }

    @Override
    protected void write(final AppendEvent event) {
        // nobody reads it
    }

    @Override
    protected void commit(final boolean force, final FinalizeRequest finalize) throws Exception {
        commit.run(this, progress());
        durableLsn = lastLsn();
        progress().durable(durableLsn);
        if (finalize != null) {
            finalize.succeeded();
        }
    }

    @Override
    protected void closeLog() {
        // there is nothing
    }

    @Override
    protected long durableLsn() {
        return durableLsn;
    }

    private final class Address implements StoreAddress {
        @Override
        public LogStore store(final StoreSettings settings) {
            return StubStore.this;
        }

        @Override
        public LogInspector inspector() {
            throw new IllegalStateException("not in this test");
        }

        @Override
        public LogCatalog catalog() {
            throw new IllegalStateException("not in this test");
        }

        @Override
        public void remove() {
            throw new IllegalStateException("not in this test");
        }

        @Override
        public long forceCount(final LogStore store) {
            return -1;
        }

        @Override
        public ScratchPlace scratch(final String purpose) {
            throw new IllegalStateException("not in this test");
        }
    }
}
