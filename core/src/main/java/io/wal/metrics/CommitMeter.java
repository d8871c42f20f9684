package io.wal.metrics;

import com.lmax.disruptor.Sequence;
import io.wal.event.BatchEvent;
import io.wal.event.StallEvent;
import io.wal.store.AppendEvent;
import java.util.function.LongSupplier;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.OneToOneConcurrentArrayQueue;

/**
 * Where a log and its store take note of what they do. Counts always; takes times only when a
 * listener or a flight recording wants them. Unless said otherwise a method is for the store's
 * thread.
 */
public final class CommitMeter {
    private static final int SAMPLED_ENTRIES_PER_SECOND = 20_000;
    private static final int SAMPLED_BATCHES_PER_SECOND = 20_000;

    private final String name;
    private final CommitListener listener;
    private final long stallThresholdNs;
    private final ErrorHandler errorHandler;
    private final LogCounters counters = new LogCounters();
    private final Sampler entries = new Sampler(SAMPLED_ENTRIES_PER_SECOND);
    private final Sampler batches = new Sampler(SAMPLED_BATCHES_PER_SECOND);
    private final BatchReport report = new BatchReport();
    private final BatchEvent batchEvent = new BatchEvent();
    private final StallEvent stallEvent = new StallEvent();
    private Thread thread;
    private boolean recording;
    private boolean listening;
    private boolean stallBegun;
    private long queueDepth;
    private long batchStartNs;
    private long notifyStartNs;
    private long forceStartNs;
    private long waitStartNs;
    private final OneToOneConcurrentArrayQueue<AppendEvent> sampled; // in the store's hands

    /**
     * Creates a meter.
     *
     * @param name of the log.
     * @param ringCapacity slots of the log's ring, from 1.
     * @param listener to tell; null for none.
     * @param stallThresholdNs longer than this is a stall, in nanoseconds.
     * @param errorHandler receives what the listener throws.
     */
    public CommitMeter(
            final String name,
            final int ringCapacity,
            final CommitListener listener,
            final long stallThresholdNs,
            final ErrorHandler errorHandler) {
        this.name = name;
        this.listener = listener;
        this.stallThresholdNs = stallThresholdNs;
        this.errorHandler = errorHandler;
        sampled = listener == null ? null : new OneToOneConcurrentArrayQueue<>(ringCapacity);
        batches.enable(listener != null);
        entries.enable(listener != null || batchEvent.isEnabled());
    }

    /**
     * A meter that nobody listens to.
     *
     * @param name of the log.
     * @return a new meter.
     */
    public static CommitMeter silent(final String name) {
        return new CommitMeter(name, 1, null, Long.MAX_VALUE, t -> {});
    }

    /**
     * The value of a counter. Any thread.
     *
     * @param counter to read.
     * @return its value, as documented with the counter.
     */
    public long value(final LogCounter counter) {
        return counters.value(counter);
    }

    /**
     * Where to ask for the value of a counter. Any thread.
     *
     * @param counter to supply.
     * @param source asked on any thread when the counter is read.
     */
    public void gauge(final LogCounter counter, final LongSupplier source) {
        counters.gauge(counter, source);
    }

    /**
     * Adds one to a counter that nobody else adds to.
     *
     * @param counter to add to.
     */
    public void count(final LogCounter counter) {
        counters.add(counter, 1);
    }

    /** An append was refused, or has to wait, for the queue is full. Any thread. */
    public void backPressured() {
        counters.countBackPressure();
    }

    /**
     * One of how many entries is to be sampled; for {@link #claimed}. Producers read it for each
     * entry, so it has a cache line of its own.
     *
     * @return holds a power of two, or 0 for none.
     */
    public Sequence sampleInterval() {
        return entries.shared();
    }

    /**
     * A slot was claimed: takes the time if the entry is to be sampled. The producer's thread.
     *
     * @param event the slot.
     * @param interval of {@link #sampleInterval()}, more than 0.
     */
    public static void claimed(final AppendEvent event, final long interval) {
        if (Sampler.picks(event.lsn(), (int) interval)) {
            event.sample(System.nanoTime(), (int) interval);
        }
    }

    /**
     * An acknowledgement is about to be given: tells the listener of the sampled entries among
     * those acknowledged. The thread that reports, while their slots are still the store's.
     *
     * @param lsn up to which is acknowledged.
     */
    public void acknowledges(final long lsn) {
        if (listener == null) {
            return;
        }
        AppendEvent event = sampled.peek();
        if (event != null && event.lsn() <= lsn) {
            final long nowNs = System.nanoTime();
            while (event != null && event.lsn() <= lsn) {
                sampled.poll();
                tell(event, nowNs - event.sampleTimeNs());
                event = sampled.peek();
            }
        }
    }

    /**
     * The store's thread looked at the queue.
     *
     * @param depth how many entries wait.
     */
    public void looked(final long depth) {
        queueDepth = depth;
    }

    /** The first entry of a batch is in hand. */
    public void batchBegins() {
        recording = batchEvent.isEnabled();
        listening = listener != null && batches.picksNext();
        entries.enable(listener != null || recording);
        if (isMeasuring()) {
            report.begin();
            batchEvent.begin();
            batchStartNs = System.nanoTime();
        }
    }

    /**
     * An entry of the batch is in hand.
     *
     * @param event the slot.
     */
    public void taken(final AppendEvent event) {
        if (event.sampleWeight() > 0) {
            if (isMeasuring()) {
                report.waited(batchStartNs - event.sampleTimeNs());
            }
            if (listener != null) {
                sampled.offer(event); // there is room for each slot
            }
        }
    }

    /**
     * The batch is whole, and about to be committed: counted now, so that who was told of an entry
     * finds it counted.
     *
     * @param entryCount how many entries it has, from 1.
     * @param length of their frames, in bytes.
     */
    public void batchCommits(final int entryCount, final long length) {
        thread = Thread.currentThread();
        counters.add(LogCounter.BATCHES, 1);
        counters.add(LogCounter.ENTRIES, entryCount);
        counters.add(LogCounter.BYTES, length);
        batches.add(1);
        entries.add(entryCount);
    }

    /**
     * The batch was committed.
     *
     * @param lastLsn of the batch.
     * @param entryCount how many entries it has, from 1.
     * @param length of their frames, in bytes.
     * @param forced whether it was to be forced.
     */
    public void batchEnds(
            final long lastLsn, final int entryCount, final long length, final boolean forced) {
        if (isMeasuring()) {
            final long nowNs = System.nanoTime();
            report.end(lastLsn, entryCount, length, forced, queueDepth, nowNs - batchStartNs);
            if (recording) {
                batchEvent.record(name, report);
            }
            if (listening) {
                tell(batches.interval());
            }
            recording = false;
            listening = false;
            adapt(nowNs);
        }
    }

    /** A force begins. */
    public void forceBegins() {
        counters.set(LogCounter.FORCING_SINCE_MS, System.currentTimeMillis());
        beginStall();
        forceStartNs = System.nanoTime();
    }

    /**
     * The force that began has ended well.
     *
     * @param firstLsn first entry that became durable.
     * @param lastLsn last entry that became durable.
     */
    public void forceEnds(final long firstLsn, final long lastLsn) {
        final long nowNs = System.nanoTime();
        counters.set(LogCounter.FORCING_SINCE_MS, 0);
        forced(firstLsn, lastLsn, nowNs - forceStartNs);
        if (isMeasuring()) {
            report.addForce(nowNs - forceStartNs);
        }
        adapt(nowNs);
    }

    /**
     * Something was forced, by whatever makes a medium durable. One thread at a time.
     *
     * @param firstLsn first entry that became durable.
     * @param lastLsn last entry that became durable.
     * @param durationNs how long it took, in nanoseconds.
     */
    public void forced(final long firstLsn, final long lastLsn, final long durationNs) {
        counters.add(LogCounter.FORCES, 1);
        counters.add(LogCounter.FORCE_TIME_NS, durationNs);
        if (durationNs > counters.value(LogCounter.LONGEST_FORCE_NS)) {
            counters.set(LogCounter.LONGEST_FORCE_NS, durationNs);
        }
        if (listener != null) {
            try {
                listener.onForce(firstLsn, lastLsn, durationNs);
            } catch (final Throwable t) { // statistics harm nobody
                report(t);
            }
        }
        stalled(Stall.Cause.FORCE, durationNs, firstLsn, lastLsn);
    }

    /** Waiting for the next segment begins. */
    public void waitBegins() {
        beginStall();
        waitStartNs = System.nanoTime();
    }

    /**
     * The wait for the next segment has ended well.
     *
     * @param cause what was waited for.
     * @param firstLsn first entry that had to wait; all that are queued behind it did, too.
     */
    public void waitEnds(final Stall.Cause cause, final long firstLsn) {
        final long durationNs = System.nanoTime() - waitStartNs;
        if (isMeasuring()) {
            report.addSpaceWait(durationNs);
        }
        stalled(cause, durationNs, firstLsn, value(LogCounter.LAST_LSN));
    }

    /** Those who wait for an acknowledgement are about to be told. The thread that reports. */
    public void notifyBegins() {
        if (isMeasuring() && Thread.currentThread() == thread) {
            notifyStartNs = System.nanoTime();
        }
    }

    /** Those who wait for an acknowledgement were told. The thread that reports. */
    public void notifyEnds() {
        if (isMeasuring() && Thread.currentThread() == thread) {
            report.addNotify(System.nanoTime() - notifyStartNs);
        }
    }

    private boolean isMeasuring() {
        return recording || listening;
    }

    private void tell(final AppendEvent event, final long latencyNs) {
        try {
            listener.onAcknowledged(event.lsn(), Math.max(0, latencyNs), event.sampleWeight());
        } catch (final Throwable t) { // statistics harm nobody
            report(t);
        }
    }

    private void tell(final int weight) {
        try {
            listener.onBatch(report, weight);
        } catch (final Throwable t) { // statistics harm nobody
            report(t);
        }
    }

    private void stalled(
            final Stall.Cause cause,
            final long durationNs,
            final long firstLsn,
            final long lastLsn) {
        if (durationNs < stallThresholdNs) {
            return;
        }
        final Stall stall = new Stall(cause, durationNs, firstLsn, lastLsn);
        count(stall);
        if (stallBegun) {
            stallEvent.record(name, stall);
            stallBegun = false;
        }
        if (listener != null) {
            try {
                listener.onStall(stall);
            } catch (final Throwable t) { // statistics harm nobody
                report(t);
            }
        }
    }

    private void count(final Stall stall) {
        counters.set(LogCounter.LAST_STALL_NS, stall.durationNs());
        counters.set(LogCounter.LAST_STALL_CAUSE, stall.cause().ordinal() + 1);
        counters.set(LogCounter.LAST_STALL_FIRST_LSN, stall.firstLsn());
        counters.set(LogCounter.LAST_STALL_LAST_LSN, stall.lastLsn());
        counters.set(LogCounter.LAST_STALL_MS, System.currentTimeMillis());
        counters.add(LogCounter.STALLS, 1);
    }

    private void beginStall() {
        stallBegun = stallEvent.isEnabled();
        stallEvent.begin();
    }

    private void adapt(final long nowNs) {
        batches.adapt(nowNs);
        entries.adapt(nowNs);
    }

    private void report(final Throwable t) {
        try {
            errorHandler.onError(t);
        } catch (final Throwable ignored) { // an error handler that throws has nobody left to tell
        }
    }
}
