package io.wal.cli.doctor;

/**
 * What forces of one kind and length came to.
 *
 * @param path how it was written.
 * @param zeroingLength bytes per write when the file got its blocks.
 * @param touched whether pages were touched ahead; true where there are none.
 * @param batchLength bytes per force.
 * @param forceCount how many were measured.
 * @param p50Us median, in microseconds; like the others not a number when nothing was measured.
 * @param p99Us 99th percentile; not a number when there were fewer than a hundred.
 * @param maxUs the longest.
 * @param bytesPerSecond the rate while nothing but this is done.
 * @param deviceBytes that the device wrote for each; not a number when it does not say.
 * @param deviceFlushes of the device for each; not a number when it does not say.
 */
public record Point(
        WritePath path,
        int zeroingLength,
        boolean touched,
        int batchLength,
        long forceCount,
        double p50Us,
        double p99Us,
        double maxUs,
        double bytesPerSecond,
        double deviceBytes,
        double deviceFlushes) {}
