package io.wal.jmh.etcd;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** Loads of bare transactions. */
final class RawLoad {
    private RawLoad() {}

    /** So many transactions in flight, each followed by the next as soon as it is answered. */
    static Sample unchained(
            final RawEtcd etcd, final int inFlight, final int valueLength, final RunTime time) {
        final Lanes lanes = new Lanes(etcd, RawEtcd.randomValue(valueLength));
        final CompletableFuture<?>[] ends = new CompletableFuture<?>[inFlight];
        for (int i = 0; i < inFlight; i++) {
            ends[i] = lanes.run();
        }
        final RunTime.Rate rate = time.rate(lanes.done::get, lanes::check);
        lanes.stopped = true;
        RawEtcd.await(CompletableFuture.allOf(ends));
        lanes.check();
        return new Sample(rate.countPerS(), rate.countPerS(), valueLength, rate.processors());
    }

    /** The log of one key per entry, which by its nature has one transaction in flight. */
    static Sample keyPerEntry(final RawEtcd etcd, final int entryLength, final RunTime time) {
        final byte[] entry = RawEtcd.randomValue(entryLength);
        final long warmEndNs = System.nanoTime() + time.warmupNs();
        long lsn = 1;
        while (System.nanoTime() < warmEndNs) {
            RawEtcd.requireDone(RawEtcd.await(etcd.putCounted(lsn++, entry)));
        }
        final long beginNs = System.nanoTime();
        final long before = lsn;
        while (System.nanoTime() - beginNs < time.measuredNs()) {
            RawEtcd.requireDone(RawEtcd.await(etcd.putCounted(lsn++, entry)));
        }
        final double rate = (lsn - before) * 1e9 / (System.nanoTime() - beginNs);
        return new Sample(rate, rate, entryLength, 0);
    }

    private static final class Lanes {
        private final RawEtcd etcd;
        private final byte[] value;
        private final AtomicLong next = new AtomicLong();
        private final AtomicLong done = new AtomicLong();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private volatile boolean stopped;

        Lanes(final RawEtcd etcd, final byte[] value) {
            this.etcd = etcd;
            this.value = value;
        }

        /** One transaction after the other, until stopped. */
        CompletableFuture<Void> run() {
            final CompletableFuture<Void> end = new CompletableFuture<>();
            step(end);
            return end;
        }

        private void step(final CompletableFuture<Void> end) {
            etcd.put(next.getAndIncrement(), value)
                    .whenComplete(
                            (answer, cause) -> {
                                if (cause != null || !answer.isSucceeded()) {
                                    failure.compareAndSet(
                                            null,
                                            cause != null
                                                    ? cause
                                                    : new IllegalStateException("key was there"));
                                    end.complete(null);
                                    return;
                                }
                                done.incrementAndGet();
                                if (stopped) {
                                    end.complete(null);
                                } else {
                                    step(end);
                                }
                            });
        }

        private void check() {
            if (failure.get() != null) {
                throw new IllegalStateException(failure.get());
            }
        }
    }
}
