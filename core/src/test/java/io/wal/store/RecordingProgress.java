package io.wal.store;

import io.wal.WalException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** Notes what a store reports, and complains about what it must not. Any thread. */
public final class RecordingProgress implements CommitProgress {
    private final List<String> complaints = new ArrayList<>();
    private final AtomicBoolean wake = new AtomicBoolean();
    private long lastForcedLsn; // the last one that asked to be forced
    private long writtenLsn;
    private long durableLsn;
    private WalException failure;
    private WalException stall;

    /** Begins at an LSN, as an opened log does. */
    synchronized void start(final long lsn) {
        writtenLsn = lsn;
        durableLsn = lsn;
    }

    /** An entry that asks to be forced is about to be given to the store. */
    synchronized void expectForced(final long lsn) {
        lastForcedLsn = lsn;
    }

    @Override
    public synchronized void written(final long lsn) {
        check(lsn >= writtenLsn, "written goes back from " + writtenLsn + " to " + lsn);
        check(
                lastForcedLsn <= durableLsn || lsn < lastForcedLsn,
                lastForcedLsn + " was to be forced, but it is reported as written up to " + lsn);
        writtenLsn = lsn;
    }

    @Override
    public synchronized void durable(final long lsn) {
        check(lsn >= durableLsn, "durable goes back from " + durableLsn + " to " + lsn);
        durableLsn = lsn;
        writtenLsn = Math.max(writtenLsn, lsn);
    }

    @Override
    public synchronized void failed(final WalException cause) {
        check(failure == null, "failed twice, now by " + cause);
        failure = cause;
    }

    @Override
    public synchronized void stalled(final WalException cause) {
        stall = cause;
    }

    @Override
    public void wake() {
        wake.set(true);
    }

    /** Whether the store asked to be called; once. */
    boolean takeWake() {
        return wake.getAndSet(false);
    }

    synchronized long writtenLsn() {
        return writtenLsn;
    }

    synchronized long durableLsn() {
        return durableLsn;
    }

    synchronized WalException failure() {
        return failure;
    }

    synchronized WalException stall() {
        return stall;
    }

    /** What the store did that it must not; empty when it behaved. */
    synchronized List<String> complaints() {
        return List.copyOf(complaints);
    }

    private void check(final boolean condition, final String complaint) {
        if (!condition) {
            complaints.add(complaint);
        } else if (failure != null) {
            complaints.add("reports after it failed");
        }
    }
}
