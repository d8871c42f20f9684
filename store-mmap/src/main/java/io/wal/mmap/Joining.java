package io.wal.mmap;

import java.util.concurrent.TimeUnit;

/** Waits for threads that are about to end. Interrupts are kept for the caller and end no wait. */
final class Joining {
    private static final long MAX_TIMEOUT_NS = Long.MAX_VALUE >> 1; // a deadline must not overflow

    private Joining() {}

    /** Returns when the threads have ended; none of them may wait for anything. */
    static void join(final Iterable<Thread> threads) {
        for (final Thread thread : threads) {
            join(thread, MAX_TIMEOUT_NS);
        }
    }

    /** Whether a thread ends in time. */
    static boolean join(final Thread thread, final long timeoutNs) {
        final long deadlineNs = System.nanoTime() + Math.min(timeoutNs, MAX_TIMEOUT_NS);
        boolean interrupted = false;
        long remainingNs = timeoutNs;
        while (thread.isAlive() && remainingNs > 0) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, remainingNs);
            } catch (final InterruptedException e) {
                interrupted = true;
            }
            remainingNs = deadlineNs - System.nanoTime();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }
}
