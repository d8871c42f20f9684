package io.wal.jmh.etcd;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * How long a load runs.
 *
 * @param warmupNs before the measurement, in nanoseconds.
 * @param measuredNs of the measurement, in nanoseconds.
 */
record RunTime(long warmupNs, long measuredNs) {
    private static final long POLL_NS = 50_000_000;
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /**
     * What was measured.
     *
     * @param countPerS gained in a second.
     * @param processors that this process kept busy, as a mean.
     */
    record Rate(double countPerS, double processors) {}

    static RunTime ofSeconds(final double warmup, final double measured) {
        return new RunTime((long) (warmup * 1e9), (long) (measured * 1e9));
    }

    /** What a counter gains in a second, once warm, while another thread does the work. */
    Rate rate(final LongSupplier counter, final Runnable check) {
        pass(warmupNs, check);
        final long processorNs = SYSTEM.getProcessCpuTime();
        final long beginNs = System.nanoTime();
        final long before = counter.getAsLong();
        pass(measuredNs, check);
        final long after = counter.getAsLong();
        final double timeNs = System.nanoTime() - beginNs;
        return new Rate(
                (after - before) * 1e9 / timeNs,
                (SYSTEM.getProcessCpuTime() - processorNs) / timeNs);
    }

    private static void pass(final long durationNs, final Runnable check) {
        final long endNs = System.nanoTime() + durationNs;
        long leftNs;
        while ((leftNs = endNs - System.nanoTime()) > 0) {
            LockSupport.parkNanos(Math.min(leftNs, POLL_NS));
            check.run();
        }
    }
}
