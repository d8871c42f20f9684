package io.wal.mmap;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, and fails when it does not come about in time. */
final class Await {
    private static final long DEADLINE_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long PAUSE_NS = 200_000;

    /** A condition; what it throws fails the test. */
    interface Condition {
        boolean holds() throws Exception;
    }

    private Await() {}

    static void until(final String what, final Condition condition) throws Exception {
        final long deadlineNs = System.nanoTime() + DEADLINE_NS;
        while (!condition.holds()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("waited in vain for: " + what);
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    /** Waits for a latch, whatever interrupts; an interrupt is kept. */
    static void quietly(final CountDownLatch latch) {
        boolean interrupted = false;
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
