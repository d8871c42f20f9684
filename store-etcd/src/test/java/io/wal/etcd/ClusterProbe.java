package io.wal.etcd;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A bare client of a cluster that puts something small every few milliseconds, whatever became of
 * what it put before, to one member after the other. The gaps between the answers are those of the
 * cluster itself: no client can have shorter ones.
 */
final class ClusterProbe implements AutoCloseable {
    private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final Duration DEADLINE = Duration.ofSeconds(1);
    private static final KvTxn PUT =
            new KvTxn(
                    List.of(),
                    List.of(KvOp.put("probe", "x".getBytes(StandardCharsets.US_ASCII))),
                    List.of());

    private final EtcdKv kv;
    private final Thread thread;
    private long lastAnswerNs;
    private long longestGapNs;
    private volatile boolean stopped;

    ClusterProbe(final EtcdCluster cluster) {
        kv =
                EtcdFixture.connect(
                        new EtcdClientContext()
                                .endpoints(cluster.endpoints())
                                .requestTimeout(DEADLINE));
        kv.txn(PUT).join();
        forgetGaps();
        thread = new Thread(this::run, "probe");
        thread.start();
    }

    /** The longest time without an answer, the present one included. */
    synchronized long longestGapMs() {
        return TimeUnit.NANOSECONDS.toMillis(
                Math.max(longestGapNs, System.nanoTime() - lastAnswerNs));
    }

    synchronized void forgetGaps() {
        longestGapNs = 0;
        lastAnswerNs = System.nanoTime();
    }

    @Override
    public void close() {
        stopped = true;
        try {
            thread.join();
        } catch (final InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            kv.close();
        }
    }

    private void run() {
        while (!stopped) {
            kv.txn(PUT)
                    .whenComplete(
                            (answer, failure) -> {
                                if (failure == null) {
                                    onAnswer();
                                }
                            });
            LockSupport.parkNanos(INTERVAL_NS);
        }
    }

    private synchronized void onAnswer() {
        final long nowNs = System.nanoTime();
        longestGapNs = Math.max(longestGapNs, nowNs - lastAnswerNs);
        lastAnswerNs = nowNs;
    }
}
