package io.wal.etcd;

import io.wal.WalException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Questions whose answers a thread waits for: asked again while that may help, and failed in a
 * bounded time.
 */
final class Calls {
    private static final long FIRST_BACKOFF_NS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LONGEST_BACKOFF_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int REQUESTS = 3;

    private final EtcdKv kv;
    private final Timing timing;
    private final String location;
    private final long patienceNs;

    Calls(final EtcdKv kv, final Timing timing, final EtcdStoreContext context) {
        this.kv = kv;
        this.timing = timing;
        location = context.location();
        patienceNs =
                context.clientContext().connectTimeout().toNanos()
                        + REQUESTS * context.clientContext().requestTimeout().toNanos();
    }

    EtcdKv kv() {
        return kv;
    }

    Timing timing() {
        return timing;
    }

    String location() {
        return location;
    }

    /** Reads; the answer is of a moment between call and return. */
    KvAnswer read(final KvOp... reads) {
        return call("read", () -> kv.txn(KvTxn.reads(reads)));
    }

    /** Reads a range. */
    KvPage read(final KvRange range) {
        return call("read", () -> kv.range(range));
    }

    /**
     * Asks, again and again when that may help, which must do no harm.
     *
     * @param action in words, for messages.
     * @param call that asks.
     * @return the answer.
     * @throws WalException when there is none.
     */
    <T> T call(final String action, final Supplier<CompletableFuture<T>> call) {
        try {
            return tryCall(call);
        } catch (final KvException e) {
            throw e.toWalException(location, action);
        }
    }

    /** As {@link #call}, for callers who know what to do about some failures. */
    <T> T tryCall(final Supplier<CompletableFuture<T>> call) {
        final long beginNs = timing.nanoTime();
        long backoffNs = FIRST_BACKOFF_NS;
        while (true) {
            try {
                return await(call.get());
            } catch (final KvException e) {
                if (!e.isPassing() || timing.nanoTime() - beginNs >= patienceNs) {
                    throw e;
                }
            }
            pause(backoffNs);
            backoffNs = Math.min(LONGEST_BACKOFF_NS, 2 * backoffNs);
        }
    }

    /** Waits for one answer. */
    <T> T await(final CompletableFuture<T> future) {
        final Timing.Signal signal = timing.newSignal();
        future.whenComplete((answer, failure) -> signal.raise());
        signal.await(future::isDone, Long.MAX_VALUE); // every future of the client ends
        try {
            return future.join();
        } catch (final RuntimeException e) {
            throw KvException.of(e);
        }
    }

    void pause(final long timeNs) {
        timing.newSignal().await(() -> false, timeNs);
    }
}
