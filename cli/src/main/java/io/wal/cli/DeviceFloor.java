package io.wal.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.HdrHistogram.Histogram;

/**
 * What the device itself takes for the least that a log must do: write one block into a file that
 * has its blocks already, and force it. No log that forces each batch can be faster.
 */
final class DeviceFloor implements AutoCloseable {
    static final int BLOCK_LENGTH = 4096;
    private static final int BLOCK_COUNT = 4096;

    private final Path file;
    private final FileChannel channel;
    private final ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_LENGTH);
    private final Histogram latencies = new Histogram(3);
    private long elapsedNs;
    private long position;

    DeviceFloor(final Path directory) throws IOException {
        file = directory.resolve("floor");
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        while (block.hasRemaining()) {
            block.put((byte) 'w');
        }
        for (int i = 0; i < BLOCK_COUNT; i++) {
            write();
        }
        channel.force(true);
    }

    /** Measures for so long, added to what was measured before. */
    void measure(final long durationNs) throws IOException {
        final long startNs = System.nanoTime();
        long nowNs = startNs;
        while (nowNs - startNs < durationNs) {
            write();
            channel.force(false);
            final long endNs = System.nanoTime();
            latencies.recordValue(endNs - nowNs);
            nowNs = endNs;
        }
        elapsedNs += nowNs - startNs;
    }

    BenchPhase result() {
        final long count = latencies.getTotalCount();
        return new BenchPhase(count, elapsedNs / 1e9, count, latencies);
    }

    @Override
    public void close() throws IOException {
        channel.close();
        Files.deleteIfExists(file);
    }

    private void write() throws IOException {
        block.clear();
        while (block.hasRemaining()) {
            channel.write(block, position + block.position());
        }
        position = (position + BLOCK_LENGTH) % ((long) BLOCK_LENGTH * BLOCK_COUNT);
    }
}
