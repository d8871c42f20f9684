package io.wal.mmap;

/**
 * What the end of a segment's sound records means: every combination of how the records end, what
 * follows, and whether later evidence says that more was durable, has exactly one outcome.
 *
 * <p>Why a broken end before a segment that was begun is damage: a segment is begun only after the
 * one before it was sealed and forced. Why a broken end alone is none: pages that were never forced
 * reach the disk in any order, so sound records behind a hole prove nothing, unless one of them
 * names an LSN in the hole as durable.
 */
enum RecoveryTable {
    /** Sealed, and the log goes on in the next segment. */
    SEALED_THEN_BEGUN(End.SEALED, Successor.BEGUN, Evidence.ANY, Outcome.NEXT_SEGMENT),
    /** Sealed when the log ended before the first entry of the next segment. */
    SEALED_THEN_PREPARED(End.SEALED, Successor.PREPARED, Evidence.ANY, Outcome.WHOLE_TAIL),
    /** A seal is written only when its successor is there. */
    SEALED_THEN_MISSING(End.SEALED, Successor.MISSING, Evidence.ANY, Outcome.SUCCESSOR_MISSING),
    /** Closed; opening again seals before the next segment begins. */
    CLOSED_THEN_BEGUN(End.CLOSED, Successor.BEGUN, Evidence.ANY, Outcome.DAMAGED),
    /** Closed cleanly. */
    CLOSED_THEN_PREPARED(End.CLOSED, Successor.PREPARED, Evidence.ANY, Outcome.CLOSED_TAIL),
    /** Closed cleanly. */
    CLOSED_THEN_MISSING(End.CLOSED, Successor.MISSING, Evidence.ANY, Outcome.CLOSED_TAIL),
    /** The rest of the segment was durable before the next one was begun. */
    BROKEN_THEN_BEGUN(End.BROKEN, Successor.BEGUN, Evidence.ANY, Outcome.DAMAGED),
    /** Something later says that what is broken was durable. */
    BROKEN_BUT_DURABLE(End.BROKEN, Successor.PREPARED, Evidence.DURABLE, Outcome.DAMAGED),
    /** Something later says that what is broken was durable. */
    BROKEN_BUT_DURABLE_LAST(End.BROKEN, Successor.MISSING, Evidence.DURABLE, Outcome.DAMAGED),
    /** The trace of a crash. */
    BROKEN_TAIL(End.BROKEN, Successor.PREPARED, Evidence.NONE, Outcome.TORN_TAIL),
    /** The trace of a crash. */
    BROKEN_TAIL_LAST(End.BROKEN, Successor.MISSING, Evidence.NONE, Outcome.TORN_TAIL);

    /** How the sound records of a segment end. */
    enum End {
        /** With a SEAL. */
        SEALED,
        /** With a CLOSE. */
        CLOSED,
        /** With something that is no sound record, or with nothing. */
        BROKEN
    }

    /** What the next segment is. */
    enum Successor {
        /** It was begun: entries may be in it. */
        BEGUN,
        /** It was prepared, and holds no entries. */
        PREPARED,
        /** There is none. */
        MISSING
    }

    /** Whether something proves that the entry that is missing was durable. */
    enum Evidence {
        /** Nothing does. */
        NONE,
        /** A later record, or the control file, names its LSN or a later one as durable. */
        DURABLE,
        /** It does not matter. */
        ANY
    }

    /** What to do. */
    enum Outcome {
        /** Go on there. */
        NEXT_SEGMENT,
        /** The log ends here, with a whole record. */
        WHOLE_TAIL,
        /** The log ends here, cleanly closed. */
        CLOSED_TAIL,
        /** The log ends here; what follows was never acknowledged. */
        TORN_TAIL,
        /** Acknowledged entries of this segment are damaged. */
        DAMAGED,
        /** The next segment, or what its header said, is gone. */
        SUCCESSOR_MISSING
    }

    private final End end;
    private final Successor successor;
    private final Evidence evidence;
    private final Outcome outcome;

    RecoveryTable(
            final End end,
            final Successor successor,
            final Evidence evidence,
            final Outcome outcome) {
        this.end = end;
        this.successor = successor;
        this.evidence = evidence;
        this.outcome = outcome;
    }

    Outcome outcome() {
        return outcome;
    }

    boolean matches(final End actualEnd, final Successor actualSuccessor, final boolean durable) {
        return end == actualEnd
                && successor == actualSuccessor
                && (evidence == Evidence.ANY || (evidence == Evidence.DURABLE) == durable);
    }

    static RecoveryTable of(final End end, final Successor successor, final boolean durable) {
        for (final RecoveryTable row : values()) {
            if (row.matches(end, successor, durable)) {
                return row;
            }
        }
        throw new IllegalStateException(
                "no row for " + end + ", " + successor + ", durable=" + durable);
    }
}
