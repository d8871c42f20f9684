package io.wal.jmh.load;

import io.wal.jmh.journal.JournalDescriptor;
import io.wal.jmh.journal.JournalSettings;
import io.wal.jmh.journal.JournalUnderTest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * Everything a journal holds, from opening it to the last payload delivered, again and again; the
 * median counts. What is read was just written, so it comes from the page cache.
 */
final class ReplayLoad {
    private static final int LEAST_RUNS = 3;
    private static final int MOST_RUNS = 1000;

    private ReplayLoad() {}

    static Result run(
            final JournalDescriptor descriptor,
            final JournalSettings journalSettings,
            final Workload workload,
            final LoadSettings settings,
            final Path directory)
            throws Exception {
        fill(descriptor, journalSettings, workload, settings, directory);
        final long warmUntilNs = System.nanoTime() + settings.warmup().toNanos();
        LongSupplier clock = System::nanoTime;
        int warmups = 0;
        while (warmups++ == 0 || clock.getAsLong() < warmUntilNs) {
            replay(descriptor, journalSettings, settings, directory);
        }
        final BlockDevice device = BlockDevice.under(directory);
        final Usage before = Usage.before(device, JournalUnderTest.UNKNOWN);
        final long untilNs = System.nanoTime() + settings.measured().toNanos();
        final long[] durationsNs = new long[MOST_RUNS];
        int runs = 0;
        while (runs < MOST_RUNS && (runs < LEAST_RUNS || clock.getAsLong() < untilNs)) {
            durationsNs[runs++] = replay(descriptor, journalSettings, settings, directory);
        }
        final Usage used = Usage.after(device, JournalUnderTest.UNKNOWN).since(before);
        Arrays.sort(durationsNs, 0, runs);
        return new Result()
                .usage(used, settings.replayCount() * runs, workload.payloadLength())
                .put(
                        Result.Metric.ENTRIES_PER_S,
                        settings.replayCount() * 1e9 / durationsNs[runs / 2]);
    }

    private static void fill(
            final JournalDescriptor descriptor,
            final JournalSettings journalSettings,
            final Workload workload,
            final LoadSettings settings,
            final Path directory)
            throws Exception {
        try (JournalUnderTest journal = descriptor.create(journalSettings)) {
            journal.open(directory);
            final LoadContext context =
                    new LoadContext(journal, workload, settings, BlockDevice.under(directory));
            PipelinedLoad.append(context, 0, settings.replayCount());
        }
    }

    private static long replay(
            final JournalDescriptor descriptor,
            final JournalSettings journalSettings,
            final LoadSettings settings,
            final Path directory)
            throws Exception {
        final long[] sum = {0};
        final long beginNs = System.nanoTime();
        try (JournalUnderTest journal = descriptor.create(journalSettings)) {
            journal.open(directory);
            final long count =
                    journal.replay(
                            (buffer, offset, length) -> sum[0] += buffer.getLong(offset) + length);
            final long durationNs = System.nanoTime() - beginNs;
            if (count != settings.replayCount()) {
                throw new IllegalStateException(
                        "replayed " + count + " entries of " + settings.replayCount());
            }
            return durationNs;
        }
    }
}
