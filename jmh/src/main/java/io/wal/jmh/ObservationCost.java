package io.wal.jmh;

import io.wal.Checkpoint;
import io.wal.Durability;
import io.wal.WalContext;
import io.wal.WriteAheadLog;
import io.wal.histogram.LogHistograms;
import io.wal.metrics.CommitMeter;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.record.RecordKind;
import io.wal.store.AppendEvent;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.UnsafeBuffer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * What it costs to watch a log: a log that is watched in one way beside one that is not, in one JVM
 * and in slices that take turns, as ratios within a round and the medians of these. A second
 * unwatched log shows how much of a ratio is chance. Where the machine is too noisy for a
 * hundredth, the other table helps: the time that the calls themselves take for a batch, as a share
 * of what the batch took.
 */
@Command(
        name = "observation-cost",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Measures what events, histograms and counters cost.")
public final class ObservationCost implements Callable<Integer> {
    private static final int PAYLOAD_LENGTH = 256;
    private static final int RING_CAPACITY = 8192;
    private static final long BATCH_INTERVAL_NS = 100_000;
    private static final int PACED_BATCHES = 30_000;

    @Option(names = "--dir", description = "where the logs are put (default: ${DEFAULT-VALUE})")
    private Path directory = Path.of("jmh", "target", "observation");

    @Option(
            names = "--rounds",
            description = "how often all take turns (default: ${DEFAULT-VALUE})")
    private int rounds = 40;

    @Option(names = "--slice", description = "milliseconds of a turn (default: ${DEFAULT-VALUE})")
    private long sliceMs = 200;

    @Option(
            names = "--durability",
            description = "of the entries: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Durability durability = Durability.FORCED;

    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[PAYLOAD_LENGTH]);

    /** Ways of watching. */
    private enum Variant {
        /** Not at all, save for the counts within the process, which cannot be turned off. */
        NOTHING(false, false, null),
        /** The same once more. */
        CONTROL(false, false, null),
        /** The counters file. */
        COUNTERS(true, false, null),
        /** A listener with histograms. */
        HISTOGRAMS(false, true, null),
        /** A flight recording with its defaults: batches of a millisecond and more. */
        EVENTS(false, false, "1 ms"),
        /** A flight recording of every batch. */
        ALL_EVENTS(false, false, "0 ms"),
        /** Everything. */
        EVERYTHING(true, true, "0 ms");

        private final boolean counters;
        private final boolean histograms;
        private final String threshold;

        Variant(final boolean counters, final boolean histograms, final String threshold) {
            this.counters = counters;
            this.histograms = histograms;
            this.threshold = threshold;
        }

        Recording record() {
            if (threshold == null) {
                return null;
            }
            final Recording recording = new Recording();
            for (final String name : List.of("Batch", "Stall", "SegmentRoll", "Checkpoint")) {
                recording.enable("io.wal." + name);
            }
            recording.enable("io.wal.Batch").with("threshold", threshold);
            recording.start();
            return recording;
        }
    }

    /** What an entry took in one slice. */
    private record Cost(double wallNs, double processorNs) {}

    private ObservationCost() {}

    /**
     * Runs it.
     *
     * @param args options.
     */
    public static void main(final String[] args) {
        System.exit(new CommandLine(new ObservationCost()).execute(args));
    }

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(directory);
        final long startNs = System.nanoTime();
        final Map<Variant, WriteAheadLog> logs = new EnumMap<>(Variant.class);
        try {
            for (final Variant variant : Variant.values()) {
                logs.put(variant, open(variant));
            }
            compare(logs, "each entry waits for the one before", 1);
            compare(logs, "as many as the queue takes", RING_CAPACITY);
            calls();
            publishers(System.nanoTime() - startNs);
        } finally {
            logs.values().forEach(WriteAheadLog::remove);
            for (final Variant variant : Variant.values()) {
                delete(directory(variant));
            }
        }
        return 0;
    }

    private WriteAheadLog open(final Variant variant) {
        final MmapStoreContext store =
                new MmapStoreContext().directory(directory(variant)).countersFile(variant.counters);
        final WalContext context =
                new WalContext().store(new MmapLogStore(store)).ringCapacity(RING_CAPACITY);
        final WriteAheadLog log =
                WriteAheadLog.open(
                        variant.histograms ? context.commitListener(new LogHistograms()) : context);
        log.recover((lsn, kind, buffer, offset, length) -> {});
        return log;
    }

    private void compare(
            final Map<Variant, WriteAheadLog> logs, final String what, final int outstanding) {
        final Map<Variant, List<Double>> wall = new EnumMap<>(Variant.class);
        final Map<Variant, List<Double>> processor = new EnumMap<>(Variant.class);
        final List<Variant> order = new ArrayList<>(List.of(Variant.values()));
        for (int round = -1; round < rounds; round++) { // the first one is to warm up
            Collections.rotate(order, 1); // nobody is always behind the same one
            final Map<Variant, Cost> costs = new EnumMap<>(Variant.class);
            for (final Variant variant : order) {
                costs.put(variant, slice(variant, logs.get(variant), outstanding));
            }
            if (round < 0) {
                continue;
            }
            final Cost plain = costs.get(Variant.NOTHING);
            costs.forEach(
                    (variant, cost) -> {
                        wall.computeIfAbsent(variant, v -> new ArrayList<>())
                                .add(cost.wallNs / plain.wallNs);
                        processor
                                .computeIfAbsent(variant, v -> new ArrayList<>())
                                .add(cost.processorNs / plain.processorNs);
                    });
        }
        System.out.printf(
                Locale.ROOT,
                "%n%s, %s, %d bytes: time against the log that is not watched%n%-12s %24s %24s%n",
                what,
                durability,
                PAYLOAD_LENGTH,
                "",
                "elapsed (quartiles)",
                "processor (quartiles)");
        for (final Variant variant : Variant.values()) {
            if (variant != Variant.NOTHING) {
                System.out.printf(
                        Locale.ROOT,
                        "%-12s %24s %24s%n",
                        variant.name().toLowerCase(Locale.ROOT),
                        quartiles(wall.get(variant)),
                        quartiles(processor.get(variant)));
            }
        }
    }

    private Cost slice(final Variant variant, final WriteAheadLog log, final int outstanding) {
        final Recording recording = variant.record();
        try {
            final long firstLsn = log.lastLsn();
            final long processorBefore = processorNs();
            final long startNs = System.nanoTime();
            final long endNs = startNs + sliceMs * 1_000_000;
            long nowNs = startNs;
            while (nowNs - endNs < 0) {
                if (outstanding == 1) {
                    log.appendAndAwait(payload, 0, PAYLOAD_LENGTH, durability);
                } else {
                    for (int i = 0; i < 64; i++) { // waits when the queue is full
                        log.append(payload, 0, PAYLOAD_LENGTH, durability, null);
                    }
                }
                nowNs = System.nanoTime();
            }
            log.awaitDurable(log.lastLsn());
            final double count = log.lastLsn() - firstLsn;
            final Cost cost =
                    new Cost(
                            (System.nanoTime() - startNs) / count,
                            (processorNs() - processorBefore) / count);
            release(log);
            return cost;
        } finally {
            end(recording);
        }
    }

    /** Lets the log use its segments again. */
    private static void release(final WriteAheadLog log) {
        try (Checkpoint checkpoint = log.startCheckpoint()) {
            checkpoint.finalizeCheckpoint();
        }
    }

    /**
     * The calls that a batch of one entry makes, ten thousand times a second: the share of what a
     * small force takes on a good device, and of a processor.
     */
    private static void calls() {
        System.out.printf(
                Locale.ROOT,
                "%nthe calls of a batch of one entry, as a share of a batch of %d us%n",
                BATCH_INTERVAL_NS / 1_000);
        final double empty = paced(null);
        for (final Variant variant : Variant.values()) {
            if (variant != Variant.CONTROL && variant != Variant.COUNTERS) {
                final Recording recording = variant.record();
                try {
                    final CommitMeter meter =
                            new CommitMeter(
                                    "calls",
                                    RING_CAPACITY,
                                    variant.histograms ? new LogHistograms() : null,
                                    100_000_000,
                                    t -> {});
                    final double ns = paced(meter) - empty;
                    System.out.printf(
                            Locale.ROOT,
                            "%-12s %6.0f ns  %5.2f %%%n",
                            variant.name().toLowerCase(Locale.ROOT),
                            ns,
                            100 * ns / BATCH_INTERVAL_NS);
                } finally {
                    end(recording);
                }
            }
        }
    }

    /** The threads that keep the counters files up to date, beside the log's own. */
    private static void publishers(final long elapsedNs) {
        System.out.printf(
                Locale.ROOT,
                "%nthe threads that publish counters, as a share of the %.0f s that they ran%n",
                elapsedNs / 1e9);
        for (final Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("wal-counters-")) {
                final long ns =
                        ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.getId());
                System.out.printf(
                        Locale.ROOT, "%6.1f ms  %6.3f %%%n", ns / 1e6, 100.0 * ns / elapsedNs);
            }
        }
    }

    private static double paced(final CommitMeter meter) {
        final Histogram histogram = new Histogram(3);
        final AppendEvent event = new AppendEvent(512);
        for (int round = 0; round < 2; round++) { // the first one is to warm up
            histogram.reset();
            long nextNs = System.nanoTime();
            for (int i = 1; i <= PACED_BATCHES; i++) {
                nextNs += BATCH_INTERVAL_NS;
                while (System.nanoTime() - nextNs < 0) {
                    Thread.onSpinWait();
                }
                event.begin(i, RecordKind.DATA, Durability.FORCED, PAYLOAD_LENGTH, null);
                final long startNs = System.nanoTime();
                if (meter != null) {
                    batch(meter, event);
                }
                histogram.recordValue(System.nanoTime() - startNs);
            }
        }
        return histogram.getValueAtPercentile(50);
    }

    /** In the order in which producer and store make them. */
    private static void batch(final CommitMeter meter, final AppendEvent event) {
        final long lsn = event.lsn();
        final long interval = meter.sampleInterval().get();
        if (interval > 0) {
            CommitMeter.claimed(event, interval);
        }
        meter.looked(1);
        meter.batchBegins();
        meter.taken(event);
        meter.batchCommits(1, PAYLOAD_LENGTH);
        meter.forceBegins();
        meter.forceEnds(lsn, lsn);
        meter.notifyBegins();
        meter.acknowledges(lsn);
        meter.notifyEnds();
        meter.batchEnds(lsn, 1, PAYLOAD_LENGTH, true);
    }

    private Path directory(final Variant variant) {
        return directory.resolve(variant.name().toLowerCase(Locale.ROOT));
    }

    /** What removing a log leaves: its lock, in an otherwise empty directory. */
    private static void delete(final Path place) throws IOException {
        if (Files.exists(place)) {
            try (Stream<Path> files = Files.list(place)) {
                for (final Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(place);
        }
    }

    private static void end(final Recording recording) {
        if (recording != null) {
            recording.close();
        }
    }

    private static long processorNs() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }

    private static String quartiles(final List<Double> values) {
        return String.format(
                Locale.ROOT,
                "%.4f (%.3f to %.3f)",
                quantile(values, 0.5),
                quantile(values, 0.25),
                quantile(values, 0.75));
    }

    private static double quantile(final List<Double> values, final double share) {
        final double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        return sorted[(int) (share * (sorted.length - 1))];
    }
}
