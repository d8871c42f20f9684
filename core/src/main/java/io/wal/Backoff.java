package io.wal;

import java.util.concurrent.locks.LockSupport;

/**
 * How a producer waits for space in the queue: first spinning, then giving way, then in short
 * sleeps.
 */
final class Backoff {
    private static final int SPINS = 100;
    private static final int YIELDS = 10;
    private static final long SLEEP_NS = 50_000;

    private Backoff() {}

    /**
     * Pauses for longer, the more tries there were. An interrupted thread gives way instead of
     * sleeping.
     */
    static void pause(final int tries) {
        if (tries < SPINS) {
            Thread.onSpinWait();
        } else if (tries < SPINS + YIELDS || Thread.currentThread().isInterrupted()) {
            Thread.yield();
        } else {
            LockSupport.parkNanos(SLEEP_NS);
        }
    }
}
