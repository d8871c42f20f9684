package io.wal.mmap;

import java.nio.file.Path;
import java.util.Objects;

/**
 * The settings of a {@link MmapLogStore}. Each setter has a getter of the same name, which
 * documents the default.
 */
public final class MmapStoreContext {
    /** Default of {@link #segmentLength()}. */
    public static final int SEGMENT_LENGTH_DEFAULT = 64 << 20;

    /** Default of {@link #zeroingLength()}. */
    public static final int ZEROING_LENGTH_DEFAULT = 16 << 10;

    /** Default of {@link #touchAheadLength()}. */
    public static final int TOUCH_AHEAD_LENGTH_DEFAULT = 0;

    /** Default of {@link #maxSpareSegments()}. */
    public static final int MAX_SPARE_SEGMENTS_DEFAULT = 8;

    private static final long STOP_TIMEOUT_NS_DEFAULT = 30_000_000_000L;

    private Path directory;
    private int segmentLength = SEGMENT_LENGTH_DEFAULT;
    private int zeroingLength = ZEROING_LENGTH_DEFAULT;
    private int touchAheadLength = TOUCH_AHEAD_LENGTH_DEFAULT;
    private int maxSpareSegments = MAX_SPARE_SEGMENTS_DEFAULT;
    private WriteMode writeMode = WriteMode.MAPPED;
    private boolean createIfMissing = true;
    private long firstLsn = 1;
    private long stopTimeoutNs = STOP_TIMEOUT_NS_DEFAULT;
    private boolean countersFile = true;
    private boolean backgroundThread = true;
    private Disk disk = Disk.REAL;

    /** Creates a context with default settings. */
    public MmapStoreContext() {}

    /**
     * The directory of the log, which holds this log and nothing else. There is no default.
     *
     * @param path of the directory.
     * @return this.
     */
    public MmapStoreContext directory(final Path path) {
        directory = path;
        return this;
    }

    /**
     * The directory of the log.
     *
     * @return the path, or null when none was set.
     */
    public Path directory() {
        return directory;
    }

    /**
     * The length of new segments. A log may hold segments of different lengths.
     *
     * @param length in bytes: a multiple of 4096, from 8 KiB to 1 GiB.
     * @return this.
     */
    public MmapStoreContext segmentLength(final int length) {
        segmentLength = length;
        return this;
    }

    /**
     * The length of new segments. The largest payload is about 4 KiB less.
     *
     * @return the length in bytes; 64 MiB by default.
     */
    public int segmentLength() {
        return segmentLength;
    }

    /**
     * Bytes written at a time when a new segment gets its blocks.
     *
     * @param length in bytes: a multiple of 4096, up to 1 MiB.
     * @return this.
     */
    public MmapStoreContext zeroingLength(final int length) {
        zeroingLength = length;
        return this;
    }

    /**
     * Bytes written at a time when a new segment gets its blocks. Linux keeps what one write
     * brought in as one unit of the page cache, and writes the whole unit back when a byte in it
     * changed; so this should be small.
     *
     * @return the length in bytes; 16 KiB by default.
     */
    public int zeroingLength() {
        return zeroingLength;
    }

    /**
     * How far ahead of the writer pages are faulted in, in the background.
     *
     * @param length in bytes, 0 for not at all.
     * @return this.
     */
    public MmapStoreContext touchAheadLength(final int length) {
        touchAheadLength = length;
        return this;
    }

    /**
     * How far ahead of the writer pages are faulted in, in the background. Worth trying where
     * processors are idle while the log is busy; on two of them it slows the forces down more than
     * it saves the writer.
     *
     * @return the length in bytes; 0, not at all, by default.
     */
    public int touchAheadLength() {
        return touchAheadLength;
    }

    /**
     * How many retired segments are kept to be used again.
     *
     * @param count 0 or more.
     * @return this.
     */
    public MmapStoreContext maxSpareSegments(final int count) {
        maxSpareSegments = count;
        return this;
    }

    /**
     * How many retired segments are kept to be used again; the others are deleted.
     *
     * @return the count; 8 by default.
     */
    public int maxSpareSegments() {
        return maxSpareSegments;
    }

    /**
     * How segments are written.
     *
     * @param mode of writing.
     * @return this.
     */
    public MmapStoreContext writeMode(final WriteMode mode) {
        writeMode = mode;
        return this;
    }

    /**
     * How segments are written.
     *
     * @return {@link WriteMode#MAPPED} by default.
     */
    public WriteMode writeMode() {
        return writeMode;
    }

    /**
     * Whether a log is created when there is none.
     *
     * @param create true to create.
     * @return this.
     */
    public MmapStoreContext createIfMissing(final boolean create) {
        createIfMissing = create;
        return this;
    }

    /**
     * Whether a log is created when there is none; else opening fails with {@link
     * io.wal.LogNotFoundException}.
     *
     * @return true by default.
     */
    public boolean createIfMissing() {
        return createIfMissing;
    }

    /**
     * The LSN of the first entry of a log that is created. A log that is there goes on where it
     * ends, whatever is set here.
     *
     * <p>For the copy of a log that does not begin at LSN 1 any more because a checkpoint has
     * released its begin: its entries keep their LSNs. A log that begins further on is the same as
     * one whose entries before were released.
     *
     * @param lsn from 1 to 2^62.
     * @return this.
     */
    public MmapStoreContext firstLsn(final long lsn) {
        firstLsn = lsn;
        return this;
    }

    /**
     * The LSN of the first entry of a log that is created.
     *
     * @return the LSN; 1 by default.
     */
    public long firstLsn() {
        return firstLsn;
    }

    /**
     * Whether the log's counters are published in a file, for other processes to read.
     *
     * @param publish true to publish them.
     * @return this.
     */
    public MmapStoreContext countersFile(final boolean publish) {
        countersFile = publish;
        return this;
    }

    /**
     * Whether the log's counters are published in a file of the log's directory, for other
     * processes to read. A thread of its own does so four times a second when something changed,
     * unless there is to be {@link #backgroundThread() no thread}.
     *
     * @return true by default.
     */
    public boolean countersFile() {
        return countersFile;
    }

    /**
     * Whether segments are prepared and released by a thread of their own.
     *
     * @param thread false to do it on the store's thread, when needed: for tests that want
     *     everything on one thread.
     * @return this.
     */
    public MmapStoreContext backgroundThread(final boolean thread) {
        backgroundThread = thread;
        return this;
    }

    /**
     * Whether segments are prepared and released by a thread of their own.
     *
     * @return true by default.
     */
    public boolean backgroundThread() {
        return backgroundThread;
    }

    /**
     * The file system to use.
     *
     * @param fileSystem for tests: one that fails on purpose.
     * @return this.
     */
    public MmapStoreContext disk(final Disk fileSystem) {
        disk = fileSystem;
        return this;
    }

    /**
     * The file system to use.
     *
     * @return {@link Disk#REAL} by default.
     */
    public Disk disk() {
        return disk;
    }

    /** How long closing waits for the thread that prepares segments: for tests. */
    MmapStoreContext stopTimeoutNs(final long timeoutNs) {
        stopTimeoutNs = timeoutNs;
        return this;
    }

    long stopTimeoutNs() {
        return stopTimeoutNs;
    }

    /** Checks every setting. */
    void conclude() {
        Objects.requireNonNull(directory, "directory must be set");
        Objects.requireNonNull(disk, "disk");
        Objects.requireNonNull(writeMode, "writeMode");
        require(
                firstLsn >= 1 && firstLsn <= 1L << 62,
                "firstLsn must be from 1 to 2^62: " + firstLsn);
        require(
                segmentLength >= SegmentDescriptor.MIN_SEGMENT_LENGTH
                        && segmentLength <= SegmentDescriptor.MAX_SEGMENT_LENGTH
                        && segmentLength % SegmentDescriptor.PAGE_LENGTH == 0,
                "segmentLength must be a multiple of "
                        + SegmentDescriptor.PAGE_LENGTH
                        + " from "
                        + SegmentDescriptor.MIN_SEGMENT_LENGTH
                        + " to "
                        + SegmentDescriptor.MAX_SEGMENT_LENGTH
                        + ": "
                        + segmentLength);
        require(
                zeroingLength >= SegmentDescriptor.PAGE_LENGTH
                        && zeroingLength <= 1 << 20
                        && zeroingLength % SegmentDescriptor.PAGE_LENGTH == 0,
                "zeroingLength must be a multiple of "
                        + SegmentDescriptor.PAGE_LENGTH
                        + " up to 1 MiB: "
                        + zeroingLength);
        require(
                touchAheadLength >= 0,
                "touchAheadLength must not be negative: " + touchAheadLength);
        require(
                maxSpareSegments >= 0,
                "maxSpareSegments must not be negative: " + maxSpareSegments);
    }

    private static void require(final boolean condition, final String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
