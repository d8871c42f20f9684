package io.wal.event;

import io.wal.metrics.BatchReport;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;
import jdk.jfr.Timespan;

/**
 * A batch, from its first entry in the hands of the store's thread until it was committed. One
 * object is used again and again: {@code begin} and {@code end} set both of its times anew.
 */
@Name("io.wal.Batch")
@Label("Log Batch")
@Category("Write-Ahead Log")
@Description("Entries that were written together, and forced together if any of them asked for it")
@StackTrace(false)
@Threshold("1 ms")
public final class BatchEvent extends Event {
    @Label("Log")
    private String log;

    @Label("First LSN")
    private long firstLsn;

    @Label("Last LSN")
    private long lastLsn;

    @Label("Entries")
    private int entryCount;

    @Label("Length")
    @Description("Of the frames of the entries")
    @DataAmount(DataAmount.BYTES)
    private long length;

    @Label("Queue Depth")
    @Description("Entries that were waiting for the store's thread when it last looked")
    private long queueDepth;

    @Label("Forced")
    private boolean forced;

    @Label("Ring Wait")
    @Description("Longest time that an entry, of those that were sampled, waited in the ring")
    @Timespan(Timespan.NANOSECONDS)
    private long ringWait;

    @Label("Write")
    @Description("Everything that is neither forcing, nor notifying, nor waiting for a segment")
    @Timespan(Timespan.NANOSECONDS)
    private long write;

    @Label("Force")
    @Timespan(Timespan.NANOSECONDS)
    private long force;

    @Label("Notify")
    @Description("Moving the acknowledged sequence and waking those who wait for it")
    @Timespan(Timespan.NANOSECONDS)
    private long notify;

    @Label("Space Wait")
    @Description("Waiting for the next segment, or for space")
    @Timespan(Timespan.NANOSECONDS)
    private long spaceWait;

    /** Creates an event that has not begun. */
    public BatchEvent() {}

    /**
     * Ends the event, and hands it to the recordings that ask for one of its duration.
     *
     * @param name of the log.
     * @param report on the batch.
     */
    public void record(final String name, final BatchReport report) {
        end();
        if (shouldCommit()) {
            log = name;
            firstLsn = report.firstLsn();
            lastLsn = report.lastLsn();
            entryCount = report.entryCount();
            length = report.length();
            queueDepth = report.queueDepth();
            forced = report.isForced();
            ringWait = report.ringWaitNs();
            write = report.writeTimeNs();
            force = report.forceTimeNs();
            notify = report.notifyTimeNs();
            spaceWait = report.spaceWaitNs();
            commit();
        }
    }
}
