package io.wal.metrics;

import java.util.List;

/**
 * What a log counts about itself, from zero at each opening. The order is part of the format of
 * counters files: new ones are added at the end.
 */
public enum LogCounter {
    /** The last LSN that was given out. */
    LAST_LSN("last LSN", Kind.GAUGE),
    /** The last LSN that was handed to the operating system. */
    WRITTEN_LSN("written LSN", Kind.GAUGE),
    /** The last LSN that is surely on stable storage. */
    DURABLE_LSN("durable LSN", Kind.GAUGE),
    /** Entries written, those of checkpoints and of aborted claims too. */
    ENTRIES("entries", Kind.TOTAL),
    /** Bytes of the frames of those entries: header, payload and padding. */
    BYTES("bytes", Kind.TOTAL),
    /** Batches with at least one entry. */
    BATCHES("batches", Kind.TOTAL),
    /** Forces of the medium, other than those of opening and of preparing segments. */
    FORCES("forces", Kind.TOTAL),
    /** Time that these forces took, in nanoseconds. */
    FORCE_TIME_NS("force time ns", Kind.TOTAL),
    /** The longest of them, in nanoseconds. */
    LONGEST_FORCE_NS("longest force ns", Kind.GAUGE),
    /** When the force that is under way began, in milliseconds since 1970; 0 for none. */
    FORCING_SINCE_MS("forcing since ms", Kind.GAUGE),
    /** How often writing went on in a new segment. */
    ROLLS("rolls", Kind.TOTAL),
    /** Segments that hold records now. */
    SEGMENTS("segments", Kind.GAUGE),
    /** Checkpoints that were finalized. */
    CHECKPOINTS("checkpoints", Kind.TOTAL),
    /** Appends that found the queue, or the memory for large payloads, full. */
    BACK_PRESSURE("back-pressured appends", Kind.TOTAL),
    /** How often the medium kept the log waiting for longer than the stall threshold. */
    STALLS("stalls", Kind.TOTAL),
    /** 1 while writing waits for space, else 0. */
    STALLED("waits for space", Kind.GAUGE),
    /** 1 when the log has failed, else 0. */
    FAILED("failed", Kind.GAUGE),
    /** 1 when the log is closed, else 0. */
    CLOSED("closed", Kind.GAUGE),
    /** When the last stall ended, in milliseconds since 1970; 0 when there was none. */
    LAST_STALL_MS("last stall at ms", Kind.GAUGE),
    /** How long the last stall took, in nanoseconds. */
    LAST_STALL_NS("last stall ns", Kind.GAUGE),
    /** What took so long: the place in {@link Stall.Cause}, from 1; 0 when there was none. */
    LAST_STALL_CAUSE("last stall cause", Kind.GAUGE),
    /** The first entry that the last stall kept waiting. */
    LAST_STALL_FIRST_LSN("last stall first LSN", Kind.GAUGE),
    /** The last entry that the last stall is known to have kept waiting. */
    LAST_STALL_LAST_LSN("last stall last LSN", Kind.GAUGE);

    /** All of them, in order. */
    public static final List<LogCounter> ALL = List.of(values());

    private final String label;
    private final Kind kind;

    /** Whether a counter only ever grows. */
    public enum Kind {
        /** It grows from zero; its rate is of interest. */
        TOTAL,
        /** It is as it is now. */
        GAUGE
    }

    LogCounter(final String label, final Kind kind) {
        this.label = label;
        this.kind = kind;
    }

    /**
     * What the counter is called, unit included.
     *
     * @return words in lower case.
     */
    public String label() {
        return label;
    }

    /**
     * Whether the counter only ever grows.
     *
     * @return the kind.
     */
    public Kind kind() {
        return kind;
    }
}
