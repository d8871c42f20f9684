package io.wal.jmh.etcd;

import io.wal.Durability;
import io.wal.jmh.load.Payload;
import io.wal.record.RecordDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
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
 * The store in etcd and bare transactions, on a cluster of this benchmark's own. One operation is
 * an entry of 100 bytes, or a transaction; {@code transactionsOfBatches} puts values as long as a
 * full batch of such entries.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
            "-Xms1g",
            "-Xmx1g"
        })
@Warmup(iterations = 2, time = 2)
@Measurement(iterations = 5, time = 3)
public class EtcdBenchmark {
    private static final int PAYLOAD_LENGTH = 100;
    private static final int IN_FLIGHT = 4;
    private static final int MAX_BATCH_LENGTH = 256 << 10;

    /** Members of the cluster. */
    @Param({"1", "3"})
    private int members;

    private EtcdServers servers;

    /** For JMH. */
    public EtcdBenchmark() {}

    /**
     * Starts the cluster.
     *
     * @throws IOException when there is no binary, or it does not start.
     */
    @Setup
    public void start() throws IOException {
        servers =
                EtcdServers.start(
                        Path.of(System.getProperty("java.io.tmpdir")), members, List.of());
    }

    /**
     * Ends the cluster, and removes its data.
     *
     * @throws IOException when the data cannot be removed.
     */
    @TearDown
    public void stop() throws IOException {
        servers.close();
    }

    /** A client for bare transactions. What an iteration has put is removed behind it. */
    @State(Scope.Benchmark)
    public static class Bare {
        private final byte[] batch = RawEtcd.randomValue(batchLength());
        private final byte[] one = RawEtcd.randomValue(valueLength(1));
        private final byte[] entry = RawEtcd.randomValue(PAYLOAD_LENGTH);
        private final Semaphore inFlight = new Semaphore(IN_FLIGHT);
        private RawEtcd etcd;
        private long number;
        private volatile Throwable failure;

        /** For JMH. */
        public Bare() {}

        /**
         * Connects.
         *
         * @param benchmark whose cluster it is.
         */
        @Setup(Level.Iteration)
        public void connect(final EtcdBenchmark benchmark) {
            etcd = new RawEtcd(benchmark.servers.endpoints());
            number = 1;
        }

        /** Waits for what is under way, and removes everything. */
        @TearDown(Level.Iteration)
        public void clear() {
            inFlight.acquireUninterruptibly(IN_FLIGHT);
            inFlight.release(IN_FLIGHT);
            etcd.clear();
            etcd.close();
        }

        private void putWhenFewAreInFlight() {
            if (failure != null) {
                throw new IllegalStateException(failure);
            }
            inFlight.acquireUninterruptibly();
            etcd.put(number++, batch)
                    .whenComplete(
                            (answer, cause) -> {
                                if (cause != null || !answer.isSucceeded()) {
                                    failure = new IllegalStateException("not put", cause);
                                }
                                inFlight.release();
                            });
        }

        private static int batchLength() {
            return valueLength(MAX_BATCH_LENGTH / RecordDescriptor.frameLength(PAYLOAD_LENGTH));
        }

        private static int valueLength(final int count) {
            return StoreLoad.BATCH_HEADER_LENGTH
                    + count * RecordDescriptor.frameLength(PAYLOAD_LENGTH);
        }
    }

    /** A log. What an iteration has appended is removed behind it. */
    @State(Scope.Benchmark)
    public static class Ours {
        private final Payload payload = new Payload(PAYLOAD_LENGTH, 0);
        private StoreLoad load;
        private long number;

        /** For JMH. */
        public Ours() {}

        /**
         * Opens the log.
         *
         * @param benchmark whose cluster it is.
         */
        @Setup(Level.Iteration)
        public void open(final EtcdBenchmark benchmark) {
            load = new StoreLoad(benchmark.servers.endpoints());
        }

        /**
         * Closes the log, and removes everything.
         *
         * @param benchmark whose cluster it is.
         */
        @TearDown(Level.Iteration)
        public void clear(final EtcdBenchmark benchmark) {
            load.close();
            try (RawEtcd etcd = new RawEtcd(benchmark.servers.endpoints())) {
                etcd.clear(StoreLoad.PREFIX);
            }
        }
    }

    /**
     * Bare transactions that put values of the length of a full batch, four in flight.
     *
     * @param bare the client.
     */
    @Benchmark
    public void transactionsOfBatches(final Bare bare) {
        bare.putWhenFewAreInFlight();
    }

    /**
     * Appends to a log that takes them as fast as its window of batches allows.
     *
     * @param ours the log.
     * @return the LSN.
     */
    @Benchmark
    public long append(final Ours ours) {
        return ours.load.log().append(ours.payload.number(ours.number++), 0, PAYLOAD_LENGTH);
    }

    /**
     * The log of one key per entry: one transaction after the other, each moves a counter on.
     *
     * @param bare the client.
     */
    @Benchmark
    public void oneKeyPerEntry(final Bare bare) {
        RawEtcd.requireDone(RawEtcd.await(bare.etcd.putCounted(bare.number++, bare.entry)));
    }

    /**
     * A bare transaction that puts a batch of one entry, and is waited for.
     *
     * @param bare the client.
     */
    @Benchmark
    @BenchmarkMode(Mode.SampleTime)
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public void loneTransaction(final Bare bare) {
        RawEtcd.requireDone(RawEtcd.await(bare.etcd.put(bare.number++, bare.one)));
    }

    /**
     * An append that is waited for.
     *
     * @param ours the log.
     * @return the LSN.
     */
    @Benchmark
    @BenchmarkMode(Mode.SampleTime)
    @OutputTimeUnit(TimeUnit.MICROSECONDS)
    public long loneAppend(final Ours ours) {
        return ours.load
                .log()
                .appendAndAwait(
                        ours.payload.number(ours.number++), 0, PAYLOAD_LENGTH, Durability.FORCED);
    }
}
