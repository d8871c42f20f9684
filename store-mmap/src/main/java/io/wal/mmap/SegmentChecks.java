package io.wal.mmap;

import io.wal.mmap.RecoveryTable.End;
import io.wal.store.OwnThreads;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;

/**
 * Checks sealed segments before the scan of a log comes to them, several at a time. It only ever
 * says that a segment is wholly sound; one that is not, or cannot be read, is left to the scan,
 * which knows what that means. One thread asks.
 */
final class SegmentChecks implements AutoCloseable {
    private static final int MOST_THREADS = 4;

    /** Longer records are left to the scan, which needs memory for one of them at a time. */
    static final int LONGEST_RECORD = 4 << 20;

    private final LogDirectory directory;
    private final boolean ownThreads;
    private final Map<Long, FutureTask<SoundSegment>> checks = new HashMap<>();
    private final Queue<SegmentScanner> scanners = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>(); // added by the one that asks
    private ExecutorService executor;
    private volatile boolean stopped;

    /**
     * A segment that is sound from its header to its seal.
     *
     * @param header of it.
     * @param fileLength in bytes.
     * @param summary of its records.
     */
    record SoundSegment(SegmentHeader header, long fileLength, SegmentSummary summary) {}

    /**
     * Creates checks.
     *
     * @param ownThreads whether to use threads; without them a segment is checked when it is asked
     *     for.
     */
    SegmentChecks(final LogDirectory directory, final boolean ownThreads) {
        this.directory = directory;
        this.ownThreads = ownThreads;
    }

    /**
     * Begins to check segments.
     *
     * @param segments their names, by index, in the order in which they will be asked for.
     */
    void begin(final Map<Long, String> segments) {
        segments.forEach(
                (index, name) -> checks.put(index, new FutureTask<>(() -> check(index, name))));
        final int threadCount =
                Math.min(
                        Math.min(Runtime.getRuntime().availableProcessors(), MOST_THREADS),
                        segments.size());
        if (ownThreads && threadCount > 1) {
            executor = Executors.newFixedThreadPool(threadCount, this::newThread);
            segments.keySet().forEach(index -> executor.execute(checks.get(index)));
        }
    }

    /** What a check found, which is waited for; null when the segment is to be scanned. */
    SoundSegment take(final long index) {
        final FutureTask<SoundSegment> check = checks.remove(index);
        if (check == null) {
            return null;
        }
        check.run(); // does nothing when a thread did, or is about it
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return check.get();
                } catch (final InterruptedException e) {
                    interrupted = true;
                } catch (final ExecutionException e) { // the scan will see for itself
                    return null;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends the threads, and returns when they have ended. */
    @Override
    public void close() {
        stopped = true;
        if (executor != null) {
            executor.shutdown();
            threads.forEach(OwnThreads::join);
        }
        scanners.forEach(SegmentScanner::close);
        scanners.clear();
    }

    private SoundSegment check(final long index, final String name) throws IOException {
        checkNotStopped();
        final SegmentScanner free = scanners.poll();
        final SegmentScanner scanner =
                free == null ? new SegmentScanner(null, LONGEST_RECORD) : free;
        try (DiskFile file = directory.disk().open(directory.resolve(name), Disk.OpenMode.READ)) {
            final SegmentHeader header = directory.readHeader(file, name);
            if (header == null || !header.isBegun() || header.index() != index) {
                return null;
            }
            final long length = file.length();
            scanner.begin(file, header.seed(), header.firstLsn(), length);
            final SegmentSummary summary =
                    SegmentSummary.read(scanner, false, this::checkNotStopped);
            return summary.end() == End.SEALED ? new SoundSegment(header, length, summary) : null;
        } finally {
            scanners.add(scanner);
        }
    }

    private void checkNotStopped() throws IOException {
        if (stopped) {
            throw new IOException("nobody waits for the segment any more");
        }
    }

    private Thread newThread(final Runnable work) {
        final Thread thread = new Thread(work, "wal-check-" + directory.path());
        thread.setDaemon(true);
        threads.add(thread);
        return thread;
    }
}
