package io.wal.jmh.etcd;

import io.wal.jmh.report.MachineFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Sets the store in etcd beside bare transactions and bare reads of the same cluster. They take
 * turns on one cluster, in short slices, so that both see the same moods of the machine; what is
 * reported are ratios within a round, and their medians. Each round has a new cluster.
 */
@Command(
        name = "etcd-compare",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Compares the store in etcd with bare transactions of the same cluster.")
public final class EtcdCompare implements Callable<Integer> {
    private static final double WARMUP_S = 8;

    /** What can be compared. */
    enum Part {
        THROUGHPUT,
        LATENCY,
        RECOVERY,
        OUTAGE
    }

    @Option(names = "--parts", split = ",", description = "${COMPLETION-CANDIDATES} (default: all)")
    private Set<Part> parts = Set.of(Part.values());

    @Option(
            names = "--members",
            split = ",",
            description = "sizes of the clusters (default: ${DEFAULT-VALUE})")
    private List<Integer> members = List.of(1, 3);

    @Option(names = "--rounds", description = "how often all is run (default: ${DEFAULT-VALUE})")
    private int rounds = 5;

    @Option(
            names = "--seconds",
            description = "of each slice of a load (default: ${DEFAULT-VALUE})")
    private double seconds = 3;

    @Option(names = "--payload", description = "bytes of an entry (default: ${DEFAULT-VALUE})")
    private int payloadLength = 100;

    @Option(
            names = "--recovery-mib",
            description = "of entries in the log that is recovered (default: ${DEFAULT-VALUE})")
    private int recoveryMib = 1024;

    @Option(
            names = "--dir",
            description = "where the members keep their data (default: ${DEFAULT-VALUE})")
    private Path directory = Path.of("jmh", "target", "etcd");

    @Option(
            names = "--server-options",
            split = ",",
            paramLabel = "OPTION",
            description = "more options of the servers, such as --election-timeout=500")
    private List<String> serverOptions = List.of();

    private final Rounds results = new Rounds();
    private boolean warm;

    private EtcdCompare() {}

    /**
     * Runs it.
     *
     * @param args options.
     */
    public static void main(final String[] args) {
        System.exit(new CommandLine(new EtcdCompare()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Files.createDirectories(directory);
        for (int round = 1; round <= rounds; round++) {
            System.err.println("etcd: round " + round + " of " + rounds);
            for (final int size : members) {
                loads(size);
                if (parts.contains(Part.RECOVERY)) {
                    try (EtcdServers servers = EtcdServers.start(directory, size, serverOptions)) {
                        new RecoveryComparison(servers, results, label(size))
                                .run(payloadLength, recoveryMib);
                    }
                }
                if (parts.contains(Part.OUTAGE) && size > 1) {
                    try (EtcdServers servers = EtcdServers.start(directory, size, serverOptions)) {
                        new OutageMeasurement(servers, results, label(size)).run(payloadLength);
                    }
                }
            }
        }
        System.out.println(facts() + '\n' + results.table());
        return 0;
    }

    private void loads(final int size) throws IOException, InterruptedException {
        if (!parts.contains(Part.THROUGHPUT) && !parts.contains(Part.LATENCY)) {
            return;
        }
        try (EtcdServers servers = EtcdServers.start(directory, size, serverOptions)) {
            if (parts.contains(Part.LATENCY)) {
                new LatencyComparison(servers, results, label(size)).run(payloadLength);
            }
            if (parts.contains(Part.THROUGHPUT)) {
                final ThroughputComparison comparison =
                        new ThroughputComparison(servers, results, label(size));
                if (!warm) {
                    comparison.warmUp(payloadLength, RunTime.ofSeconds(0, WARMUP_S));
                    warm = true;
                }
                comparison.run(payloadLength, RunTime.ofSeconds(1, seconds));
            }
        }
    }

    private static String label(final int size) {
        return size == 1 ? "1 member, " : size + " members, ";
    }

    private String facts() throws IOException {
        final StringBuilder text = new StringBuilder();
        MachineFacts.of(directory)
                .forEach((name, value) -> text.append("- ").append(name + ": " + value + "\n"));
        return text.append("- etcd: ")
                .append(EtcdServers.version())
                .append(", ")
                .append(String.join(" ", EtcdServers.options(serverOptions)))
                .append(", client and all members on this machine\n")
                .toString();
    }
}
