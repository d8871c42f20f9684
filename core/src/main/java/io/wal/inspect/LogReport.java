package io.wal.inspect;

import java.util.List;

/**
 * What is known of a log.
 *
 * @param location path or address.
 * @param logId identity of the log, the same for all its segments.
 * @param formatVersion of what is stored.
 * @param generation of the last opening for writing; the epoch of a distributed log.
 * @param owner who has it open for writing, in words; null when nobody is known to.
 * @param firstLsn first LSN still held; 0 when none is.
 * @param startLsn where recovery would begin to deliver.
 * @param lastLsn last sound LSN; 0 when there is none or the records were not read.
 * @param durableLsn last LSN that the log itself proves to be durable.
 * @param length bytes held, spare space included.
 * @param verdict about the part that was checked.
 * @param segments in log order.
 * @param damages in log order.
 * @param foreign names in the log's place that do not belong to it.
 */
public record LogReport(
        String location,
        String logId,
        int formatVersion,
        long generation,
        String owner,
        long firstLsn,
        long startLsn,
        long lastLsn,
        long durableLsn,
        long length,
        Verdict verdict,
        List<SegmentReport> segments,
        List<Damage> damages,
        List<String> foreign) {
    /** What the check came to. */
    public enum Verdict {
        /** The records were not checked. */
        UNCHECKED,
        /** Everything is sound and was closed, or nothing was ever written. */
        SOUND,
        /**
         * Everything is sound up to the last record; the log was not closed: it is being written,
         * or there was a crash.
         */
        SOUND_UNCLOSED,
        /** As above, behind it lie remains of a batch that was never acknowledged. */
        SOUND_TORN_TAIL,
        /** Acknowledged data is damaged or missing. */
        DAMAGED
    }
}
