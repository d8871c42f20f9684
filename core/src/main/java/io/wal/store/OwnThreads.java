package io.wal.store;

import java.util.concurrent.TimeUnit;

/**
 * Waits for threads that are to end, as whoever closes a log or a store does. Interrupts are kept
 * for the caller and end no wait.
 */
public final class OwnThreads {
    private static final long MAX_TIMEOUT_NS = Long.MAX_VALUE >> 1; // a deadline must not overflow

    private OwnThreads() {}

    /**
     * Waits until a thread has ended.
     *
     * @param thread to wait for; must not wait for the caller.
     */
    public static void join(final Thread thread) {
        join(thread, MAX_TIMEOUT_NS);
    }

    /**
     * Waits until a thread has ended, but not for ever.
     *
     * @param thread to wait for.
     * @param timeoutNs longest wait, in nanoseconds; 0 or less to only look.
     * @return whether it has ended.
     */
    public static boolean join(final Thread thread, final long timeoutNs) {
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
