package io.wal.etcd;

import java.util.function.BooleanSupplier;

/** The clock and the waiting of one simulated process. */
final class SimTiming implements Timing {
    private final SimScheduler scheduler;
    private final SimScheduler.Process process;
    private boolean closed;

    SimTiming(final SimScheduler scheduler, final SimScheduler.Process process) {
        this.scheduler = scheduler;
        this.process = process;
    }

    @Override
    public long nanoTime() {
        return scheduler.nowNs();
    }

    /** Jumps as it likes, by years: nothing but what people read may depend on it. */
    @Override
    public long currentTimeMillis() {
        return Math.max(0, scheduler.nowNs() / 1_000_000 + scheduler.random().nextInt() * 100L);
    }

    @Override
    public void schedule(final long delayNs, final Runnable task) {
        scheduler.schedule(
                delayNs,
                process,
                () -> {
                    if (!closed) {
                        task.run();
                    }
                });
    }

    @Override
    public Signal newSignal() {
        return new Signal() {
            @Override
            public void raise() {
                // the scheduler looks at every condition after every event
            }

            @Override
            public boolean await(final BooleanSupplier done, final long timeoutNs) {
                return scheduler.await(process, done, timeoutNs);
            }
        };
    }

    @Override
    public void close() {
        closed = true;
    }
}
