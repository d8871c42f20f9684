package io.wal.jmh.etcd;

import io.wal.WriteAheadLog;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * The longest time without an acknowledgement, with default settings and the window full, when a
 * member is killed, and when one is paused; and the longest without an answer to bare puts beside
 * it, which is the time that the cluster itself takes.
 */
final class OutageMeasurement {
    private static final long BEFORE_NS = 2_000_000_000L;
    private static final long OUTAGE_NS = 10_000_000_000L;
    private static final long POLL_NS = 500_000;
    private static final String TARGET = "< 2 s";

    private final EtcdServers servers;
    private final Rounds results;
    private final String label;

    @FunctionalInterface
    private interface Fault {
        void apply() throws IOException, InterruptedException;
    }

    OutageMeasurement(final EtcdServers servers, final Rounds results, final String label) {
        this.servers = servers;
        this.results = results;
        this.label = label;
    }

    /** One round: each fault once, and none at all for comparison. */
    void run(final int payloadLength) throws IOException, InterruptedException {
        measure(payloadLength, "nothing happens", "", () -> {}, () -> {});
        for (final boolean leads : new boolean[] {true, false}) {
            final String who = leads ? "leader" : "follower";
            final EtcdServer killed = leads ? servers.leader() : servers.follower();
            measure(
                    payloadLength,
                    who + " killed",
                    TARGET,
                    killed::kill,
                    () -> servers.start(killed));
            servers.awaitReady();
            final EtcdServer paused = leads ? servers.leader() : servers.follower();
            measure(payloadLength, who + " paused", TARGET, paused::pause, paused::resume);
            servers.awaitReady();
        }
    }

    private void measure(
            final int payloadLength,
            final String name,
            final String target,
            final Fault fault,
            final Fault cure)
            throws IOException, InterruptedException {
        try (StoreLoad load = new StoreLoad(servers.endpoints())) {
            final StoreLoad.Appender appender =
                    new StoreLoad.Appender(load.log(), payloadLength, Long.MAX_VALUE);
            longestGapNs(load.log(), appender, BEFORE_NS);
            final double gapS;
            final double clusterGapS;
            try (Probe probe = new Probe(servers.endpoints())) {
                // beside the measurement, which must not wait until a process is seen to be gone
                final CompletableFuture<Void> applied =
                        CompletableFuture.runAsync(() -> run(fault));
                try {
                    gapS = longestGapNs(load.log(), appender, OUTAGE_NS) / 1e9;
                    clusterGapS = probe.longestGapNs() / 1e9;
                } finally {
                    applied.join();
                    cure.apply();
                }
            }
            appender.stop();
            results.add(
                    label + "longest time without an acknowledgement when " + name,
                    "s",
                    target,
                    gapS);
            results.add(label + "that of bare puts beside it when " + name, "s", "", clusterGapS);
            results.add(label + "what the log adds when " + name, "s", "", gapS - clusterGapS);
        }
        try (RawEtcd etcd = new RawEtcd(servers.endpoints())) {
            etcd.clear(StoreLoad.PREFIX);
        }
    }

    private static void run(final Fault fault) {
        try {
            fault.apply();
        } catch (final IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long longestGapNs(
            final WriteAheadLog log, final StoreLoad.Appender appender, final long durationNs) {
        final long beginNs = System.nanoTime();
        long longestNs = 0;
        long lastNs = beginNs;
        long lastLsn = log.durableLsn();
        long nowNs = beginNs;
        while (nowNs - beginNs < durationNs) {
            LockSupport.parkNanos(POLL_NS);
            nowNs = System.nanoTime();
            appender.check();
            if (log.durableLsn() != lastLsn) {
                lastLsn = log.durableLsn();
                lastNs = nowNs;
            }
            longestNs = Math.max(longestNs, nowNs - lastNs);
        }
        return longestNs;
    }
}
