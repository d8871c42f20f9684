package io.wal.mmap.sim;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Which operations of a disk will fail, and when the power goes off. */
final class FaultPlan {
    private final List<Fault> faults = new ArrayList<>();
    private DiskHook hook;
    private long powerCutCountdown;
    private long failureCountdown;
    private IOException failure;
    private long writerOperationCount;

    private static final class Fault {
        private final DiskOperation operation;
        private final IOException error;
        private int countdown;

        Fault(final DiskOperation operation, final int countdown, final IOException error) {
            this.operation = operation;
            this.countdown = countdown;
            this.error = error;
        }
    }

    synchronized void cutPowerAt(final long count) {
        powerCutCountdown = count;
    }

    synchronized void failAt(final long count, final IOException error) {
        failureCountdown = count;
        failure = error;
    }

    synchronized void fail(final DiskOperation operation, final int nth, final IOException error) {
        faults.add(new Fault(operation, nth, error));
    }

    synchronized void hook(final DiskHook newHook) {
        hook = newHook;
    }

    synchronized void clear() {
        faults.clear();
        hook = null;
        powerCutCountdown = 0;
        failureCountdown = 0;
    }

    synchronized long writerOperationCount() {
        return writerOperationCount;
    }

    void before(final DiskOperation operation, final Path path) throws IOException {
        final DiskHook called;
        synchronized (this) {
            if (operation.isWriters()) {
                writerOperationCount++;
                if (powerCutCountdown > 0 && --powerCutCountdown == 0) {
                    throw new PowerLoss();
                }
                if (failureCountdown > 0 && --failureCountdown == 0) {
                    throw failure;
                }
            }
            called = hook;
        }
        if (called != null) {
            called.before(operation, path); // not under the lock: it may take its time
        }
        synchronized (this) {
            for (final Iterator<Fault> i = faults.iterator(); i.hasNext(); ) {
                final Fault fault = i.next();
                if (fault.operation == operation && --fault.countdown == 0) {
                    i.remove();
                    throw fault.error;
                }
            }
        }
    }
}
