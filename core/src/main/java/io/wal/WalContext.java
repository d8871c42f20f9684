package io.wal;

import io.wal.metrics.CommitListener;
import io.wal.store.LogStore;
import io.wal.store.StoreLimits;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadFactory;
import org.agrona.BitUtil;
import org.agrona.ErrorHandler;

/**
 * The settings of a log. Each setter has a getter of the same name; what is not set has the default
 * that its getter documents. A context is concluded by {@link WriteAheadLog#open} and can be used
 * once.
 */
public final class WalContext {
    /** Default of {@link #ringCapacity()}. */
    public static final int RING_CAPACITY_DEFAULT = 8192;

    /** Default of {@link #slotLength()}. */
    public static final int SLOT_LENGTH_DEFAULT = 512;

    /** Default of {@link #maxPayloadLength()}, unless the store keeps less. */
    public static final int MAX_PAYLOAD_LENGTH_DEFAULT = 16 << 20;

    /** Least default of {@link #overflowLimit()}. */
    public static final long OVERFLOW_LIMIT_DEFAULT = 64L << 20;

    /** Default of {@link #forceInterval()}. */
    public static final Duration FORCE_INTERVAL_DEFAULT = Duration.ofMillis(100);

    /** Default of {@link #stallThreshold()}. */
    public static final Duration STALL_THRESHOLD_DEFAULT = Duration.ofMillis(100);

    /** Default of {@link #closeTimeout()}. */
    public static final Duration CLOSE_TIMEOUT_DEFAULT = Duration.ofSeconds(30);

    /**
     * Frame lengths are ints; this leaves room for header, padding and the steps of array sizes.
     */
    private static final int MOST_PAYLOAD_LENGTH = Integer.MAX_VALUE - 64;

    private static final Duration CENTURY = Duration.ofDays(36_500);

    private LogStore store;
    private int ringCapacity = RING_CAPACITY_DEFAULT;
    private int slotLength = SLOT_LENGTH_DEFAULT;
    private int maxPayloadLength;
    private long overflowLimit;
    private int maxBatchLength = Integer.MAX_VALUE;
    private int maxBatchEntryCount = Integer.MAX_VALUE;
    private Duration batchDelay = Duration.ZERO;
    private Duration forceInterval = FORCE_INTERVAL_DEFAULT;
    private Duration stallThreshold = STALL_THRESHOLD_DEFAULT;
    private Duration closeTimeout = CLOSE_TIMEOUT_DEFAULT;
    private WaitMode waitMode = WaitMode.PARK;
    private boolean commitOnCaller = true;
    private FullPolicy fullPolicy = FullPolicy.WAIT;
    private EntryHandler applyHandler;
    private CommitListener commitListener;
    private ThreadFactory threadFactory;
    private ErrorHandler errorHandler;
    private boolean concluded;

    /** What an append does while the store has no space. */
    public enum FullPolicy {
        /**
         * It waits, and {@link WriteAheadLog#tryAppend} says {@link WriteAheadLog#BACK_PRESSURED},
         * once the ring is full.
         */
        WAIT,
        /**
         * It throws {@link LogFullException} at once. Entries that are queued already still wait.
         */
        FAIL
    }

    /** Creates a context with default settings. */
    public WalContext() {}

    /**
     * The store that keeps the log. There is no default.
     *
     * @param logStore a new store, not used before.
     * @return this.
     */
    public WalContext store(final LogStore logStore) {
        store = logStore;
        return this;
    }

    /**
     * The store that keeps the log.
     *
     * @return the store, or null when none was set.
     */
    public LogStore store() {
        return store;
    }

    /**
     * How many entries can be queued or unacknowledged at a time.
     *
     * @param capacity a power of two, 2 to 2^24.
     * @return this.
     */
    public WalContext ringCapacity(final int capacity) {
        ringCapacity = capacity;
        return this;
    }

    /**
     * How many entries can be queued or unacknowledged at a time. Memory for the queue is this
     * times {@link #slotLength()}, plus at most {@link #overflowLimit()}.
     *
     * @return the capacity; 8192 by default.
     */
    public int ringCapacity() {
        return ringCapacity;
    }

    /**
     * Bytes kept in each slot of the ring.
     *
     * @param length in bytes, 64 to 1 MiB; rounded up to a multiple of 64.
     * @return this.
     */
    public WalContext slotLength(final int length) {
        slotLength = length;
        return this;
    }

    /**
     * Bytes kept in each slot of the ring. A payload longer than this less 24 takes a pooled buffer
     * instead.
     *
     * @return the length in bytes; 512 by default.
     */
    public int slotLength() {
        return slotLength;
    }

    /**
     * The largest payload that an append accepts.
     *
     * @param length in bytes, at least 1 and at most what the store can keep.
     * @return this.
     */
    public WalContext maxPayloadLength(final int length) {
        maxPayloadLength = length;
        return this;
    }

    /**
     * The largest payload that an append accepts.
     *
     * @return the length in bytes; by default 16 MiB, or less when the store keeps less.
     */
    public int maxPayloadLength() {
        return maxPayloadLength;
    }

    /**
     * Most memory for payloads that do not fit their slot.
     *
     * @param limit in bytes, at least three times the largest payload.
     * @return this.
     */
    public WalContext overflowLimit(final long limit) {
        overflowLimit = limit;
        return this;
    }

    /**
     * Most memory for payloads that do not fit their slot, in use or kept for reuse.
     *
     * @return the limit in bytes; by default 64 MiB, or three times the largest payload when that
     *     is more.
     */
    public long overflowLimit() {
        return overflowLimit;
    }

    /**
     * Most bytes of records in a batch.
     *
     * @param length in bytes, from 1.
     * @return this.
     */
    public WalContext maxBatchLength(final int length) {
        maxBatchLength = length;
        return this;
    }

    /**
     * Most bytes of records in a batch. A larger record makes a batch of its own.
     *
     * @return the length in bytes; unlimited ({@link Integer#MAX_VALUE}) by default.
     */
    public int maxBatchLength() {
        return maxBatchLength;
    }

    /**
     * Most entries in a batch.
     *
     * @param count from 1.
     * @return this.
     */
    public WalContext maxBatchEntryCount(final int count) {
        maxBatchEntryCount = count;
        return this;
    }

    /**
     * Most entries in a batch.
     *
     * @return the count; unlimited ({@link Integer#MAX_VALUE}) by default.
     */
    public int maxBatchEntryCount() {
        return maxBatchEntryCount;
    }

    /**
     * How long a batch may wait for more entries.
     *
     * @param delay zero or more.
     * @return this.
     */
    public WalContext batchDelay(final Duration delay) {
        batchDelay = delay;
        return this;
    }

    /**
     * How long a batch may wait for more entries. Batches form by themselves while a force runs, so
     * waiting seldom pays.
     *
     * @return the delay; zero by default.
     */
    public Duration batchDelay() {
        return batchDelay;
    }

    /**
     * Longest time that an entry acknowledged as {@link Durability#WRITTEN} stays unforced.
     *
     * @param interval more than zero.
     * @return this.
     */
    public WalContext forceInterval(final Duration interval) {
        forceInterval = interval;
        return this;
    }

    /**
     * Longest time that an entry acknowledged as {@link Durability#WRITTEN} stays unforced.
     *
     * @return the interval; 100 ms by default.
     */
    public Duration forceInterval() {
        return forceInterval;
    }

    /**
     * How long {@link WriteAheadLog#close()} waits for queued entries to become durable.
     *
     * @param timeout more than zero.
     * @return this.
     */
    public WalContext closeTimeout(final Duration timeout) {
        closeTimeout = timeout;
        return this;
    }

    /**
     * How long {@link WriteAheadLog#close()} waits for queued entries to become durable before it
     * fails them.
     *
     * @return the timeout; 30 seconds by default.
     */
    public Duration closeTimeout() {
        return closeTimeout;
    }

    /**
     * How the log's threads wait.
     *
     * @param mode of waiting.
     * @return this.
     */
    public WalContext waitMode(final WaitMode mode) {
        waitMode = mode;
        return this;
    }

    /**
     * How the log's threads wait.
     *
     * @return the mode; {@link WaitMode#PARK} by default.
     */
    public WaitMode waitMode() {
        return waitMode;
    }

    /**
     * Whether a thread that waits for its own append may write and force it itself.
     *
     * @param commits whether it may.
     * @return this.
     */
    public WalContext commitOnCaller(final boolean commits) {
        commitOnCaller = commits;
        return this;
    }

    /**
     * Whether a thread that waits for its own append, with {@link WriteAheadLog#appendAndAwait},
     * may write and force it itself when the store's thread is parked. That spares two hand-overs
     * between threads, and ties the caller to the device: while a force hangs, it stays there, even
     * if the log is closed meanwhile. Only with {@link WaitMode#PARK}, on platform threads, and
     * with a store that {@linkplain io.wal.store.LogStore#commitsOnCallers can do so}, as the one
     * in files can.
     *
     * @return true by default.
     */
    public boolean commitOnCaller() {
        return commitOnCaller;
    }

    /**
     * What an append does while the store has no space.
     *
     * @param policy to follow.
     * @return this.
     */
    public WalContext fullPolicy(final FullPolicy policy) {
        fullPolicy = policy;
        return this;
    }

    /**
     * What an append does while the store has no space.
     *
     * @return the policy; {@link FullPolicy#WAIT} by default.
     */
    public FullPolicy fullPolicy() {
        return fullPolicy;
    }

    /**
     * Receives every acknowledged entry in LSN order, on a thread of its own, behind the
     * completions.
     *
     * @param handler the handler; what it throws goes to the error handler.
     * @return this.
     */
    public WalContext applyHandler(final EntryHandler handler) {
        applyHandler = handler;
        return this;
    }

    /**
     * Receives every acknowledged entry. Slots of the ring are free again only when it is done with
     * them.
     *
     * @return the handler; null by default.
     */
    public EntryHandler applyHandler() {
        return applyHandler;
    }

    /**
     * Told of batches, forces, latencies and stalls, for statistics.
     *
     * @param listener the listener, for this log alone.
     * @return this.
     */
    public WalContext commitListener(final CommitListener listener) {
        commitListener = listener;
        return this;
    }

    /**
     * Told of batches, forces, latencies and stalls, for statistics.
     *
     * @return the listener; null by default: then no times are taken but those of forces.
     */
    public CommitListener commitListener() {
        return commitListener;
    }

    /**
     * How long the medium may keep the log waiting before that is counted and reported as a stall.
     *
     * @param threshold more than zero.
     * @return this.
     */
    public WalContext stallThreshold(final Duration threshold) {
        stallThreshold = threshold;
        return this;
    }

    /**
     * How long the medium may keep the log waiting before that is counted and reported as a stall.
     *
     * @return the threshold; 100 ms by default.
     */
    public Duration stallThreshold() {
        return stallThreshold;
    }

    /**
     * Makes the threads of the log.
     *
     * @param factory that makes a new thread at each call.
     * @return this.
     */
    public WalContext threadFactory(final ThreadFactory factory) {
        threadFactory = factory;
        return this;
    }

    /**
     * Makes the threads of the log. The log names them.
     *
     * @return the factory; by default one that makes daemon threads.
     */
    public ThreadFactory threadFactory() {
        return threadFactory;
    }

    /**
     * Receives what completions and the apply handler throw.
     *
     * @param handler the handler.
     * @return this.
     */
    public WalContext errorHandler(final ErrorHandler handler) {
        errorHandler = handler;
        return this;
    }

    /**
     * Receives what completions and the apply handler throw.
     *
     * @return the handler; by default one that logs to the {@link System.Logger} of this library,
     *     {@code io.wal}.
     */
    public ErrorHandler errorHandler() {
        return errorHandler;
    }

    StoreLimits storeLimits() {
        return new StoreLimits(
                maxBatchLength, maxBatchEntryCount, nanosOf(batchDelay), nanosOf(forceInterval));
    }

    /** Nanoseconds, at most a hundred years of them, so that adding them to a time is harmless. */
    static long nanosOf(final Duration duration) {
        return duration.compareTo(CENTURY) < 0 ? duration.toNanos() : CENTURY.toNanos();
    }

    /** Checks every setting and fills in the defaults, once. */
    void conclude() {
        if (concluded) {
            throw new IllegalStateException(
                    "this context was used to open a log already; make a new one");
        }
        Objects.requireNonNull(store, "store must be set");
        Objects.requireNonNull(waitMode, "waitMode");
        Objects.requireNonNull(fullPolicy, "fullPolicy");
        Objects.requireNonNull(batchDelay, "batchDelay");
        Objects.requireNonNull(forceInterval, "forceInterval");
        Objects.requireNonNull(stallThreshold, "stallThreshold");
        Objects.requireNonNull(closeTimeout, "closeTimeout");
        require(
                BitUtil.isPowerOfTwo(ringCapacity) && ringCapacity >= 2 && ringCapacity <= 1 << 24,
                "ringCapacity must be a power of two from 2 to 2^24: " + ringCapacity);
        require(
                slotLength >= 64 && slotLength <= 1 << 20,
                "slotLength must be from 64 to 1 MiB: " + slotLength);
        require(maxBatchLength >= 1, "maxBatchLength must be at least 1: " + maxBatchLength);
        require(
                maxBatchEntryCount >= 1,
                "maxBatchEntryCount must be at least 1: " + maxBatchEntryCount);
        require(!batchDelay.isNegative(), "batchDelay must not be negative: " + batchDelay);
        require(
                forceInterval.compareTo(Duration.ZERO) > 0,
                "forceInterval must be more than zero: " + forceInterval);
        require(
                stallThreshold.compareTo(Duration.ZERO) > 0,
                "stallThreshold must be more than zero: " + stallThreshold);
        require(
                closeTimeout.compareTo(Duration.ZERO) > 0,
                "closeTimeout must be more than zero: " + closeTimeout);
        concludePayload();
        concludeThreads();
        concluded = true;
    }

    private void concludePayload() {
        final int most = Math.min(store.maxPayloadLength(), MOST_PAYLOAD_LENGTH);
        if (maxPayloadLength == 0) {
            maxPayloadLength = Math.min(MAX_PAYLOAD_LENGTH_DEFAULT, most);
        }
        require(
                maxPayloadLength >= 1 && maxPayloadLength <= most,
                "maxPayloadLength must be from 1 to "
                        + most
                        + ", which the store can keep: "
                        + maxPayloadLength);
        final long least = 3L * maxPayloadLength;
        if (overflowLimit == 0) {
            overflowLimit = Math.max(OVERFLOW_LIMIT_DEFAULT, least);
        }
        require(
                overflowLimit >= least,
                "overflowLimit must be at least three times maxPayloadLength, "
                        + least
                        + ": "
                        + overflowLimit);
        slotLength = BitUtil.align(slotLength, 64);
    }

    private void concludeThreads() {
        if (threadFactory == null) {
            threadFactory =
                    task -> {
                        final Thread thread = new Thread(task);
                        thread.setDaemon(true);
                        return thread;
                    };
        }
        if (errorHandler == null) {
            final System.Logger logger = System.getLogger("io.wal");
            errorHandler =
                    t ->
                            logger.log(
                                    System.Logger.Level.ERROR,
                                    "a handler of the log's user threw",
                                    t);
        }
    }

    private static void require(final boolean condition, final String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
