package io.wal.cli.doctor;

import java.util.List;

/**
 * All that an examination found.
 *
 * @param facts that were learned.
 * @param points that were measured.
 */
public record Diagnosis(Facts facts, List<Point> points) {
    /** The lone small entry: less than a block. */
    public static final int SMALL_LENGTH = 256;

    /** The batches of the curves, in bytes. */
    public static final List<Integer> BATCH_LENGTHS =
            List.of(SMALL_LENGTH, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20);

    /** The batch of a log that is busy, in bytes. */
    public static final int BUSY_LENGTH = 64 << 10;

    /** What segments get their blocks with, unless it is varied, in bytes. */
    public static final int ZEROING_LENGTH = 16 << 10;

    /** The lengths that are tried, in bytes. */
    public static final List<Integer> ZEROING_LENGTHS = List.of(4 << 10, ZEROING_LENGTH, 64 << 10);

    /**
     * A point of a curve.
     *
     * @param path of writing.
     * @param batchLength in bytes.
     * @return the point; null when that could not be measured.
     */
    public Point point(final WritePath path, final int batchLength) {
        return point(path, ZEROING_LENGTH, true, batchLength);
    }

    /**
     * Any point.
     *
     * @param path of writing.
     * @param zeroingLength in bytes.
     * @param touched whether pages were touched ahead.
     * @param batchLength in bytes.
     * @return the point; null when that could not be measured.
     */
    public Point point(
            final WritePath path,
            final int zeroingLength,
            final boolean touched,
            final int batchLength) {
        for (final Point point : points) {
            if (point.path() == path
                    && point.zeroingLength() == zeroingLength
                    && point.touched() == touched
                    && point.batchLength() == batchLength) {
                return point;
            }
        }
        return null;
    }
}
