package io.wal.etcd;

import io.wal.CorruptLogException;
import io.wal.FencedException;
import io.wal.StorageException;
import io.wal.WalException;

/**
 * Finds out what a deposed writer left behind, so that every append in flight gets a definite
 * answer.
 *
 * <p>From the moment at which the epoch was taken nothing of the deposed writer is stored any more,
 * and its successors keep what is there up to the first hole. So one look at the log tells: while
 * no successor has begun its epoch, the batches themselves are as they will stay; after it, its
 * record says where it begins, and so what was kept below. Nothing has to be waited for but an
 * answer.
 */
final class SuccessorInquiry {
    /** The last kept LSN, when it could not be learned. */
    static final long UNKNOWN = -1;

    private final PatientReads reads;
    private final KeyLayout keys;
    private final long logId;
    private final long epoch;
    private final String location;
    private final Listener listener;
    private volatile InFlight inFlight;

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
            final PatientReads reads,
            final KeyLayout keys,
            final long logId,
            final long epoch,
            final String location,
            final Listener listener) {
        this.reads = reads;
        this.keys = keys;
        this.logId = logId;
        this.epoch = epoch;
        this.location = location;
        this.listener = listener;
    }

    /**
     * Begins.
     *
     * @param batches that were in flight when acknowledging ended.
     */
    void begin(final InFlight batches) {
        inFlight = batches;
        ask();
    }

    /**
     * Ends, for nobody waits any longer; also when it has not begun yet.
     *
     * @param reason in words.
     */
    void endWithoutAnswer(final String reason) {
        final InFlight batches = inFlight;
        final long keptLsn = batches != null && batches.isEmpty() ? batches.durableLsn() : UNKNOWN;
        listener.onOutcome(keptLsn, fenced(epoch + 1, keptLsn, reason));
    }

    private void ask() {
        final KvRange batches =
                KvRange.of(
                        keys.batch(inFlight.durableLsn() + 1), keys.batch(inFlight.lastLsn() + 1));
        reads.ask(
                KvTxn.reads(
                        KvOp.get(keys.epoch()),
                        new KvOp.Get(
                                KvRange.of(keys.epochStart(epoch + 1), keys.epochStartsEnd())
                                        .first(1)),
                        KvOp.get(keys.owner()),
                        KvOp.get(keys.registration()),
                        new KvOp.Get(
                                (inFlight.isEmpty() ? KvRange.of(keys.epoch()) : batches).keys())),
                this::onAnswer,
                failure -> endWithoutAnswer(failure.getMessage()));
    }

    private void onAnswer(final KvAnswer answer) {
        try {
            conclude(answer);
        } catch (final WalException e) {
            listener.onOutcome(UNKNOWN, e);
        } catch (final RuntimeException e) { // or nobody would ever be told
            listener.onOutcome(UNKNOWN, new StorageException(location, "ask about", e));
        }
    }

    private void conclude(final KvAnswer answer) {
        final Registration registration = Registration.of(answer.read(3).entry());
        final KvEntry epochEntry = answer.read(0).entry();
        if (epochEntry == null || registration == null) {
            throw lost(
                    epochEntry == null ? keys.epoch() : keys.registration(),
                    "the key is gone: the log was removed, or the cluster was wiped");
        }
        if (registration.logId() != logId) {
            throw lost(keys.registration(), "the log was removed, and another was made since");
        }
        final Epoch current = Epoch.of(epochEntry);
        if (current.number() <= epoch) {
            throw lost(
                    keys.epoch(),
                    "the epoch went back from "
                            + epoch
                            + " to "
                            + current.number()
                            + ": the cluster was wiped or restored from a backup");
        }
        final KvEntry startEntry = answer.read(1).entry();
        final Owner owner = Owner.of(answer.read(2).entry());
        final String who = owner == null ? "a successor that is gone" : owner.describe();
        if (startEntry == null) {
            final long keptLsn = inFlight.keptLsn(storedLsns(answer.read(4)));
            listener.onOutcome(keptLsn, fenced(current.number(), keptLsn, who));
            return;
        }
        final EpochStart start = EpochStart.of(startEntry, keys);
        final long keptLsn;
        if (start.previous() == epoch) {
            keptLsn = start.firstLsn() - 1;
        } else { // the record of the next epoch is forgotten by now
            keptLsn = inFlight.isEmpty() ? inFlight.durableLsn() : UNKNOWN;
        }
        listener.onOutcome(keptLsn, fenced(start.epoch(), keptLsn, who));
    }

    private long[] storedLsns(final KvPage batches) {
        return batches.entries().stream()
                .mapToLong(entry -> keys.firstLsnOf(entry.key()))
                .filter(lsn -> lsn > 0)
                .toArray();
    }

    private static CorruptLogException lost(final String key, final String reason) {
        return new CorruptLogException(key, 0, 0, reason);
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
