package io.wal.jmh.journal;

/** Waits for threads, whatever interrupts. */
final class OwnThreads {
    private OwnThreads() {}

    static void join(final Thread thread) {
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
