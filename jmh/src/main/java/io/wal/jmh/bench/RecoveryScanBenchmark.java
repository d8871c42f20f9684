package io.wal.jmh.bench;

import io.wal.jmh.journal.JournalSettings;
import io.wal.jmh.load.Workload;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
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
 * Opening a log and delivering what it holds, from the page cache: all entries, or only what lies
 * after a checkpoint at its end. {@code -p journal=floor-scan} is a bare CRC32C over as many bytes.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
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
public class RecoveryScanBenchmark {
    /** Name of the journal. */
    @Param({"wal-mapped", "wal-direct"})
    private String journal;

    /** Bytes of each payload. */
    @Param({"256"})
    private int payloadLength;

    /** Entries that were appended. */
    @Param({"4000000"})
    private long entries;

    /** Whether a checkpoint was taken behind them all. */
    @Param({"false", "true"})
    private boolean checkpointed;

    private OpenJournal open;

    /** For JMH. */
    public RecoveryScanBenchmark() {}

    /**
     * Fills the journal and closes it.
     *
     * @throws Exception when it fails.
     */
    @Setup
    public void fill() throws Exception {
        open =
                OpenJournal.open(
                        journal, JournalSettings.forced(payloadLength, 1, Workload.OUTSTANDING));
        open.fill(entries);
        if (checkpointed) {
            open.journal().trim();
        }
        open.close();
    }

    /**
     * Opens, delivers, and closes.
     *
     * @return how many entries were delivered.
     * @throws Exception when it fails.
     */
    @Benchmark
    @Warmup(iterations = 3)
    @Measurement(iterations = 10)
    public long replay() throws Exception {
        open.reopen();
        final long[] sum = {0};
        final long count =
                open.journal()
                        .replay(
                                (buffer, offset, length) ->
                                        sum[0] += buffer.getLong(offset) + length);
        open.close();
        if (!checkpointed && count != entries) {
            throw new IllegalStateException("replayed " + count + " entries of " + entries);
        }
        return sum[0];
    }

    /**
     * Deletes the journal.
     *
     * @throws IOException when it fails.
     */
    @TearDown(Level.Trial)
    public void delete() throws IOException {
        open.delete();
    }
}
