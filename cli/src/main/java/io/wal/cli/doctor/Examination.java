package io.wal.cli.doctor;

import io.wal.mmap.Disk;
import io.wal.mmap.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Measures in a directory, in files that are prepared as segments are. All kinds of forces take
 * turns, so that all of them see the same moods of the device. Leaves its files to the caller, who
 * removes the directory. One thread.
 */
public final class Examination implements AutoCloseable {
    private static final int FILE_LENGTH = 16 << 20;
    private static final int QUICK_FILE_LENGTH = 4 << 20;
    private static final double QUICK_SECONDS = 6;
    private static final double LEAST_SHARE = 0.4;
    private static final double WARM_UP_SHARE = 0.1;
    private static final long SLICE_NS = 20_000_000;
    private static final int LEAST_ROUNDS = 3;
    private static final int LONGEST_BATCH = 1 << 20;

    private final Path directory;
    private final long startNs = System.nanoTime();
    private final long durationNs;
    private final int fileLength;
    private final Progress progress;
    private final ByteBuffer source =
            BufferUtil.allocateDirectAligned(
                    LONGEST_BATCH + 2 * DirectProbe.BLOCK_LENGTH, DirectProbe.BLOCK_LENGTH);
    private final List<Probe> probes = new ArrayList<>();
    private final List<Measurement> measurements = new ArrayList<>();
    private final Mount mount;
    private final Device device;
    private long preparedLength;
    private long preparationNs;
    private long allocatedLength;
    private String directRefusal;

    /** Told how far it has come. */
    public interface Progress {
        /**
         * Something is about to be done.
         *
         * @param what in words.
         * @param share of all that is done, from 0 to 1.
         */
        void at(String what, double share);
    }

    /**
     * Prepares the files.
     *
     * @param directory to measure in, which exists and is empty.
     * @param seconds that all may take, about.
     * @param progress told how far it has come.
     * @throws IOException when the files cannot be made.
     */
    public Examination(final Path directory, final double seconds, final Progress progress)
            throws IOException {
        this.directory = directory;
        this.durationNs = (long) (seconds * 1e9);
        this.progress = progress;
        fileLength = seconds <= QUICK_SECONDS ? QUICK_FILE_LENGTH : FILE_LENGTH;
        mount = Mount.of(directory);
        device = Device.of(mount.deviceNumber());
        fillSource();
        boolean ready = false;
        try {
            prepare();
            ready = true;
        } finally {
            if (!ready) {
                close();
            }
        }
    }

    /**
     * Measures.
     *
     * @return what was found.
     * @throws IOException when a write or a force fails.
     */
    public Diagnosis run() throws IOException {
        final long leftNs =
                Math.max(
                        (long) (durationNs * LEAST_SHARE),
                        durationNs - (System.nanoTime() - startNs));
        round("warming up", 0, (long) (leftNs * WARM_UP_SHARE));
        measurements.forEach(Measurement::reset);
        final long measuredNs = leftNs - (long) (leftNs * WARM_UP_SHARE);
        final long rounds = Math.max(LEAST_ROUNDS, measuredNs / (measurements.size() * SLICE_NS));
        final long endNs = System.nanoTime() + measuredNs;
        for (long i = 0; i < rounds; i++) {
            final long roundNs = (endNs - System.nanoTime()) / (rounds - i);
            round("measuring", WARM_UP_SHARE + (1 - WARM_UP_SHARE) * i / rounds, roundNs);
        }
        return new Diagnosis(facts(), measurements.stream().map(Measurement::point).toList());
    }

    @Override
    public void close() throws IOException {
        IOException failure = null;
        for (final Probe probe : probes) {
            try {
                probe.close();
            } catch (final IOException e) {
                failure = e;
            }
        }
        probes.clear();
        if (failure != null) {
            throw failure;
        }
    }

    /** Something that does not compress: some file systems would. */
    private void fillSource() {
        final Random random = new Random(1);
        while (source.remaining() >= Long.BYTES) {
            source.putLong(random.nextLong());
        }
        source.clear();
    }

    private void prepare() throws IOException {
        for (final int zeroingLength : Diagnosis.ZEROING_LENGTHS) {
            final Probe mapped =
                    added(
                            new MappedProbe(
                                    file("mapped", zeroingLength),
                                    fileLength,
                                    new UnsafeBuffer(source)));
            if (zeroingLength == Diagnosis.ZEROING_LENGTH) {
                curve(mapped, WritePath.MAPPED);
                for (final int length : List.of(Diagnosis.BUSY_LENGTH, LONGEST_BATCH)) {
                    measure(mapped, WritePath.MAPPED, zeroingLength, false, length);
                }
            } else {
                for (final int length : List.of(Diagnosis.SMALL_LENGTH, Diagnosis.BUSY_LENGTH)) {
                    measure(mapped, WritePath.MAPPED, zeroingLength, true, length);
                }
            }
        }
        final Path direct = file("direct", Diagnosis.ZEROING_LENGTH);
        try {
            final Probe probe = added(new DirectProbe(direct, fileLength, source));
            probe.write(Diagnosis.SMALL_LENGTH);
            curve(probe, WritePath.DIRECT);
        } catch (final IOException e) {
            directRefusal = e.getMessage();
        }
        final Path positional = file("positional", Diagnosis.ZEROING_LENGTH);
        curve(
                added(new PositionalProbe(positional, fileLength, source.duplicate())),
                WritePath.POSITIONAL);
        allocatedLength = Allocation.of(positional);
    }

    /** A file with real blocks, as segments have them. */
    private Path file(final String name, final int zeroingLength) throws IOException {
        progress.at("preparing files", 0);
        final Path path = directory.resolve(name + "-" + zeroingLength);
        final long beginNs = System.nanoTime();
        final ByteBuffer zeroes = ByteBuffer.allocateDirect(zeroingLength);
        try (DiskFile file = Disk.REAL.open(path, Disk.OpenMode.CREATE)) {
            for (int at = 0; at < fileLength; at += zeroingLength) {
                file.write(zeroes.clear(), at);
            }
            file.force();
        }
        preparationNs += System.nanoTime() - beginNs;
        preparedLength += fileLength;
        return path;
    }

    private Probe added(final Probe probe) {
        probes.add(probe);
        return probe;
    }

    private void curve(final Probe probe, final WritePath path) {
        for (final int length : Diagnosis.BATCH_LENGTHS) {
            measure(probe, path, Diagnosis.ZEROING_LENGTH, true, length);
        }
    }

    private void measure(
            final Probe probe,
            final WritePath path,
            final int zeroingLength,
            final boolean touched,
            final int batchLength) {
        measurements.add(new Measurement(probe, path, zeroingLength, touched, batchLength, device));
    }

    private void round(final String what, final double done, final long roundNs)
            throws IOException {
        final long beginNs = System.nanoTime();
        for (int i = 0; i < measurements.size(); i++) {
            final long elapsedNs = System.nanoTime() - beginNs;
            progress.at(what, Math.min(1, done + (double) elapsedNs / durationNs));
            measurements.get(i).slice((roundNs - elapsedNs) / (measurements.size() - i));
        }
    }

    private Facts facts() throws IOException {
        return new Facts(
                mount,
                device,
                Files.getFileStore(directory).getUsableSpace()
                        + Math.max(allocatedLength, 0) / fileLength * preparedLength,
                fileLength,
                allocatedLength,
                preparedLength * 1e9 / Math.max(1, preparationNs),
                directRefusal,
                Runtime.getRuntime().availableProcessors(),
                Runtime.version().feature());
    }
}
