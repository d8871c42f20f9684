package io.wal.jmh.load;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/**
 * What this process and the device under it have used up so far.
 *
 * @param timeNs of the reading.
 * @param processorNs user and system time of all threads of the process.
 * @param allocatedBytes of all Java threads that live.
 * @param device counts of the device.
 * @param forceCount that the journal tells, or -1.
 */
record Usage(
        long timeNs,
        long processorNs,
        long allocatedBytes,
        BlockDevice.Counts device,
        long forceCount) {
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** Reads at the begin of a measurement: what reading itself takes comes before. */
    static Usage before(final BlockDevice device, final long forceCount) {
        final BlockDevice.Counts counts = device.counts();
        final long allocatedBytes = allocated();
        final long processorNs = SYSTEM.getProcessCpuTime();
        return new Usage(System.nanoTime(), processorNs, allocatedBytes, counts, forceCount);
    }

    /** Reads at the end of a measurement: what reading itself takes comes after. */
    static Usage after(final BlockDevice device, final long forceCount) {
        final long timeNs = System.nanoTime();
        final long processorNs = SYSTEM.getProcessCpuTime();
        return new Usage(timeNs, processorNs, allocated(), device.counts(), forceCount);
    }

    Usage since(final Usage before) {
        return new Usage(
                timeNs - before.timeNs,
                processorNs - before.processorNs,
                allocatedBytes - before.allocatedBytes,
                device.since(before.device),
                forceCount < 0 ? forceCount : forceCount - before.forceCount);
    }

    private static long allocated() {
        long sum = 0;
        for (final long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) {
            sum += Math.max(0, bytes);
        }
        return sum;
    }
}
