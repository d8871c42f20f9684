package io.wal.jmh.load;

import io.wal.jmh.journal.JournalUnderTest.Producer;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Producers that each wait for each of their acknowledgements. */
final class BlockingLoad {
    private static final long LONGEST_NS = TimeUnit.HOURS.toNanos(1);

    private BlockingLoad() {}

    static Result run(final LoadContext context) throws Exception {
        final Histogram[] histograms = new Histogram[context.workload.producers()];
        for (int i = 0; i < histograms.length; i++) {
            histograms[i] = new Histogram(LONGEST_NS, 3);
        }
        context.start(producer -> append(context, producer, histograms[producer]));
        final Result result = context.measure();
        context.stop();
        final Histogram all = new Histogram(LONGEST_NS, 3);
        for (final Histogram histogram : histograms) {
            all.add(histogram);
        }
        return result.latencies(all);
    }

    private static void append(
            final LoadContext context, final int number, final Histogram histogram) {
        final Producer producer = context.journal.producer();
        final int length = context.workload.payloadLength();
        final Payload payload = new Payload(length, number);
        final long last = context.settings.count() == 0 ? Long.MAX_VALUE : context.settings.count();
        long count = 0;
        while (!context.isStopped() && count < last) {
            final long beginNs = System.nanoTime();
            producer.appendAndAwait(payload.number(count), 0, length);
            final long latencyNs = System.nanoTime() - beginNs;
            context.appended(number, ++count);
            if (context.isMeasuring()) {
                histogram.recordValue(Math.min(LONGEST_NS, latencyNs));
            }
        }
    }
}
