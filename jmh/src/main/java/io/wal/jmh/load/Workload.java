package io.wal.jmh.load;

import io.wal.Durability;
import io.wal.WaitMode;
import io.wal.jmh.journal.JournalSettings;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A load, by name: {@code lone}, {@code blocking-64}, {@code pipelined-2x1024}, {@code
 * written-1x64}, {@code openloop-1x256}, {@code replay-256}.
 *
 * @param name of it.
 * @param kind of load.
 * @param producers threads that append.
 * @param payloadLength of every payload, in bytes.
 */
public record Workload(String name, Kind kind, int producers, int payloadLength) {
    /** Payloads outstanding in the loads that do not wait for each. */
    public static final int OUTSTANDING = 8192;

    private static final int PAYLOAD_LENGTH_DEFAULT = 256;
    private static final Pattern NAME = Pattern.compile("([a-z]+)(?:-(\\d+))?(?:x(\\d+))?");

    /** A kind of load. */
    public enum Kind {
        /** One producer, which waits for each acknowledgement. */
        LONE,
        /** Producers that each wait for each of their acknowledgements. */
        BLOCKING,
        /** Producers that go on while no more than {@link #OUTSTANDING} are unacknowledged. */
        PIPELINED,
        /** The same, acknowledged when the operating system has it. */
        WRITTEN,
        /** Payloads at a constant rate, whatever the acknowledgements do. */
        OPENLOOP,
        /** Everything a journal holds, read from opening on. */
        REPLAY
    }

    /**
     * Reads a name.
     *
     * @param name {@code KIND}, {@code KIND-PRODUCERS} or {@code KIND-PRODUCERSxPAYLOAD}; {@code
     *     replay-PAYLOAD}.
     * @return the workload.
     * @throws IllegalArgumentException when it is no such name.
     */
    public static Workload parse(final String name) {
        final Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not a workload: " + name);
        }
        final Kind kind = Kind.valueOf(matcher.group(1).toUpperCase(Locale.ROOT));
        final int first = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
        final int second = matcher.group(3) == null ? 0 : Integer.parseInt(matcher.group(3));
        final boolean isReplay = kind == Kind.REPLAY;
        final int payload = isReplay ? first : second;
        return new Workload(
                name,
                kind,
                isReplay || first == 0 ? 1 : first,
                payload == 0 ? PAYLOAD_LENGTH_DEFAULT : payload);
    }

    /**
     * What the journal is told about this load.
     *
     * @param waitMode how the threads of our log wait.
     * @param zeroingLength bytes per write when a segment of our log gets its blocks.
     * @return the settings.
     */
    public JournalSettings journalSettings(final WaitMode waitMode, final int zeroingLength) {
        return new JournalSettings(
                payloadLength,
                producers,
                isBlocking() ? producers : OUTSTANDING,
                kind == Kind.WRITTEN ? Durability.WRITTEN : Durability.FORCED,
                waitMode,
                zeroingLength);
    }

    /**
     * Whether each producer waits for each acknowledgement.
     *
     * @return whether.
     */
    public boolean isBlocking() {
        return kind == Kind.LONE || kind == Kind.BLOCKING;
    }

    /**
     * Whether it is its latency that matters, not its throughput.
     *
     * @return whether.
     */
    public boolean isLatency() {
        return kind == Kind.LONE || kind == Kind.OPENLOOP;
    }
}
