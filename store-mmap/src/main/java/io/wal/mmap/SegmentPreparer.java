package io.wal.mmap;

import io.wal.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.BooleanSupplier;

/**
 * Prepares segments to be written: real blocks, a header that says "prepared", a durable name,
 * open. A retired segment is used again when there is one. One thread at a time: first the one that
 * opens the log, then the allocator's.
 */
final class SegmentPreparer {
    /** A new segment is forced piece by piece, for the writer's own forces wait for each piece. */
    private static final int FORCED_LENGTH = 1 << 20;

    private final LogDirectory directory;
    private final long logId;
    private final int segmentLength;
    private final int maxSpareCount;
    private final ByteBuffer zeroes;
    private final StagingBuffer staging;
    private final Deque<String> spares = new ArrayDeque<>();
    private long lastSpareIndex;

    /** A segment that is ready to be begun. */
    record Prepared(SegmentHeader header, SegmentTarget target) {}

    SegmentPreparer(
            final LogDirectory directory, final long logId, final MmapStoreContext context) {
        this.directory = directory;
        this.logId = logId;
        segmentLength = context.segmentLength();
        maxSpareCount = context.maxSpareSegments();
        staging = context.writeMode() == WriteMode.DIRECT ? new StagingBuffer(segmentLength) : null;
        zeroes = ByteBuffer.allocateDirect(Math.min(context.zeroingLength(), segmentLength));
    }

    /** Takes over the spare segments that an earlier opening left. */
    void adopt(final LogDirectory.Listing listing) throws IOException {
        for (final var spare : listing.spares.entrySet()) {
            lastSpareIndex = Math.max(lastSpareIndex, spare.getKey());
            keepOrDelete(spare.getValue());
        }
    }

    /**
     * Prepares a segment, unless it is prepared already.
     *
     * @return the segment, or null when told to give up.
     */
    Prepared prepare(final long index, final long generation, final BooleanSupplier givenUp)
            throws IOException {
        final String name = LogDirectory.segmentName(index);
        final SegmentHeader header =
                SegmentHeader.prepared(logId, index, generation, segmentLength);
        final SegmentPreparationEvent event = new SegmentPreparationEvent();
        final boolean recycled = recycle(name, header);
        if (!recycled && !create(name, header, givenUp)) {
            return null;
        }
        try {
            directory.disk().forceDirectory(directory.path());
        } catch (final IOException e) { // final: a second force would prove nothing
            throw new StorageException(directory.path().toString(), "force", e);
        }
        event.record(directory.resolve(name), recycled, segmentLength);
        return new Prepared(header, open(name, header));
    }

    /** Opens a segment that has its blocks and its name, to be written from its begin on. */
    SegmentTarget open(final String name, final SegmentHeader header) throws IOException {
        final Path path = directory.resolve(name);
        if (staging != null) {
            return new DirectTarget(directory.disk().open(path, Disk.OpenMode.DIRECT), staging);
        }
        try (DiskFile file = directory.disk().open(path, Disk.OpenMode.WRITE)) {
            return new MappedTarget(file.map((int) header.segmentLength()));
        }
    }

    /** Puts a segment that is no longer needed among the spare ones, or deletes it. */
    void retire(final String name) throws IOException {
        if (spares.size() < maxSpareCount && lengthOf(name) == segmentLength) {
            final String spare = LogDirectory.spareName(++lastSpareIndex);
            directory.disk().rename(directory.resolve(name), directory.resolve(spare));
            spares.add(spare);
        } else {
            directory.disk().delete(directory.resolve(name));
        }
    }

    private boolean recycle(final String name, final SegmentHeader header) throws IOException {
        final String spare = spares.poll();
        if (spare == null) {
            return false;
        }
        try (DiskFile file = directory.disk().open(directory.resolve(spare), Disk.OpenMode.WRITE)) {
            LogDirectory.writeHeader(file, header);
            file.force();
        }
        directory.disk().rename(directory.resolve(spare), directory.resolve(name));
        return true;
    }

    /**
     * Writes real blocks: a full disk is noticed here, as an error, and never when the mapping is
     * written to.
     */
    private boolean create(
            final String name, final SegmentHeader header, final BooleanSupplier givenUp)
            throws IOException {
        final String temporary = LogDirectory.temporaryName(name);
        directory.disk().delete(directory.resolve(temporary));
        boolean whole = false;
        try (DiskFile file =
                directory.disk().open(directory.resolve(temporary), Disk.OpenMode.CREATE)) {
            for (int at = 0;
                    at < segmentLength && !givenUp.getAsBoolean();
                    at += zeroes.capacity()) {
                zeroes.clear().limit(Math.min(zeroes.capacity(), segmentLength - at));
                file.write(zeroes, at);
                if (at / FORCED_LENGTH != (at + zeroes.limit()) / FORCED_LENGTH) {
                    file.force();
                }
            }
            if (!givenUp.getAsBoolean()) {
                LogDirectory.writeHeader(file, header);
                file.force();
                whole = true;
            }
        } finally {
            if (!whole) {
                directory.disk().delete(directory.resolve(temporary));
            }
        }
        if (whole) {
            directory.disk().rename(directory.resolve(temporary), directory.resolve(name));
        }
        return whole;
    }

    private void keepOrDelete(final String spare) throws IOException {
        if (spares.size() < maxSpareCount && lengthOf(spare) == segmentLength) {
            spares.add(spare);
        } else {
            directory.disk().delete(directory.resolve(spare));
        }
    }

    private long lengthOf(final String name) throws IOException {
        try (DiskFile file = directory.disk().open(directory.resolve(name), Disk.OpenMode.READ)) {
            return file.length();
        }
    }
}
