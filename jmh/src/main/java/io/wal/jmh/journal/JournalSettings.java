package io.wal.jmh.journal;

import io.wal.Durability;
import io.wal.WaitMode;
import io.wal.mmap.MmapStoreContext;

/**
 * What a journal is told about the load to come, so that each can be set up as well as it allows.
 *
 * @param payloadLength of every payload, in bytes, from 8.
 * @param producers threads that append, from 1.
 * @param outstanding payloads unacknowledged at a time, of all producers together; as many as there
 *     are producers means that each waits for its acknowledgement.
 * @param durability that an acknowledgement promises.
 * @param waitMode how the threads of our log wait.
 * @param zeroingLength bytes per write when a segment of our log gets its blocks.
 */
public record JournalSettings(
        int payloadLength,
        int producers,
        int outstanding,
        Durability durability,
        WaitMode waitMode,
        int zeroingLength) {
    /** Bytes that floors write before they begin again at the start of their file. */
    static final int FLOOR_FILE_LENGTH = 256 << 20;

    private static final int LARGE_PAYLOAD = 4096;

    /**
     * Checks the values.
     *
     * @param payloadLength of every payload, in bytes.
     * @param producers threads that append.
     * @param outstanding payloads unacknowledged at a time.
     * @param durability that an acknowledgement promises.
     * @param waitMode how the threads of our log wait.
     * @param zeroingLength bytes per write when a segment of our log gets its blocks.
     * @throws IllegalArgumentException when one is out of range.
     */
    public JournalSettings {
        if (payloadLength < Long.BYTES || producers < 1 || outstanding < producers) {
            throw new IllegalArgumentException(
                    "payloadLength must be at least 8, producers at least 1, outstanding at least"
                            + " producers: "
                            + payloadLength
                            + ", "
                            + producers
                            + ", "
                            + outstanding);
        }
    }

    /**
     * Settings for forced payloads.
     *
     * @param payloadLength of every payload, in bytes, from 8.
     * @param producers threads that append, from 1.
     * @param outstanding payloads unacknowledged at a time.
     * @return the settings, with our log's defaults.
     */
    public static JournalSettings forced(
            final int payloadLength, final int producers, final int outstanding) {
        return new JournalSettings(
                payloadLength,
                producers,
                outstanding,
                Durability.FORCED,
                WaitMode.PARK,
                MmapStoreContext.ZEROING_LENGTH_DEFAULT);
    }

    /**
     * Whether each producer waits for the acknowledgement of one payload before it appends the
     * next.
     *
     * @return true when no more is outstanding than there are producers.
     */
    public boolean isBlocking() {
        return outstanding == producers;
    }

    /**
     * Whether acknowledgements promise stable storage.
     *
     * @return true for {@link Durability#FORCED}.
     */
    public boolean isForced() {
        return durability == Durability.FORCED;
    }

    /**
     * Slots for a ring in front of a journal, ours and floors alike: twice what is ever
     * outstanding, so that producers never wait for the slots of a batch that is acknowledged
     * already; large payloads would need too much memory for that.
     *
     * @return the count.
     */
    int ringSlots() {
        return payloadLength > LARGE_PAYLOAD ? outstanding : 2 * outstanding;
    }
}
