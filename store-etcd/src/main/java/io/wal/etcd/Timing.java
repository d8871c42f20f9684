package io.wal.etcd;

import java.util.function.BooleanSupplier;

/**
 * Time and waiting, so that tests can run them as they like. Monotonic time alone decides anything.
 */
interface Timing extends AutoCloseable {
    /** Monotonic time. */
    long nanoTime();

    /** Wall time, for people to read. */
    long currentTimeMillis();

    /**
     * Runs a task later, on one thread for all tasks, which must not wait. After closing nothing
     * runs.
     */
    void schedule(long delayNs, Runnable task);

    /** A new signal, for one waiting thread. */
    Signal newSignal();

    @Override
    void close();

    /** How a thread waits for what others do. */
    interface Signal {
        /** Makes the waiting thread look again. Any thread. */
        void raise();

        /**
         * Waits. Interrupts are kept for the caller and do not end the wait.
         *
         * @param done what is waited for.
         * @param timeoutNs longest wait; {@link Long#MAX_VALUE} for no limit.
         * @return false when the time was over first.
         */
        boolean await(BooleanSupplier done, long timeoutNs);
    }
}
