package io.wal.jmh.bench;

import io.wal.jmh.journal.JournalSettings;
import io.wal.jmh.journal.JournalUnderTest.Producer;
import io.wal.jmh.load.Payload;
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
 * How long an append takes until it is acknowledged as forced, as a histogram: alone, and among
 * producers that each wait for each of theirs. Other numbers of producers: {@code -t}.
 */
@State(Scope.Benchmark)
@BenchmarkMode({Mode.SampleTime, Mode.Throughput})
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
public class AppendLatencyBenchmark {
    /** Name of the journal; floors and peers can be given too. */
    @Param({"wal-mapped", "wal-direct"})
    private String journal;

    /** Bytes of each payload. */
    @Param({"256"})
    private int payloadLength;

    private OpenJournal open;

    /** For JMH. */
    public AppendLatencyBenchmark() {}

    /** One thread that appends. */
    @State(Scope.Thread)
    public static class ProducerState {
        private Producer producer;
        private Payload payload;
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
        public void begin(final AppendLatencyBenchmark benchmark, final ThreadParams thread) {
            producer = benchmark.open.journal().producer();
            payload = new Payload(benchmark.payloadLength, thread.getThreadIndex());
            trims = thread.getThreadIndex() == 0;
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
        final int producers = parameters.getThreads();
        open =
                OpenJournal.open(
                        journal, JournalSettings.forced(payloadLength, producers, producers));
    }

    /**
     * Closes the journal and deletes it.
     *
     * @throws IOException when it fails.
     */
    @TearDown(Level.Trial)
    public void closeJournal() throws IOException {
        open.close();
        open.delete();
    }

    /**
     * One producer.
     *
     * @param producer that appends.
     * @throws Exception when it fails.
     */
    @Benchmark
    @Threads(1)
    public void lone(final ProducerState producer) throws Exception {
        append(producer);
    }

    /**
     * Eight producers.
     *
     * @param producer that appends.
     * @throws Exception when it fails.
     */
    @Benchmark
    @Threads(8)
    public void among8(final ProducerState producer) throws Exception {
        append(producer);
    }

    /**
     * Sixty-four producers.
     *
     * @param producer that appends.
     * @throws Exception when it fails.
     */
    @Benchmark
    @Threads(64)
    public void among64(final ProducerState producer) throws Exception {
        append(producer);
    }

    private void append(final ProducerState producer) throws Exception {
        final long number = ++producer.count;
        if (producer.trims) {
            open.trimAfter(number);
        }
        producer.producer.appendAndAwait(producer.payload.number(number), 0, payloadLength);
    }
}
