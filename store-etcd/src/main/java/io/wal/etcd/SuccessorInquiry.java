package io.wal.etcd;

import io.wal.CorruptLogException;
import io.wal.FencedException;
import io.wal.WalException;
import java.util.concurrent.TimeUnit;

/**
 * Finds out what a deposed writer left behind. Its successor records where its own epoch begins
 * once it has read the log and cut it: what lies below is in the log for good, and nothing of the
 * deposed writer will ever lie above. So every append in flight gets a definite answer. The
 * successor may take a while, or die before; then its own successor tells.
 */
final class SuccessorInquiry {
    /** The last kept LSN, when it could not be learned. */
    static final long UNKNOWN = -1;

    private static final long AGAIN_AFTER_NS = TimeUnit.MILLISECONDS.toNanos(100);

    private final EtcdKv kv;
    private final Timing timing;
    private final KeyLayout keys;
    private final Fence fence;
    private final long epoch;
    private final String location;
    private final long giveUpAfterNs;
    private final Listener listener;
    private long deadlineNs;
    private long settledLsn;

    /** Told the outcome, once, on any thread. */
    interface Listener {
        /**
         * The outcome.
         *
         * @param lastKeptLsn last LSN of the deposed writer that is in the log; {@link #UNKNOWN} if
         *     not known.
         * @param cause what the log fails with.
         */
        void onOutcome(long lastKeptLsn, WalException cause);
    }

    SuccessorInquiry(
            final EtcdKv kv,
            final Timing timing,
            final Writing writing,
            final long epoch,
            final EtcdStoreContext context,
            final Listener listener) {
        this.kv = kv;
        this.timing = timing;
        keys = writing.keys();
        fence = writing.fence();
        this.epoch = epoch;
        location = context.location();
        giveUpAfterNs = context.giveUpAfter().toNanos();
        this.listener = listener;
    }

    /**
     * Begins.
     *
     * @param settled the last LSN when none is in flight, and so the answer; {@link #UNKNOWN} when
     *     some are.
     */
    void begin(final long settled) {
        settledLsn = settled;
        deadlineNs = timing.nanoTime() + giveUpAfterNs;
        ask();
    }

    private void ask() {
        final KvTxn reads =
                KvTxn.reads(
                        KvOp.get(keys.epoch()),
                        new KvOp.Get(
                                KvRange.of(keys.epochStart(epoch + 1), keys.epochStartsEnd())
                                        .first(1)),
                        KvOp.get(keys.owner()));
        kv.txn(reads)
                .whenComplete(
                        (answer, failure) -> {
                            try {
                                if (failure != null || !conclude(answer)) {
                                    askAgain(failure);
                                }
                            } catch (final WalException e) {
                                listener.onOutcome(UNKNOWN, e);
                            }
                        });
    }

    private void askAgain(final Throwable failure) {
        if (timing.nanoTime() - deadlineNs < 0) {
            timing.schedule(AGAIN_AFTER_NS, this::ask);
        } else {
            listener.onOutcome(
                    UNKNOWN,
                    withoutAnswer(
                            failure == null
                                    ? "which has not begun to write"
                                    : KvException.of(failure).getMessage()));
        }
    }

    /** What the log fails with when there is no outcome. */
    FencedException withoutAnswer(final String reason) {
        return fenced(epoch + 1, UNKNOWN, reason);
    }

    private boolean conclude(final KvAnswer answer) {
        final KvEntry epochEntry = answer.read(0).entry();
        final Epoch current = Epoch.of(epochEntry);
        final KvEntry startEntry = answer.read(1).entry();
        final Owner owner = Owner.of(answer.read(2).entry());
        final String who = owner == null ? "a successor that is gone" : owner.describe();
        if (epochEntry == null) {
            listener.onOutcome(
                    UNKNOWN,
                    new CorruptLogException(
                            keys.epoch(),
                            0,
                            0,
                            "the key is gone: the log was removed, or the cluster was wiped"));
            return true;
        }
        if (current.number() <= epoch && epochEntry.modRevision() != fence.revision()) {
            listener.onOutcome(
                    UNKNOWN,
                    new CorruptLogException(
                            keys.epoch(),
                            0,
                            0,
                            "the epoch went back from "
                                    + epoch
                                    + " to "
                                    + current.number()
                                    + ": the cluster was wiped or restored from a backup"));
            return true;
        }
        if (startEntry == null) {
            if (settledLsn != UNKNOWN) {
                listener.onOutcome(settledLsn, fenced(current.number(), settledLsn, who));
            }
            return settledLsn != UNKNOWN;
        }
        final EpochStart start = EpochStart.of(startEntry, keys);
        final long keptLsn = start.previous() == epoch ? start.firstLsn() - 1 : UNKNOWN;
        listener.onOutcome(keptLsn, fenced(start.epoch(), keptLsn, who));
        return true;
    }

    private FencedException fenced(final long successor, final long keptLsn, final String who) {
        final String fate =
                keptLsn == UNKNOWN
                        ? "it is not known which entries in flight are in the log"
                        : "entries up to LSN " + keptLsn + " are in the log, none above is";
        return new FencedException(
                epoch,
                successor,
                keptLsn,
                "epoch "
                        + epoch
                        + " of "
                        + location
                        + " was taken over by epoch "
                        + successor
                        + ", "
                        + who
                        + "; "
                        + fate);
    }
}
