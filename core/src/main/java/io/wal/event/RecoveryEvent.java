package io.wal.event;

import io.wal.RecoveredLog;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A log was opened for writing: its end found, its tail made durable. */
@Name("io.wal.Recovery")
@Label("Log Recovery")
@Category("Write-Ahead Log")
@Description("A log was opened for writing: its end was found, and its tail made durable")
@StackTrace(false)
public final class RecoveryEvent extends Event {
    @Label("Log")
    private String log;

    @Label("Start LSN")
    @Description("First LSN that is delivered")
    private long startLsn;

    @Label("Last LSN")
    private long lastLsn;

    @Label("Generation")
    private long generation;

    @Label("Tail")
    @Description("How the log ended: EMPTY, CLOSED, WHOLE or TORN")
    private String tail;

    /** Creates an event that begins now. */
    public RecoveryEvent() {
        begin();
    }

    /**
     * Ends the event, and hands it to the recordings that ask for it.
     *
     * @param name of the log.
     * @param recovered what was found.
     */
    public void record(final String name, final RecoveredLog recovered) {
        log = name;
        startLsn = recovered.startLsn();
        lastLsn = recovered.lastLsn();
        generation = recovered.generation();
        tail = recovered.tail().name();
        commit();
    }
}
