package io.wal.etcd;

import io.wal.inspect.Damage;

/**
 * Decides what the batches of a log are, in the order of their keys.
 *
 * <p>Batches in flight are stored in any order, so one may be missing while others behind it are
 * there: then the log ends before the first hole, and what lies behind is a torn tail. But entries
 * that are known to be acknowledged, by what a later batch or a small value says, must be there: if
 * not, the log is damaged. So it is when a batch that is there is not sound, for etcd stores a
 * value whole or not at all.
 */
final class LogScanner {
    private final LogState state;
    private final KeyLayout keys;
    private final Sink sink;
    private final BatchView view = new BatchView();
    private final long logId;
    private long nextLsn;
    private long lastEpoch;
    private long holeLsn;
    private int tornCount;
    private boolean lost; // behind a batch that says nothing of its end

    /** Receives what the batches are. */
    interface Sink {
        /** A batch of the log. */
        void onBatch(KvEntry entry, BatchView view);

        /** A batch behind a hole, which was never acknowledged. */
        default void onTorn(final KvEntry entry, final BatchView view) {}

        /** Acknowledged data is damaged or missing; may throw. */
        void onDamage(Damage damage);
    }

    LogScanner(final LogState state, final KeyLayout keys, final Sink sink) {
        this.state = state;
        this.keys = keys;
        this.sink = sink;
        logId = state.registration().logId();
        nextLsn = state.trim().batchLsn();
    }

    /** Begins with the batch of an LSN, rather than with the first. */
    void beginAt(final long firstLsn) {
        nextLsn = firstLsn;
    }

    /** Takes the next entry in the range of batches. */
    void onEntry(final KvEntry entry) {
        final long lsn = keys.firstLsnOf(entry.key());
        if (lsn == 0) {
            damage(entry.key(), 0, nextLsn, "foreign key among the batches");
            return;
        }
        final BatchView.Flaw flaw = view.wrap(entry, lsn, logId);
        if (flaw != null) {
            damage(entry.key(), flaw.offset(), flaw.lsn(), flaw.reason());
            nextLsn = Math.max(nextLsn, lsn + 1);
            lost = true;
        } else if (lsn < nextLsn) {
            damage(
                    entry.key(),
                    0,
                    lsn,
                    "overlaps the batch before it, which ends at LSN " + (nextLsn - 1));
            onSound(entry);
        } else if (lsn > nextLsn && !lost && isHole(lsn)) {
            tornCount++;
            sink.onTorn(entry, view);
        } else {
            onSound(entry);
        }
    }

    /** Takes the end of the range. */
    void onEnd() {
        if (lastLsn() < state.provenLsn() && !lost) {
            damage(
                    keys.batch(nextLsn),
                    0,
                    nextLsn,
                    "LSNs "
                            + nextLsn
                            + " to "
                            + state.provenLsn()
                            + " are missing, though they were acknowledged");
        }
        if (state.closed() != null && state.closed().lastLsn() < lastLsn()) {
            damage(
                    keys.closed(),
                    0,
                    lastLsn(),
                    "the log was closed at LSN " + state.closed().lastLsn());
        }
    }

    /** The last LSN before the first hole. */
    long lastLsn() {
        return (holeLsn == 0 ? nextLsn : holeLsn) - 1;
    }

    /** Batches behind the first hole. */
    int tornCount() {
        return tornCount;
    }

    /**
     * Whether a gap before a batch is a hole in the log's end; else it is damage, and the batch
     * counts.
     */
    private boolean isHole(final long lsn) {
        final long missingLsn = holeLsn == 0 ? nextLsn : holeLsn;
        if (Math.max(view.durableLsn(), state.provenLsn()) < missingLsn) {
            holeLsn = missingLsn;
            return true;
        }
        final String evidence =
                view.durableLsn() >= missingLsn
                        ? "the batch of LSN " + lsn + " says"
                        : "the values of the log say";
        damage(
                keys.batch(missingLsn),
                0,
                missingLsn,
                "LSNs from "
                        + missingLsn
                        + " on are missing, though they were acknowledged, as "
                        + evidence);
        holeLsn = 0;
        return false;
    }

    private void onSound(final KvEntry entry) {
        final long epoch = state.epochOf(view.firstLsn());
        if (view.epoch() < lastEpoch || epoch != 0 && view.epoch() != epoch) {
            damage(
                    entry.key(),
                    BatchDescriptor.EPOCH_OFFSET,
                    view.firstLsn(),
                    "batch of epoch "
                            + view.epoch()
                            + " in the place of one of epoch "
                            + Math.max(epoch, lastEpoch));
        }
        lastEpoch = Math.max(lastEpoch, view.epoch());
        nextLsn = Math.max(nextLsn, view.lastLsn() + 1);
        lost = false;
        sink.onBatch(entry, view);
    }

    private void damage(final String key, final long offset, final long lsn, final String reason) {
        sink.onDamage(new Damage(key, offset, lsn, reason));
    }
}
