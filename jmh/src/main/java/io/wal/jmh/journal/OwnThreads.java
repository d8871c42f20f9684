package io.wal.jmh.journal;

/** Waits for threads, whatever interrupts. */
public final class OwnThreads {
    private OwnThreads() {}

    /**
     * Waits until a thread has ended. An interrupt is kept for the caller.
     *
     * @param thread to wait for.
     */
    public static void join(final Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (final InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
