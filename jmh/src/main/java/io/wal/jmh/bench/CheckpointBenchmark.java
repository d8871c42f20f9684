package io.wal.jmh.bench;

import io.wal.Checkpoint;
import io.wal.WalContext;
import io.wal.WriteAheadLog;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.mmap.WriteMode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A whole checkpoint, from its start to its durable end: what a caller waits for. The space before
 * it is released in the background.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
            "-Xms1g",
            "-Xmx1g",
            "-XX:+PerfDisableSharedMem"
        })
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 2)
public class CheckpointBenchmark {
    private static final int PAYLOAD_LENGTH = 256;

    /** How segments are written. */
    @Param({"MAPPED", "DIRECT"})
    private WriteMode writeMode;

    /** Entries of the checkpoint. */
    @Param({"1", "1000"})
    private int entries;

    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[PAYLOAD_LENGTH]);
    private Path directory;
    private WriteAheadLog log;

    /** For JMH. */
    public CheckpointBenchmark() {}

    /**
     * Opens a log.
     *
     * @throws IOException when there is no place for it.
     */
    @Setup
    public void open() throws IOException {
        final Path home = Path.of(System.getProperty("wal.jmh.directory", "."));
        directory = Files.createTempDirectory(Files.createDirectories(home), "wal-jmh-");
        final MmapStoreContext context =
                new MmapStoreContext().directory(directory).writeMode(writeMode);
        log = WriteAheadLog.open(new WalContext().store(new MmapLogStore(context)));
        log.recover((lsn, kind, buffer, offset, length) -> {});
    }

    /** Starts a checkpoint, appends to it, and finalizes it. */
    @Benchmark
    public void checkpoint() {
        try (Checkpoint checkpoint = log.startCheckpoint()) {
            for (int i = 0; i < entries; i++) {
                checkpoint.append(payload, 0, PAYLOAD_LENGTH);
            }
            checkpoint.finalizeCheckpoint();
        }
    }

    /**
     * Closes the log and deletes it.
     *
     * @throws IOException when it fails.
     */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        log.close();
        final List<Path> paths;
        try (Stream<Path> all = Files.walk(directory)) {
            paths = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (final Path path : paths) {
            Files.deleteIfExists(path);
        }
    }
}
