package io.wal.mmap;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** Writing went on in the next segment. */
@Name("io.wal.SegmentRoll")
@Label("Log Segment Roll")
@Category("Write-Ahead Log")
@Description("Writing went on in the next segment, after all of the one before was forced")
@StackTrace(false)
final class SegmentRollEvent extends Event {
    @Label("Segment")
    private String segment;

    @Label("First LSN")
    private long firstLsn;

    @Label("Wait")
    @Description("Until the segment was ready; segments are prepared in the background")
    @Timespan(Timespan.NANOSECONDS)
    private long segmentWait;

    /** Begins now. */
    SegmentRollEvent() {
        begin();
    }

    void record(final LogDirectory directory, final SegmentHeader header, final long waitNs) {
        end();
        if (shouldCommit()) {
            segment = directory.resolve(LogDirectory.segmentName(header.index())).toString();
            firstLsn = header.firstLsn();
            segmentWait = waitNs;
            commit();
        }
    }
}
