package io.wal.histogram;

import io.wal.metrics.BatchReport;
import io.wal.metrics.CommitListener;

/**
 * Keeps a log's latencies and sizes in histograms. Recording allocates nothing and waits for
 * nobody; any thread may read while the log runs. Takes about 2 MiB.
 *
 * <pre>{@code
 * var histograms = new LogHistograms();
 * var log = WriteAheadLog.open(new WalContext().store(store).commitListener(histograms));
 * ...
 * System.out.println(histograms.total());
 * long p99 = histograms.total().appendLatencies().getValueAtPercentile(99);
 * }</pre>
 */
public final class LogHistograms implements CommitListener {
    private static final long LEAST_TIME_NS = 64;
    private static final long MOST_TIME_NS = 60_000_000_000L;
    private static final long MOST_ENTRIES = 1 << 24;
    private static final long MOST_BYTES = 1 << 30;
    private static final int TIME_DIGITS = 3;
    private static final int SIZE_DIGITS = 2;

    private final RecordedHistogram appendLatencies = times();
    private final RecordedHistogram forceTimes = times();
    private final RecordedHistogram ringWaits = times();
    private final RecordedHistogram batchEntryCounts = sizes(MOST_ENTRIES);
    private final RecordedHistogram batchLengths = sizes(MOST_BYTES);
    private final RecordedHistogram queueDepths = sizes(MOST_ENTRIES);

    /** Creates empty histograms, for one log. */
    public LogHistograms() {}

    /**
     * Everything since this object was made. Any thread.
     *
     * @return copies of the histograms.
     */
    public synchronized LogStatistics total() {
        return new LogStatistics(
                appendLatencies.total(),
                forceTimes.total(),
                ringWaits.total(),
                batchEntryCounts.total(),
                batchLengths.total(),
                queueDepths.total());
    }

    /**
     * Everything since this method was called last. Any thread; meant for one that calls it at
     * intervals.
     *
     * @return copies of the histograms.
     */
    public synchronized LogStatistics interval() {
        return new LogStatistics(
                appendLatencies.interval(),
                forceTimes.interval(),
                ringWaits.interval(),
                batchEntryCounts.interval(),
                batchLengths.interval(),
                queueDepths.interval());
    }

    @Override
    public void onBatch(final BatchReport batch, final int weight) {
        ringWaits.record(batch.ringWaitNs(), weight);
        batchEntryCounts.record(batch.entryCount(), weight);
        batchLengths.record(batch.length(), weight);
        queueDepths.record(batch.queueDepth(), weight);
    }

    @Override
    public void onForce(final long firstLsn, final long lastLsn, final long durationNs) {
        forceTimes.record(durationNs, 1);
    }

    @Override
    public void onAcknowledged(final long lsn, final long latencyNs, final int weight) {
        appendLatencies.record(latencyNs, weight);
    }

    private static RecordedHistogram times() {
        return new RecordedHistogram(LEAST_TIME_NS, MOST_TIME_NS, TIME_DIGITS);
    }

    private static RecordedHistogram sizes(final long most) {
        return new RecordedHistogram(1, most, SIZE_DIGITS);
    }
}
