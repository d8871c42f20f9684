package io.wal.jmh.etcd;

import io.wal.WriteAheadLog;
import java.util.Locale;

/**
 * Reads a log again and again, in a JVM of its own: bare pages, opening, recovery. Prints a line
 * for each time but the first: seconds of each, and MiB of heap in use.
 */
final class RecoveryRun {
    private static final int PAGE_LENGTH = 4 << 20;
    private static final int BATCH_LENGTH = 256 << 10;
    private static final int TIMES = 2;

    private RecoveryRun() {}

    /**
     * Runs it.
     *
     * @param args how many entries there are, and the endpoints, separated by commas.
     */
    public static void main(final String[] args) {
        final long expected = Long.parseLong(args[0]);
        final String[] endpoints = args[1].split(",");
        try (RawEtcd etcd = new RawEtcd(endpoints)) {
            for (int i = 0; i <= TIMES; i++) {
                final long beginNs = System.nanoTime();
                final long length =
                        etcd.readPages(StoreLoad.batchPrefix(), PAGE_LENGTH / BATCH_LENGTH);
                final double bareS = secondsSince(beginNs);
                final String line = recover(endpoints, expected, length);
                if (i > 0) {
                    System.out.printf(Locale.ROOT, "%.4f %s%n", bareS, line);
                }
            }
        }
        System.exit(0); // threads of the client may outlive it
    }

    private static String recover(
            final String[] endpoints, final long expected, final long storedLength) {
        final long openNs = System.nanoTime();
        try (StoreLoad load = new StoreLoad(endpoints)) {
            final double openS = secondsSince(openNs);
            final long replayNs = System.nanoTime();
            final long[] seen = new long[2];
            final WriteAheadLog log = load.log();
            log.recover(
                    (lsn, kind, buffer, offset, length) -> {
                        seen[0]++;
                        seen[1] += length;
                    });
            final double replayS = secondsSince(replayNs);
            if (seen[0] != expected || seen[1] > storedLength) {
                throw new IllegalStateException(seen[0] + " entries in the place of " + expected);
            }
            final Runtime runtime = Runtime.getRuntime();
            return String.format(
                    Locale.ROOT,
                    "%.4f %.4f %.1f",
                    openS,
                    replayS,
                    (runtime.totalMemory() - runtime.freeMemory()) / 1048576.0);
        }
    }

    private static double secondsSince(final long beginNs) {
        return (System.nanoTime() - beginNs) / 1e9;
    }
}
