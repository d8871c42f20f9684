package io.wal.jmh.journal;

import java.io.IOException;
import java.nio.file.Path;
import org.agrona.DirectBuffer;

/**
 * A journal as the load drivers see it: floors, our log and its peers all stand behind this, so
 * that the same load runs over each.
 *
 * <p>Opening, {@link #trim()} and closing are for one thread at a time; producers run beside {@link
 * #trim()}. What the journal was configured with is in its {@link JournalSettings}.
 */
public interface JournalUnderTest extends AutoCloseable {
    /** Answer of {@link #forceCount()} when the journal does not tell. */
    long UNKNOWN = -1;

    /**
     * Opens the journal, with what it held before if the directory was used before.
     *
     * @param directory an existing directory for nothing else.
     * @throws Exception when it cannot be opened.
     */
    void open(Path directory) throws Exception;

    /**
     * A way to append, for one thread.
     *
     * @return a new producer.
     */
    Producer producer();

    /**
     * Lets go of what was acknowledged, so that a long load runs in bounded space: by a checkpoint,
     * by deleting files, or whatever else the journal offers. Need not be done when this returns.
     *
     * @throws Exception when it fails.
     */
    void trim() throws Exception;

    /**
     * Delivers every payload the journal holds, in order. Called after {@link #open} and before the
     * first append.
     *
     * @param handler receives them.
     * @return how many there were.
     * @throws Exception when they cannot be read.
     */
    long replay(PayloadHandler handler) throws Exception;

    /**
     * How often the journal asked for a force since it was opened.
     *
     * @return the count, or {@link #UNKNOWN}.
     */
    default long forceCount() {
        return UNKNOWN;
    }

    @Override
    void close() throws IOException;

    /** Appends for one thread. */
    interface Producer {
        /**
         * Appends a payload, waiting for space if need be.
         *
         * @param buffer that holds the payload, backed by an array; copied before this returns.
         * @param offset of the payload.
         * @param length of the payload in bytes.
         * @return the ticket of the payload: higher than that of any payload this producer appended
         *     before.
         */
        long append(DirectBuffer buffer, int offset, int length);

        /**
         * How far this producer's payloads are acknowledged.
         *
         * @return a ticket: the payloads with this or a lower one are acknowledged.
         */
        long acknowledged();

        /**
         * Appends a payload and waits, in the kindest way the journal offers, until it is
         * acknowledged.
         *
         * @param buffer that holds the payload, backed by an array.
         * @param offset of the payload.
         * @param length of the payload in bytes.
         */
        void appendAndAwait(DirectBuffer buffer, int offset, int length);
    }

    /** Receives payloads. */
    @FunctionalInterface
    interface PayloadHandler {
        /**
         * Called for each payload.
         *
         * @param buffer that holds it; valid only during the call.
         * @param offset of the payload.
         * @param length of the payload in bytes.
         */
        void onPayload(DirectBuffer buffer, int offset, int length);
    }
}
