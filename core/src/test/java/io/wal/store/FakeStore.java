package io.wal.store;

import io.wal.EntryHandler;
import io.wal.EntryKind;
import io.wal.LogReader;
import io.wal.RecoveredLog;
import io.wal.WalException;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Keeps nothing, and does what a test asks for: hangs, fails, stalls. While it is left alone it
 * allocates nothing. The settings may be changed by any thread.
 */
public final class FakeStore extends GroupCommitStore {
    /** Counters. */
    public final AtomicLong writes = new AtomicLong();

    /** Commits, whether or not they forced. */
    public final AtomicLong commits = new AtomicLong();

    /** Commits that forced. */
    public final AtomicLong forces = new AtomicLong();

    /** Calls of doIdleWork. */
    public final AtomicLong idleWorks = new AtomicLong();

    /** Calls of close or remove. */
    public final AtomicLong closes = new AtomicLong();

    /** Whether the end was written. */
    public volatile boolean closedCleanly;

    /** Whether remove was called. */
    public volatile boolean removed;

    /** Whether abandon was called. */
    public volatile boolean abandoned;

    /** The thread of the last commit. */
    public volatile Thread committer;

    /** When doIdleWork is needed. */
    public volatile long idleDeadlineNs = Long.MAX_VALUE;

    /** Thrown by the next write. */
    public final AtomicReference<Throwable> failNextWrite = new AtomicReference<>();

    /** Thrown by the next commit. */
    public final AtomicReference<Throwable> failNextCommit = new AtomicReference<>();

    /** Thrown by closeLog. */
    public final AtomicReference<Throwable> failClose = new AtomicReference<>();

    private final AtomicReference<CountDownLatch> gate = new AtomicReference<>();
    private final CountDownLatch atGate = new CountDownLatch(1);
    private final long recoveredLsn;
    private boolean commitsOnCallers = true;
    private volatile long durableLsn;
    private volatile boolean answersLate;

    /** An empty log. */
    public FakeStore() {
        this(0);
    }

    /** A log that ends at an LSN, with one entry to recover. */
    public FakeStore(final long recoveredLsn) {
        this.recoveredLsn = recoveredLsn;
        durableLsn = recoveredLsn;
    }

    /** Only the store's thread commits. */
    public FakeStore leavesCallersAlone() {
        commitsOnCallers = false;
        return this;
    }

    /** The next commit waits in the medium until it is let go on. */
    public FakeStore hang() {
        gate.set(new CountDownLatch(1));
        return this;
    }

    /** Waits until a commit hangs. */
    public void awaitHanging() throws InterruptedException {
        if (!atGate.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("no commit came");
        }
    }

    /** Ends the hanging. */
    public void goOn() {
        final CountDownLatch latch = gate.getAndSet(null);
        if (latch != null) {
            latch.countDown();
        }
    }

    /** From now on commits are not answered. */
    public FakeStore answersLate() {
        answersLate = true;
        return this;
    }

    /** Answers up to an LSN. */
    public void answer(final long lsn) {
        durableLsn = lsn;
        progress().durable(lsn);
    }

    /** Fails as from a thread of its own. */
    public void fail(final Throwable cause) {
        failFrom(cause);
    }

    /** Says that it waits for space, or that it no longer does. */
    public void stall(final WalException cause) {
        progress().stalled(cause);
    }

    @Override
    public String name() {
        return "fake";
    }

    @Override
    public boolean commitsOnCallers() {
        return commitsOnCallers;
    }

    @Override
    public int maxPayloadLength() {
        return 1 << 24;
    }

    @Override
    public void replay(final EntryHandler handler) {
        handler.onEntry(recoveredLsn, EntryKind.DATA, new AppendEvent(64).frame(), 24, 8);
    }

    @Override
    public LogReader reader(final long fromLsn) {
        throw new IllegalStateException("holds nothing");
    }

    @Override
    public void abandon() {
        abandoned = true;
    }

    @Override
    public void close() {
        closes.incrementAndGet();
    }

    @Override
    public void remove() {
        removed = true;
        close();
    }

    @Override
    protected RecoveredLog openLog() {
        return new RecoveredLog(
                Math.max(1, recoveredLsn),
                recoveredLsn,
                1,
                recoveredLsn == 0 ? RecoveredLog.Tail.EMPTY : RecoveredLog.Tail.CLOSED);
    }

    @Override
    protected void write(final AppendEvent event) throws Exception {
        throwIfAsked(failNextWrite);
        final RecordKind kind = RecordDescriptor.kind(event.frame(), 0);
        if (RecordDescriptor.lsn(event.frame(), 0) != event.lsn()
                || kind != event.kind()
                || RecordDescriptor.length(event.frame(), 0)
                        != RecordDescriptor.HEADER_LENGTH + event.payloadLength()) {
            throw new IllegalStateException("not framed: " + event);
        }
        writes.lazySet(writes.get() + 1);
    }

    @Override
    protected void commit(final boolean force, final FinalizeRequest finalize) throws Exception {
        committer = Thread.currentThread();
        if (force) {
            meter().forceBegins();
        }
        final CountDownLatch latch = gate.get();
        if (latch != null) {
            atGate.countDown();
            latch.await();
        }
        throwIfAsked(failNextCommit);
        commits.lazySet(commits.get() + 1);
        if (answersLate) {
            return;
        }
        if (force) {
            forces.lazySet(forces.get() + 1);
            meter().forceEnds(durableLsn + 1, lastLsn());
            durableLsn = lastLsn();
            progress().durable(durableLsn);
        } else {
            progress().written(lastLsn());
        }
        if (finalize != null) {
            finalize.succeeded();
        }
    }

    @Override
    protected void closeLog() throws Exception {
        throwIfAsked(failClose);
        closedCleanly = true;
    }

    @Override
    protected long durableLsn() {
        return durableLsn;
    }

    @Override
    protected void doIdleWork(final long nowNs) {
        idleWorks.incrementAndGet();
    }

    @Override
    protected long idleDeadlineNs() {
        return idleDeadlineNs;
    }

    private static void throwIfAsked(final AtomicReference<Throwable> asked) throws Exception {
        final Throwable failure = asked.get() == null ? null : asked.getAndSet(null);
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw (Exception) failure;
        }
    }
}
