package io.wal.mmap;

import java.nio.file.Path;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A segment was made ready to be written. */
@Name("io.wal.SegmentPreparation")
@Label("Log Segment Preparation")
@Category("Write-Ahead Log")
@Description("A segment got its blocks and its name, in the background or while the log was opened")
@StackTrace(false)
final class SegmentPreparationEvent extends Event {
    @Label("Segment")
    private String segment;

    @Label("Recycled")
    @Description("A retired segment was used again")
    private boolean recycled;

    @Label("Length")
    @DataAmount(DataAmount.BYTES)
    private long length;

    /** Begins now. */
    SegmentPreparationEvent() {
        begin();
    }

    void record(final Path path, final boolean wasRecycled, final long segmentLength) {
        end();
        if (shouldCommit()) {
            segment = path.toString();
            recycled = wasRecycled;
            length = segmentLength;
            commit();
        }
    }
}
