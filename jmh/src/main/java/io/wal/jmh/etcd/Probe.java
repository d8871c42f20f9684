package io.wal.jmh.etcd;

import io.wal.store.OwnThreads;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Puts something small every few milliseconds, whatever became of what it put before, to one member
 * after the other: what gaps there are between the answers are the cluster's own.
 */
final class Probe implements AutoCloseable {
    private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(20);

    private final RawEtcd etcd;
    private final Thread thread;
    private long lastAnswerNs;
    private long longestGapNs;
    private volatile boolean stopped;

    Probe(final String... endpoints) {
        etcd = new RawEtcd(endpoints);
        lastAnswerNs = System.nanoTime();
        thread = new Thread(this::run, "probe");
        thread.start();
    }

    /** The longest time without an answer, the present one included. */
    synchronized long longestGapNs() {
        return Math.max(longestGapNs, System.nanoTime() - lastAnswerNs);
    }

    @Override
    public void close() {
        stopped = true;
        OwnThreads.join(thread);
        etcd.close();
    }

    private void run() {
        while (!stopped) {
            etcd.putProbe()
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
