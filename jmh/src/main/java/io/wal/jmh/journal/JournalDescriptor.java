package io.wal.jmh.journal;

import java.util.List;
import java.util.function.Function;

/**
 * A journal that can be run, by name.
 *
 * @param name in tables and on the command line.
 * @param kind what it is compared as.
 * @param floor name of the floor that writes the same way; its own name for a floor.
 * @param forceMode how its bytes become durable, in words.
 * @param jvmOptions that its JVM needs beyond the common ones.
 * @param factory makes one.
 */
public record JournalDescriptor(
        String name,
        Kind kind,
        String floor,
        String forceMode,
        List<String> jvmOptions,
        Function<JournalSettings, JournalUnderTest> factory) {
    /** What a journal is compared as. */
    public enum Kind {
        /** The medium alone: no framing, no order. */
        FLOOR,
        /** Our log. */
        OURS,
        /** Somebody else's. */
        PEER
    }

    /**
     * Makes a journal.
     *
     * @param settings of the load to come.
     * @return a journal, not opened yet.
     */
    public JournalUnderTest create(final JournalSettings settings) {
        return factory.apply(settings);
    }
}
