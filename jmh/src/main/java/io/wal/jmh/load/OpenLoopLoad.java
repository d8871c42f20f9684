package io.wal.jmh.load;

import io.wal.jmh.journal.JournalUnderTest.Producer;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Payloads at a constant rate. Each has a time at which it is due, whatever the ones before it do,
 * and its latency counts from that time: a pause of the journal, or of the producer itself, shows
 * in every payload that fell due meanwhile (no coordinated omission).
 */
final class OpenLoopLoad {
    private static final long LONGEST_NS = TimeUnit.HOURS.toNanos(1);
    private static final int UNACKNOWLEDGED_MAX = 1 << 22;
    private static final int MOST_AT_ONCE = 64;

    private final LoadContext context;
    private final Histogram histogram;
    private final Producer producer;
    private final double periodNs;
    private final int step;
    private final int first;
    private final long[] tickets = new long[UNACKNOWLEDGED_MAX];
    private long beginNs;
    private long appendedCount;
    private long acknowledgedCount;

    private OpenLoopLoad(final LoadContext context, final int number, final Histogram histogram) {
        this.context = context;
        this.histogram = histogram;
        producer = context.journal.producer();
        step = context.workload.producers();
        first = number;
        periodNs = TimeUnit.SECONDS.toNanos(1) / context.settings.rate();
    }

    static Result run(final LoadContext context) throws Exception {
        final Histogram[] histograms = new Histogram[context.workload.producers()];
        for (int i = 0; i < histograms.length; i++) {
            histograms[i] = new Histogram(LONGEST_NS, 3);
        }
        context.start(
                number -> new OpenLoopLoad(context, number, histograms[number]).append(number));
        final Result result = context.measure();
        context.stop();
        final Histogram all = new Histogram(LONGEST_NS, 3);
        for (final Histogram histogram : histograms) {
            all.add(histogram);
        }
        return result.latencies(all).put(Result.Metric.RATE_PER_S, context.settings.rate());
    }

    private void append(final int number) {
        final int length = context.workload.payloadLength();
        final Payload payload = new Payload(length, number);
        beginNs = System.nanoTime();
        while (!context.isStopped()) {
            int atOnce = 0;
            while (atOnce < MOST_AT_ONCE
                    && appendedCount - acknowledgedCount < UNACKNOWLEDGED_MAX
                    && dueNs(appendedCount) <= System.nanoTime()) {
                final UnsafeBuffer buffer = payload.number(appendedCount);
                tickets[(int) appendedCount & UNACKNOWLEDGED_MAX - 1] =
                        producer.append(buffer, 0, length);
                appendedCount++;
                atOnce++;
            }
            context.appended(number, appendedCount);
            if (!recordAcknowledged() && atOnce == 0) {
                Thread.yield();
            }
        }
        while (acknowledgedCount < appendedCount) {
            recordAcknowledged();
            Thread.yield();
        }
    }

    private boolean recordAcknowledged() {
        final long acknowledged = producer.acknowledged();
        final boolean measuring = context.isMeasuring();
        final long nowNs = System.nanoTime();
        final long before = acknowledgedCount;
        while (acknowledgedCount < appendedCount
                && tickets[(int) acknowledgedCount & UNACKNOWLEDGED_MAX - 1] <= acknowledged) {
            if (measuring) {
                histogram.recordValue(Math.min(LONGEST_NS, nowNs - dueNs(acknowledgedCount)));
            }
            acknowledgedCount++;
        }
        return acknowledgedCount > before;
    }

    /** Producers take turns. */
    private long dueNs(final long index) {
        return beginNs + (long) ((index * step + first) * periodNs);
    }
}
