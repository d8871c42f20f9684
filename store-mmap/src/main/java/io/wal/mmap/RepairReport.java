package io.wal.mmap;

import io.wal.inspect.Damage;
import io.wal.inspect.LogReport;
import java.nio.file.Path;
import java.util.List;

/**
 * What a repair found and did, or would do.
 *
 * @param location directory of the log.
 * @param verdict about the log as it was found.
 * @param damages that were found, in log order.
 * @param action what is to be done.
 * @param isApplied whether it was done.
 * @param firstLsn first LSN held afterwards; 0 when none is.
 * @param startLsn where recovery begins to deliver afterwards.
 * @param nextLsn LSN of the next append: above all that the log shows to have been used.
 * @param keptEntryCount entries kept by a salvage, claims that were given up included; 0 otherwise.
 * @param kept what a salvage keeps, in LSN order.
 * @param lost LSNs of entries that a salvage cannot find, in order.
 * @param cuts remains of batches that were never acknowledged, which are cut off.
 * @param isCheckpointLost whether the last finalized checkpoint is not whole, so that recovery
 *     begins elsewhere and what it delivers is not a whole state.
 * @param notes what else there is to know, in words.
 * @param attic directory with the originals; null when none were copied.
 */
public record RepairReport(
        String location,
        LogReport.Verdict verdict,
        List<Damage> damages,
        Action action,
        boolean isApplied,
        long firstLsn,
        long startLsn,
        long nextLsn,
        long keptEntryCount,
        List<Kept> kept,
        List<LsnRange> lost,
        List<Cut> cuts,
        boolean isCheckpointLost,
        List<String> notes,
        String attic) {

    /** What a repair does. */
    public enum Action {
        /** Nothing: the log is sound. */
        NONE,
        /** Cuts off what a crash left behind the last whole record, as opening does. */
        CUT,
        /** Writes all that is provably intact into new segments. */
        SALVAGE,
        /** Nothing: acknowledged data is damaged, and a salvage was not asked for. */
        REFUSED
    }

    /**
     * Consecutive LSNs.
     *
     * @param firstLsn first of them.
     * @param lastLsn last of them.
     */
    public record LsnRange(long firstLsn, long lastLsn) {
        /**
         * How many there are.
         *
         * @return the count.
         */
        public long count() {
            return lastLsn - firstLsn + 1;
        }
    }

    /**
     * Consecutive sound records.
     *
     * @param segment file that holds them.
     * @param offset of the first in it, in bytes.
     * @param length in bytes.
     * @param firstLsn of their first entry.
     * @param lastLsn of their last entry.
     */
    public record Kept(String segment, long offset, long length, long firstLsn, long lastLsn) {}

    /**
     * Bytes that are cut off.
     *
     * @param segment file that ends in them.
     * @param offset where they begin, in bytes.
     * @param lastLsn of the last entry before them.
     */
    public record Cut(String segment, long offset, long lastLsn) {}

    /**
     * How many LSNs are lost.
     *
     * @return the count.
     */
    public long lostCount() {
        return lost.stream().mapToLong(LsnRange::count).sum();
    }

    /** The same, done. */
    RepairReport applied(final Path copy) {
        return new RepairReport(
                location,
                verdict,
                damages,
                action,
                true,
                firstLsn,
                startLsn,
                nextLsn,
                keptEntryCount,
                kept,
                lost,
                cuts,
                isCheckpointLost,
                notes,
                copy.toString());
    }
}
