package io.wal.etcd;

import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The system's clock, and one daemon thread for what is scheduled. */
final class SystemTiming implements Timing {
    private final ScheduledThreadPoolExecutor executor;

    SystemTiming(final String name) {
        executor =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            final Thread thread = new Thread(task, "wal-etcd-" + name);
                            thread.setDaemon(true);
                            return thread;
                        });
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setRejectedExecutionHandler((task, pool) -> {}); // closed: nothing runs any more
    }

    @Override
    public long nanoTime() {
        return System.nanoTime();
    }

    @Override
    public long currentTimeMillis() {
        return Math.max(0, System.currentTimeMillis()); // what is stored of it is not negative
    }

    @Override
    public void schedule(final long delayNs, final Runnable task) {
        executor.schedule(
                () -> {
                    try {
                        task.run();
                    } catch (
                            final Throwable
                                    t) { // a task that throws must not take the others with it
                        System.getLogger("io.wal")
                                .log(System.Logger.Level.ERROR, "background work failed", t);
                    }
                },
                delayNs,
                TimeUnit.NANOSECONDS);
    }

    @Override
    public Signal newSignal() {
        return new ParkedSignal();
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    private static final class ParkedSignal implements Signal {
        private static final long LONGEST_PARK_NS = TimeUnit.SECONDS.toNanos(1);

        private volatile Thread waiter;

        @Override
        public void raise() {
            final Thread thread = waiter;
            if (thread != null) {
                LockSupport.unpark(thread);
            }
        }

        @Override
        public boolean await(final BooleanSupplier done, final long timeoutNs) {
            final long startNs = System.nanoTime();
            boolean interrupted = false;
            waiter = Thread.currentThread();
            try {
                while (!done.getAsBoolean()) {
                    final long leftNs = timeoutNs - (System.nanoTime() - startNs);
                    if (leftNs <= 0) {
                        return false;
                    }
                    LockSupport.parkNanos(this, Math.min(leftNs, LONGEST_PARK_NS));
                    interrupted |= Thread.interrupted();
                }
                return true;
            } finally {
                waiter = null;
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
