package io.wal.jmh.bench;

import io.wal.jmh.load.Payload;
import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One record in memory: what a producer does to frame it, and a reader to check it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RecordCodecBenchmark {
    /** Bytes of the payload. */
    @Param({"64", "256", "1024", "16384"})
    private int payloadLength;

    private final RecordChecksum checksum = new RecordChecksum();
    private byte[] frame;
    private UnsafeBuffer buffer;
    private Payload payload;
    private long lsn;
    private int frameLength;

    /** For JMH. */
    public RecordCodecBenchmark() {}

    /** Makes a whole record. */
    @Setup
    public void frameOne() {
        frameLength = RecordDescriptor.frameLength(payloadLength);
        frame = new byte[frameLength];
        buffer = new UnsafeBuffer(frame);
        payload = new Payload(payloadLength, 0);
        lsn = RecordDescriptor.NULL_LSN;
        encode();
    }

    /**
     * Copies a payload, and writes header, padding and checksum.
     *
     * @return the checksum.
     */
    @Benchmark
    public int encode() {
        buffer.putBytes(RecordDescriptor.HEADER_LENGTH, payload.number(++lsn), 0, payloadLength);
        RecordDescriptor.putHeader(buffer, 0, lsn, RecordKind.DATA, payloadLength);
        final int crc = checksum.compute(frame, 0, frameLength);
        RecordDescriptor.putCrc(buffer, 0, crc);
        return crc;
    }

    /**
     * Computes the checksum of a record and compares it.
     *
     * @return whether it is right.
     */
    @Benchmark
    public boolean check() {
        return checksum.compute(frame, 0, frameLength) == RecordDescriptor.crc(buffer, 0);
    }

    /**
     * The checksum alone: what framing cannot be faster than.
     *
     * @return the checksum.
     */
    @Benchmark
    public int checksumAlone() {
        return checksum.compute(frame, 0, frameLength);
    }
}
