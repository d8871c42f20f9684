package io.wal.event;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** What a log held was delivered to its user. */
@Name("io.wal.Replay")
@Label("Log Replay")
@Category("Write-Ahead Log")
@Description("What the log held was delivered to its user, whose handler takes part of the time")
@StackTrace(false)
public final class ReplayEvent extends Event {
    @Label("Log")
    private String log;

    @Label("Entries")
    private long entryCount;

    @Label("Length")
    @Description("Of the payloads")
    @DataAmount(DataAmount.BYTES)
    private long length;

    /** Creates an event that begins now. */
    public ReplayEvent() {
        begin();
    }

    /**
     * An entry was delivered.
     *
     * @param payloadLength in bytes.
     */
    public void delivered(final int payloadLength) {
        entryCount++;
        length += payloadLength;
    }

    /**
     * Ends the event, and hands it to the recordings that ask for it.
     *
     * @param name of the log.
     */
    public void record(final String name) {
        log = name;
        commit();
    }
}
