package io.wal.etcd;

import io.wal.WalException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Keeps the lease that shows others that the owner lives, by a beat of its own on monotonic time:
 * jetcd's stream stays with a member that hangs, and does not come back.
 *
 * <p>Losing the lease is an ordinary event. As long as the epoch is ours nobody has taken the log,
 * so a new lease is granted and the owner put again. Each beat also looks at the epoch, so that an
 * owner with nothing to write learns that it was deposed. Any thread.
 */
final class LeaseKeeper {
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int BEATS = 3;

    private final EtcdKv kv;
    private final Timing timing;
    private final long ttlS;
    private final Consumer<String> warningHandler;
    private final String location;
    private long leaseId;
    private long beatNs;
    private Guarded guarded;
    private boolean stopped;

    /** What is to be put again, and who is told when it must not be. */
    private record Guarded(Writing writing, byte[] owner, Runnable onDeposed) {}

    LeaseKeeper(final EtcdKv kv, final Timing timing, final EtcdStoreContext context) {
        this.kv = kv;
        this.timing = timing;
        ttlS = context.leaseTtl().toSeconds();
        warningHandler = context::warn;
        location = context.location();
    }

    /** Grants the lease, unless that was done, and keeps it from now on. */
    void begin(final Calls calls) {
        if (leaseId() == 0) {
            final KvLease lease = calls.call("grant a lease for", () -> kv.grant(ttlS));
            take(lease);
            timing.schedule(beatNs, this::beat);
        }
    }

    synchronized long leaseId() {
        return leaseId;
    }

    /**
     * From now on the owner is put again when its lease was lost.
     *
     * @param writing how to put it.
     * @param owner the value.
     * @param putOnLeaseId lease it was put on.
     * @param onDeposed told when another has the epoch.
     */
    void guard(
            final Writing writing,
            final byte[] owner,
            final long putOnLeaseId,
            final Runnable onDeposed) {
        final Guarded what = new Guarded(writing, owner, onDeposed);
        final boolean lost;
        synchronized (this) {
            guarded = what;
            lost = leaseId != putOnLeaseId;
        }
        if (lost) {
            putOwner(what);
        }
    }

    /** Keeps it no more. */
    synchronized void stop() {
        stopped = true;
        guarded = null;
    }

    private synchronized boolean isStopped() {
        return stopped;
    }

    private synchronized Guarded guarded() {
        return guarded;
    }

    private synchronized void take(final KvLease lease) {
        leaseId = lease.id();
        beatNs = TimeUnit.SECONDS.toNanos(Math.max(1, lease.grantedS())) / BEATS;
    }

    private void beat() {
        if (isStopped()) {
            return;
        }
        kv.keepAliveOnce(leaseId())
                .whenComplete(
                        (lease, failure) -> {
                            if (failure == null && lease.remainingS() > 0) {
                                timing.schedule(beatNs, this::beat);
                            } else if (failure == null
                                    || KvException.of(failure).kind()
                                            == KvException.Kind.NO_LEASE) {
                                grantAgain();
                            } else {
                                timing.schedule(Math.min(beatNs, RETRY_NS), this::beat);
                            }
                        });
        final Guarded what = guarded();
        if (what != null) {
            lookAtEpoch(what);
        }
    }

    private void lookAtEpoch(final Guarded what) {
        final Fence fence = what.writing().fence();
        kv.range(KvRange.of(fence.epochKey()).keys())
                .whenComplete(
                        (page, failure) -> {
                            if (failure == null
                                    && (page.isEmpty()
                                            || page.entry().modRevision() != fence.revision())) {
                                what.onDeposed().run();
                            }
                        });
    }

    private void grantAgain() {
        if (isStopped()) {
            return;
        }
        kv.grant(ttlS)
                .whenComplete(
                        (lease, failure) -> {
                            if (failure != null) {
                                timing.schedule(RETRY_NS, this::grantAgain);
                                return;
                            }
                            if (isStopped()) {
                                kv.revoke(lease.id());
                                return;
                            }
                            take(lease);
                            timing.schedule(beatNs, this::beat);
                            final Guarded what = guarded();
                            if (what != null) {
                                warningHandler.accept(
                                        "the lease on "
                                                + location
                                                + " ran out; it is granted anew, writing goes on");
                                putOwner(what);
                            }
                        });
    }

    private void putOwner(final Guarded what) {
        final String key = what.writing().keys().owner();
        what.writing()
                .courier()
                .deliver(
                        what.writing()
                                .fence()
                                .txn(
                                        KvCompare.absent(key),
                                        new KvOp.Put(key, what.owner(), leaseId())),
                        "put the owner of",
                        new TxnCourier.Receiver() {
                            @Override
                            public void onVerdict(
                                    final Fence.Verdict verdict, final long revision) {
                                if (verdict == Fence.Verdict.DEPOSED) {
                                    what.onDeposed().run();
                                }
                            }

                            @Override
                            public void onFailure(final WalException failure) {
                                // the lease was lost again, and the next beat sees to it; or all
                                // goes wrong, and
                                // appending says so
                            }
                        });
    }
}
