package io.wal.etcd;

import io.wal.WalException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Brings transactions to etcd, each again and again until it is known what became of it.
 *
 * <p>The transactions come from {@link Fence#txn}, so any number of copies has one effect. A copy
 * is sent when an answer said nothing, and on suspicion when none came for long: the request may
 * have gone to a member that hangs, or from there to a leader that is gone.
 *
 * <p>A copy costs the cluster as much as the original, and while nothing is stored it is as lost as
 * that. So when answers are late, small transactions that change nothing, feelers, go first, one
 * shortly after the other and so to one member after the other. Once one is answered that was sent
 * well after a transaction which is not, that one is taken for lost, and sent again. A cluster that
 * is merely slow is not given more to do; and when there is a leader again, that is known within
 * the interval of the feelers.
 *
 * <p>Any thread; the receivers are called on the threads that bring the answers, with no lock held.
 */
final class TxnCourier implements AutoCloseable {
    private static final long NEVER = Long.MAX_VALUE;
    private static final long FIRST_BACKOFF_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_BACKOFF_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long BUSY_BACKOFF_NS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long FULL_BACKOFF_NS = TimeUnit.SECONDS.toNanos(1);

    private static final long FEEL_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONGEST_FEEL_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

    /** Feelers come this much of an outage's time apart, so that a long one is not felt often. */
    private static final int FEELERS_PER_OUTAGE = 16;

    /** Copies of a transaction under way at a time; the budget limits them further. */
    private static final int MOST_COPIES = 10;

    private static final int MOST_DENIALS = 3;

    private final EtcdKv kv;
    private final Timing timing;
    private final Fence fence;
    private final ClusterLineage lineage;
    private final StallListener stallListener;
    private final String location;
    private final long hedgeAfterNs;
    private final long mostOvertakingNs;
    private final long giveUpAfterNs;
    private final List<Delivery> deliveries = new ArrayList<>();
    private final Latencies latencies = new Latencies();
    private final HedgeBudget budget;
    private long checkNs = NEVER;
    private long feelNs;
    private boolean feels;
    private long answeredSentNs;
    private int fullCount;
    private boolean closed;

    /** Told what became of a transaction, once. */
    interface Receiver {
        /**
         * It was answered.
         *
         * @param verdict what became of it.
         * @param revision at which it had its effect, or at which it was found not to.
         */
        void onVerdict(Fence.Verdict verdict, long revision);

        /**
         * It could not be brought, or no answer came; whether it was done, or will be, is not
         * known.
         */
        void onFailure(WalException failure);
    }

    /** Told that transactions wait for space. */
    interface StallListener {
        /**
         * Transactions wait, or do so no more.
         *
         * @param cause why; null when they go on.
         */
        void onStall(WalException cause);
    }

    private static final class Delivery {
        private final KvTxn txn;
        private final String action;
        private final Receiver receiver;
        private long beganNs;
        private long sentNs;
        private long retryNs = NEVER;
        private int underWayCount;
        private int failureCount;
        private int denialCount;
        private boolean full;
        private boolean ended;

        Delivery(final KvTxn txn, final String action, final Receiver receiver, final long nowNs) {
            this.txn = txn;
            this.action = action;
            this.receiver = receiver;
            beganNs = nowNs;
        }
    }

    TxnCourier(
            final EtcdKv kv,
            final Timing timing,
            final Fence fence,
            final ClusterLineage lineage,
            final EtcdStoreContext context,
            final StallListener stallListener) {
        this.kv = kv;
        this.timing = timing;
        this.fence = fence;
        this.lineage = lineage;
        this.stallListener = stallListener;
        location = context.location();
        hedgeAfterNs = context.hedgeAfter().toNanos();
        mostOvertakingNs = context.clientContext().requestTimeout().toNanos() / 2;
        giveUpAfterNs = context.giveUpAfter().toNanos();
        budget = new HedgeBudget(timing.nanoTime());
        feelNs = timing.nanoTime();
        answeredSentNs = feelNs;
    }

    /**
     * Brings a transaction.
     *
     * @param txn built by the fence.
     * @param action in words, for messages.
     * @param receiver told what became of it; not told when the courier is closed before that is
     *     known.
     */
    void deliver(final KvTxn txn, final String action, final Receiver receiver) {
        final Delivery delivery = new Delivery(txn, action, receiver, timing.nanoTime());
        synchronized (this) {
            if (closed) {
                return;
            }
            deliveries.add(delivery);
            budget.onSending();
        }
        send(delivery);
    }

    /** Sends nothing more, and tells nobody anything. */
    @Override
    public synchronized void close() {
        closed = true;
        deliveries.clear();
    }

    private void send(final Delivery delivery) {
        final long sentNs = timing.nanoTime();
        final long revisionWhenSent = lineage.revision();
        synchronized (this) {
            if (closed || delivery.ended) {
                return;
            }
            delivery.underWayCount++;
            delivery.sentNs = sentNs;
            if (hedgeAfterNs > 0) {
                scheduleCheck(Math.max(delivery.beganNs + hedgeAfterNs / 2, feelNs), sentNs);
            }
        }
        kv.txn(delivery.txn)
                .whenComplete(
                        (answer, failure) -> {
                            if (failure == null) {
                                onAnswer(delivery, answer, sentNs, revisionWhenSent);
                            } else {
                                onFailure(delivery, KvException.of(failure));
                            }
                        });
    }

    private void onAnswer(
            final Delivery delivery,
            final KvAnswer answer,
            final long sentNs,
            final long revisionWhenSent) {
        synchronized (this) {
            delivery.underWayCount--;
            latencies.record(timing.nanoTime() - sentNs);
        }
        final WalException replaced =
                lineage.check(answer.clusterId(), answer.revision(), revisionWhenSent);
        if (end(delivery)) {
            if (replaced == null) {
                delivery.receiver.onVerdict(
                        fence.verdict(delivery.txn, answer), fence.revisionOf(answer));
            } else {
                delivery.receiver.onFailure(replaced);
            }
        }
        noteAnswerTo(sentNs);
    }

    /** What was sent well before and is late is sent again, if it is not answered by now. */
    private void noteAnswerTo(final long sentNs) {
        final boolean somethingIsLate;
        synchronized (this) {
            answeredSentNs = Math.max(answeredSentNs, sentNs);
            somethingIsLate = feels;
        }
        if (somethingIsLate) {
            check();
        }
    }

    private void feel(final long sentNs) {
        kv.txn(fence.feeler())
                .whenComplete(
                        (answer, failure) -> {
                            if (failure == null) {
                                noteAnswerTo(sentNs);
                            }
                        });
    }

    private void onFailure(final Delivery delivery, final KvException failure) {
        final boolean outOfSpace = failure.kind() == KvException.Kind.NO_SPACE;
        boolean stalls = false;
        boolean givesUp = false;
        boolean goesOn = false;
        synchronized (this) {
            delivery.underWayCount--;
            if (closed || delivery.ended) {
                return;
            }
            final long nowNs = timing.nanoTime();
            if (outOfSpace) {
                stalls = !delivery.full && fullCount++ == 0;
                delivery.full = true;
                delivery.beganNs = nowNs; // waiting for space is no reason to give up
            }
            final boolean mayTryAgain = mayTryAgain(delivery, failure, nowNs);
            if (mayTryAgain && delivery.underWayCount > 0 && failure.isPassing()) {
                return; // another copy will tell
            }
            if (mayTryAgain) {
                delivery.retryNs = nowNs + backoffNs(delivery, failure);
                scheduleCheck(delivery.retryNs, nowNs);
            } else {
                givesUp = true;
                goesOn = endNow(delivery);
            }
        }
        if (stalls) {
            stallListener.onStall(failure.toWalException(location, delivery.action));
        }
        if (goesOn) {
            stallListener.onStall(null);
        }
        if (givesUp) {
            delivery.receiver.onFailure(failure.toWalException(location, delivery.action));
        } else if (outOfSpace) {
            lookWhetherApplied(delivery);
        }
    }

    /**
     * etcd counts the space before and after: a transaction that it refused for lack of it may have
     * been done.
     */
    private void lookWhetherApplied(final Delivery delivery) {
        final long revisionWhenSent = lineage.revision();
        kv.txn(fence.reads(delivery.txn))
                .whenComplete(
                        (answer, failure) -> {
                            if (failure != null) {
                                return; // it is sent again anyway
                            }
                            final WalException replaced =
                                    lineage.check(
                                            answer.clusterId(),
                                            answer.revision(),
                                            revisionWhenSent);
                            final Fence.Verdict verdict =
                                    fence.verdictByReads(delivery.txn, answer);
                            if (replaced != null && end(delivery)) {
                                delivery.receiver.onFailure(replaced);
                            } else if (verdict != Fence.Verdict.CONFLICT && end(delivery)) {
                                delivery.receiver.onVerdict(verdict, fence.revisionOf(answer));
                            }
                        });
    }

    private boolean end(final Delivery delivery) {
        final boolean goesOn;
        synchronized (this) {
            if (closed || delivery.ended) {
                return false;
            }
            goesOn = endNow(delivery);
        }
        if (goesOn) {
            stallListener.onStall(null);
        }
        return true;
    }

    /** Whether this was the last one that waited for space. */
    private boolean endNow(final Delivery delivery) {
        delivery.ended = true;
        deliveries.remove(delivery);
        return delivery.full && --fullCount == 0;
    }

    private boolean mayTryAgain(
            final Delivery delivery, final KvException failure, final long nowNs) {
        return switch (failure.kind()) {
            case NO_SPACE -> true;
            case DENIED ->
                    ++delivery.denialCount < MOST_DENIALS; // a token may have run out just now
            default -> failure.isPassing() && nowNs - delivery.beganNs < giveUpAfterNs;
        };
    }

    private static long backoffNs(final Delivery delivery, final KvException failure) {
        if (failure.kind() == KvException.Kind.NO_SPACE) {
            return FULL_BACKOFF_NS;
        }
        final long leastNs =
                failure.kind() == KvException.Kind.BUSY ? BUSY_BACKOFF_NS : FIRST_BACKOFF_NS;
        return Math.min(LONGEST_BACKOFF_NS, leastNs << Math.min(delivery.failureCount++, 8));
    }

    private void scheduleCheck(final long atNs, final long nowNs) {
        if (atNs < checkNs) {
            checkNs = atNs;
            timing.schedule(Math.max(0, atNs - nowNs), () -> onTime(atNs));
        }
    }

    private void onTime(final long atNs) {
        synchronized (this) {
            if (checkNs != atNs) {
                return; // another one comes
            }
        }
        check();
    }

    /**
     * Sends again what was answered with nothing, and what is taken for lost; sends a feeler when
     * answers are late.
     */
    private void check() {
        final List<Delivery> due = new ArrayList<>();
        final long nowNs = timing.nanoTime();
        final boolean sendsFeeler;
        synchronized (this) {
            if (closed) {
                return;
            }
            checkNs = NEVER;
            long nextNs = NEVER;
            long lateSinceNs = NEVER;
            for (final Delivery delivery : deliveries) {
                final long lateNs = delivery.beganNs + hedgeAfterNs / 2;
                if (delivery.underWayCount == 0) {
                    if (delivery.retryNs <= nowNs) {
                        delivery.retryNs = NEVER; // another thread must not send it as well
                        due.add(delivery);
                    } else {
                        nextNs = Math.min(nextNs, delivery.retryNs);
                    }
                } else if (hedgeAfterNs > 0 && lateNs > nowNs) {
                    nextNs = Math.min(nextNs, lateNs);
                } else if (hedgeAfterNs > 0) {
                    lateSinceNs = Math.min(lateSinceNs, lateNs);
                    final long hedgeNs = delivery.beganNs + hedgeAfterNs;
                    if (hedgeNs > nowNs) {
                        nextNs = Math.min(nextNs, hedgeNs);
                    } else if (isTakenForLost(delivery) && mayHedge(delivery, nowNs)) {
                        due.add(delivery);
                    }
                }
            }
            feels = lateSinceNs != NEVER;
            sendsFeeler = feels && feelNs <= nowNs;
            if (sendsFeeler) {
                feelNs = nowNs + feelIntervalNs(nowNs - lateSinceNs);
            }
            if (feels) {
                nextNs = Math.min(nextNs, feelNs);
            }
            if (nextNs != NEVER) {
                scheduleCheck(nextNs, nowNs);
            }
        }
        due.forEach(this::send);
        if (sendsFeeler) {
            feel(nowNs);
        }
    }

    private static long feelIntervalNs(final long outageNs) {
        return Math.min(
                LONGEST_FEEL_INTERVAL_NS,
                Math.max(FEEL_INTERVAL_NS, outageNs / FEELERS_PER_OUTAGE));
    }

    /** Whether something was answered that was sent so much later that it cannot have overtaken. */
    private boolean isTakenForLost(final Delivery delivery) {
        final long overtakingNs =
                Math.min(mostOvertakingNs, Math.max(FEEL_INTERVAL_NS, latencies.tailNs()));
        return answeredSentNs - delivery.sentNs >= overtakingNs;
    }

    private boolean mayHedge(final Delivery delivery, final long nowNs) {
        return delivery.underWayCount < MOST_COPIES && budget.spend(nowNs);
    }
}
