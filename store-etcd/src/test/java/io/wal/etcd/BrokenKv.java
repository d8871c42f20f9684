package io.wal.etcd;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * The protocol with a part of it missing, by changing what goes over the seam: what the store would
 * be if it were written so. Each variant must be caught.
 */
final class BrokenKv {
    private BrokenKv() {}

    /** Batches are stored whoever has the epoch. */
    static EtcdKv withoutFence(final EtcdKv kv) {
        return new KvDelegate(kv) {
            @Override
            public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
                return super.txn(putsBatch(txn) ? without(txn, 0) : txn);
            }
        };
    }

    /** A copy of a transaction has its effect again. */
    static EtcdKv withoutRunOnce(final EtcdKv kv) {
        return new KvDelegate(kv) {
            @Override
            public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
                return super.txn(
                        txn.compares().size() < 2 || putsEpoch(txn) ? txn : without(txn, 1));
            }
        };
    }

    /** An answer for one batch acknowledges those before it as well. */
    static EtcdKv acknowledgingOutOfOrder(final EtcdKv kv) {
        return new KvDelegate(kv) {
            private final List<CompletableFuture<KvAnswer>> underWay = new ArrayList<>();

            @Override
            public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
                if (!putsBatch(txn)) {
                    return super.txn(txn);
                }
                final CompletableFuture<KvAnswer> outcome = new CompletableFuture<>();
                underWay.add(outcome);
                super.txn(txn)
                        .whenComplete(
                                (answer, failure) -> {
                                    if (failure != null) {
                                        outcome.completeExceptionally(failure);
                                    } else if (!answer.succeeded()) {
                                        outcome.complete(answer);
                                    } else {
                                        final int index = underWay.indexOf(outcome);
                                        for (final CompletableFuture<KvAnswer> before :
                                                List.copyOf(
                                                        underWay.subList(0, Math.max(0, index)))) {
                                            before.complete(answer);
                                        }
                                        outcome.complete(answer);
                                    }
                                    underWay.removeIf(CompletableFuture::isDone);
                                });
                return outcome;
            }
        };
    }

    /**
     * Batches are stored whoever has the epoch, as long as the lease lives by this side's clock.
     */
    static EtcdKv trustingTheLease(final EtcdKv kv, final LongSupplier clockNs) {
        return new KvDelegate(kv) {
            private long leaseEndNs;

            @Override
            public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
                if (!putsBatch(txn)) {
                    return super.txn(txn);
                }
                return clockNs.getAsLong() < leaseEndNs
                        ? super.txn(without(txn, 0))
                        : CompletableFuture.failedFuture(
                                new KvException(
                                        KvException.Kind.CLOSED, "the lease has run out", null));
            }

            @Override
            public CompletableFuture<KvLease> grant(final long ttlS) {
                return renewed(super.grant(ttlS));
            }

            @Override
            public CompletableFuture<KvLease> keepAliveOnce(final long leaseId) {
                return renewed(super.keepAliveOnce(leaseId));
            }

            private CompletableFuture<KvLease> renewed(final CompletableFuture<KvLease> answer) {
                final long askedNs = clockNs.getAsLong();
                return answer.whenComplete(
                        (lease, failure) -> {
                            if (failure == null) {
                                leaseEndNs = askedNs + lease.remainingS() * 1_000_000_000L;
                            }
                        });
            }
        };
    }

    /** The log is read as it was before the epoch was taken. */
    static EtcdKv readingBeforeTheEpoch(final EtcdKv kv) {
        return new KvDelegate(kv) {
            private long revisionBefore;
            private boolean taken;

            @Override
            public CompletableFuture<KvAnswer> txn(final KvTxn txn) {
                final boolean takes = putsEpoch(txn);
                return super.txn(txn)
                        .whenComplete(
                                (answer, failure) -> {
                                    if (failure == null && !taken && !takes) {
                                        revisionBefore = answer.revision();
                                    }
                                    taken |= takes;
                                });
            }

            @Override
            public CompletableFuture<KvPage> range(final KvRange range) {
                return super.range(
                        range.revision() > 0 && range.from().contains("/b/")
                                ? range.at(revisionBefore)
                                : range);
            }
        };
    }

    static boolean putsBatch(final KvTxn txn) {
        return puts(txn, "/b/");
    }

    static boolean putsEpoch(final KvTxn txn) {
        return puts(txn, "/epoch");
    }

    private static boolean puts(final KvTxn txn, final String part) {
        return txn.then().stream()
                .anyMatch(op -> op instanceof KvOp.Put put && put.key().contains(part));
    }

    private static KvTxn without(final KvTxn txn, final int index) {
        final List<KvCompare> compares = new ArrayList<>(txn.compares());
        compares.remove(index);
        return new KvTxn(compares, txn.then(), txn.otherwise());
    }
}
