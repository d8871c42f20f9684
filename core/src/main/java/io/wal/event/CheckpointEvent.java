package io.wal.event;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A checkpoint, from the request to finalize it until that was durable. */
@Name("io.wal.Checkpoint")
@Label("Log Checkpoint")
@Category("Write-Ahead Log")
@Description("A checkpoint was finalized, from the request until it was durable")
@StackTrace(false)
public final class CheckpointEvent extends Event {
    @Label("Log")
    private String log;

    @Label("Start LSN")
    @Description("Recovery begins here from now on")
    private long startLsn;

    @Label("End LSN")
    private long endLsn;

    /** Creates an event that begins now. */
    public CheckpointEvent() {
        begin();
    }

    /**
     * Ends the event, and hands it to the recordings that ask for it.
     *
     * @param name of the log.
     * @param start first LSN that the checkpoint covers.
     * @param end last LSN that had to be written before it counts.
     */
    public void record(final String name, final long start, final long end) {
        log = name;
        startLsn = start;
        endLsn = end;
        commit();
    }
}
