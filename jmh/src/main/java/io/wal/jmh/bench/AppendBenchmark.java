package io.wal.jmh.bench;

import io.wal.Durability;
import io.wal.WaitMode;
import io.wal.jmh.journal.JournalSettings;
import io.wal.jmh.load.Workload;
import io.wal.mmap.MmapStoreContext;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.ThreadParams;

/**
 * Throughput of group commit: producers that go on while no more than 8,192 payloads of all of them
 * are unacknowledged, at each durability and write mode. An operation is an append; none is left
 * unacknowledged, since each waits for the one that many before it, and an iteration for its last.
 * Other numbers of producers: {@code -t}.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
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
public class AppendBenchmark {
    /** Name of the journal; floors and peers can be given too. */
    @Param({"wal-mapped", "wal-direct"})
    private String journal;

    /** Bytes of each payload. */
    @Param({"64", "256", "1024", "16384"})
    private int payloadLength;

    /** What an acknowledgement promises. */
    @Param({"FORCED", "WRITTEN"})
    private Durability durability;

    private OpenJournal open;
    private int windowLength;

    /** For JMH. */
    public AppendBenchmark() {}

    /** One thread that appends. */
    @State(Scope.Thread)
    public static class ProducerState {
        private Window window;
        private boolean trims;
        private long count;

        /** For JMH. */
        public ProducerState() {}

        /**
         * Makes a producer of the journal.
         *
         * @param benchmark that has the journal.
         * @param thread that is to append.
         */
        @Setup
        public void begin(final AppendBenchmark benchmark, final ThreadParams thread) {
            window =
                    new Window(
                            benchmark.open.journal().producer(),
                            thread.getThreadIndex(),
                            benchmark.payloadLength,
                            benchmark.windowLength);
            trims = thread.getThreadIndex() == 0;
        }

        /** Waits for the acknowledgement of all that was appended. */
        @TearDown(Level.Iteration)
        public void awaitAll() {
            window.awaitAll();
        }
    }

    /**
     * Opens the journal.
     *
     * @param parameters of the run.
     * @throws Exception when it cannot be opened.
     */
    @Setup
    public void openJournal(final BenchmarkParams parameters) throws Exception {
        windowLength = Workload.OUTSTANDING / parameters.getThreads();
        open =
                OpenJournal.open(
                        journal,
                        new JournalSettings(
                                payloadLength,
                                parameters.getThreads(),
                                Workload.OUTSTANDING,
                                durability,
                                WaitMode.PARK,
                                MmapStoreContext.ZEROING_LENGTH_DEFAULT));
    }

    /**
     * Closes the journal and deletes it.
     *
     * @throws IOException when it fails.
     */
    @TearDown
    public void closeJournal() throws IOException {
        open.close();
        open.delete();
    }

    /**
     * With one producer.
     *
     * @param producer that appends.
     * @return the ticket.
     * @throws Exception when it fails.
     */
    @Benchmark
    @Threads(1)
    public long oneProducer(final ProducerState producer) throws Exception {
        return append(producer);
    }

    /**
     * With two producers.
     *
     * @param producer that appends.
     * @return the ticket.
     * @throws Exception when it fails.
     */
    @Benchmark
    @Threads(2)
    public long twoProducers(final ProducerState producer) throws Exception {
        return append(producer);
    }

    private long append(final ProducerState producer) throws Exception {
        if (producer.trims) {
            open.trimAfter(++producer.count);
        }
        return producer.window.append();
    }
}
