package io.wal.mmap;

import io.wal.mmap.RepairReport.LsnRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a salvage writes: the sound records of all sources in LSN order, each LSN once; where
 * recovery then begins; and which LSNs are lost.
 *
 * @param pieces what is copied, in LSN order, without overlap.
 * @param firstLsn first LSN of the new log.
 * @param nextLsn that the next append gets.
 * @param checkpoint that recovery begins with; null for none.
 * @param isCheckpointLost whether a later one was finalized, and is not whole.
 * @param startLsn where recovery begins.
 * @param lost LSNs in use that no source holds, from the start of the checkpoint on.
 */
record SalvagePlan(
        List<Piece> pieces,
        long firstLsn,
        long nextLsn,
        LsnRange checkpoint,
        boolean isCheckpointLost,
        long startLsn,
        List<LsnRange> lost) {

    /**
     * A part of a source's sound records.
     *
     * @param source that holds them.
     * @param run of records.
     * @param firstLsn of the entries to copy.
     * @param nextLsn behind the entries to copy.
     */
    record Piece(SalvageSource source, SalvageSource.Run run, long firstLsn, long nextLsn) {
        RepairReport.Kept kept() {
            return new RepairReport.Kept(
                    source.name(), run.offset(), run.end() - run.offset(), firstLsn, nextLsn - 1);
        }
    }

    /**
     * Makes the plan.
     *
     * @param sources in the order of their indices, torn tails cut.
     * @param control state of the control file; null when it is lost.
     * @param usedLsn highest LSN that is known to have been used.
     */
    static SalvagePlan of(
            final List<SalvageSource> sources, final Control control, final long usedLsn) {
        final List<Piece> pieces = pieces(sources);
        final long behindPieces = pieces.isEmpty() ? 1 : pieces.get(pieces.size() - 1).nextLsn();
        final long nextLsn = Math.max(behindPieces, usedLsn + 1);
        final long firstLsn = pieces.isEmpty() ? nextLsn : pieces.get(0).firstLsn();
        final List<LsnRange> candidates = checkpoints(sources, control);
        LsnRange whole = null;
        for (final LsnRange candidate : candidates) {
            if (isWhole(candidate, firstLsn, nextLsn, pieces)) {
                whole = candidate;
                break;
            }
        }
        final boolean isLost = !candidates.isEmpty() && candidates.get(0) != whole;
        final long heldFrom = control == null ? firstLsn : Math.min(control.startLsn(), firstLsn);
        return new SalvagePlan(
                pieces,
                firstLsn,
                nextLsn,
                whole,
                isLost,
                whole == null ? firstLsn : whole.firstLsn(),
                gaps(pieces, whole == null ? heldFrom : whole.firstLsn(), nextLsn));
    }

    long keptEntryCount() {
        return pieces.stream().mapToLong(piece -> piece.nextLsn() - piece.firstLsn()).sum();
    }

    /** Greedy: always the run that begins first, as far as it was not covered already. */
    private static List<Piece> pieces(final List<SalvageSource> sources) {
        final List<Piece> all = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            final long limit = firstLsnBehind(sources, i);
            for (final SalvageSource.Run run : sources.get(i).runs()) {
                all.add(
                        new Piece(
                                sources.get(i),
                                run,
                                run.firstLsn(),
                                Math.min(limit, run.nextLsn())));
            }
        }
        all.sort(Comparator.comparingLong(Piece::firstLsn)); // stable: in log order otherwise
        final List<Piece> pieces = new ArrayList<>();
        long next = 0;
        for (final Piece piece : all) {
            final long first = Math.max(next, piece.firstLsn());
            if (first < piece.nextLsn()) {
                pieces.add(new Piece(piece.source(), piece.run(), first, piece.nextLsn()));
                next = piece.nextLsn();
            }
        }
        return pieces;
    }

    /** Where the next segment begins: an entry at or behind it was never of this one. */
    private static long firstLsnBehind(final List<SalvageSource> sources, final int position) {
        final long index = sources.get(position).index();
        return sources.stream()
                .filter(source -> source.index() > index && source.firstLsn() > 0)
                .mapToLong(SalvageSource::firstLsn)
                .min()
                .orElse(Long.MAX_VALUE);
    }

    /** All that were finalized, the last one first. */
    private static List<LsnRange> checkpoints(
            final List<SalvageSource> sources, final Control control) {
        final List<LsnRange> checkpoints = new ArrayList<>();
        if (control != null && (control.endLsn() > 0 || control.startLsn() > 1)) {
            checkpoints.add(new LsnRange(control.startLsn(), control.endLsn()));
        }
        sources.forEach(source -> checkpoints.addAll(source.checkpoints()));
        checkpoints.sort(
                Comparator.comparingLong(LsnRange::firstLsn)
                        .thenComparingLong(LsnRange::lastLsn)
                        .reversed());
        return checkpoints;
    }

    private static boolean isWhole(
            final LsnRange checkpoint,
            final long firstLsn,
            final long nextLsn,
            final List<Piece> pieces) {
        return checkpoint.firstLsn() >= firstLsn
                && checkpoint.firstLsn() <= nextLsn
                && gaps(pieces, checkpoint.firstLsn(), checkpoint.lastLsn() + 1).isEmpty();
    }

    /** The LSNs from one to before another that no piece covers. */
    private static List<LsnRange> gaps(
            final List<Piece> pieces, final long fromLsn, final long toLsn) {
        final List<LsnRange> gaps = new ArrayList<>();
        long next = fromLsn;
        for (final Piece piece : pieces) {
            if (piece.firstLsn() >= toLsn) {
                break;
            }
            if (piece.firstLsn() > next) {
                gaps.add(new LsnRange(next, piece.firstLsn() - 1));
            }
            next = Math.max(next, piece.nextLsn());
        }
        if (next < toLsn) {
            gaps.add(new LsnRange(next, toLsn - 1));
        }
        return gaps;
    }
}
