package io.wal.jmh.etcd;

import io.wal.record.RecordDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The recovery of a log, and bare reads of the same values page by page, in a small heap. */
final class RecoveryComparison {
    private static final String HEAP = "-Xmx128m";
    private static final long TIMEOUT_S = 600;

    private final EtcdServers servers;
    private final Rounds results;
    private final String label;

    RecoveryComparison(final EtcdServers servers, final Rounds results, final String label) {
        this.servers = servers;
        this.results = results;
        this.label = label;
    }

    /** One round. */
    void run(final int payloadLength, final int logMib) throws IOException, InterruptedException {
        final long count = ((long) logMib << 20) / RecordDescriptor.frameLength(payloadLength);
        try (StoreLoad load = new StoreLoad(servers.endpoints())) {
            load.fill(payloadLength, count);
        }
        final Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                HEAP,
                                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                                "-XX:+IgnoreUnrecognizedVMOptions",
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                System.getProperty("java.class.path"),
                                RecoveryRun.class.getName(),
                                Long.toString(count),
                                String.join(",", servers.endpoints()))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var reader = process.inputReader()) {
            reader.lines().forEach(line -> take(line, logMib));
            if (!process.waitFor(TIMEOUT_S, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException("the recovery failed");
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private void take(final String line, final int logMib) {
        final List<Double> seconds =
                List.of(line.split(" ")).stream().map(Double::valueOf).toList();
        final double bare = seconds.get(0);
        final double open = seconds.get(1);
        final double replay = seconds.get(2);
        results.add(label + "bare paged reads", "MiB/s", "", logMib / bare);
        results.add(label + "opening, which checks all", "MiB/s", "", logMib / open);
        results.add(label + "recovery, which delivers all", "MiB/s", "", logMib / replay);
        results.add(label + "opening by bare reads", "", "", bare / open);
        results.add(label + "recovery by bare reads", "", "≥ 0.8", bare / replay);
        results.add(label + "heap after recovery", "MiB", "≤ 128", seconds.get(3));
    }
}
