package io.wal.event;

import io.wal.metrics.Stall;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/**
 * The medium kept the log waiting for longer than the log's stall threshold. One object is used
 * again and again.
 */
@Name("io.wal.Stall")
@Label("Log Stall")
@Category("Write-Ahead Log")
@Description("The medium kept the log waiting for longer than WalContext.stallThreshold")
@StackTrace(false)
public final class StallEvent extends Event {
    @Label("Log")
    private String log;

    @Label("Cause")
    private String cause;

    @Label("First LSN")
    @Description("First entry that had to wait")
    private long firstLsn;

    @Label("Last LSN")
    @Description("Last entry that had to wait")
    private long lastLsn;

    /** Creates an event that has not begun. */
    public StallEvent() {}

    /**
     * Ends the event, and hands it to the recordings that ask for it.
     *
     * @param name of the log.
     * @param stall that is over.
     */
    public void record(final String name, final Stall stall) {
        end();
        if (shouldCommit()) {
            log = name;
            cause = stall.cause().word();
            firstLsn = stall.firstLsn();
            lastLsn = stall.lastLsn();
            commit();
        }
    }
}
