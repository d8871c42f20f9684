package io.wal.mmap;

import io.wal.LogFullException;
import io.wal.StorageException;
import io.wal.WalException;
import io.wal.store.OwnThreads;
import java.io.IOException;
import java.util.Locale;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Does behind the writer's back all that takes time: prepares the next segment, touches pages
 * ahead, unmaps segments that are full, and releases those that a checkpoint made superfluous. A
 * duty cycle, {@link #doWork()}, on a thread of its own, or on the store's thread when there is
 * none.
 */
final class SegmentAllocator {
    private static final long RETRY_NS = 100_000_000L;

    private final LogDirectory directory;
    private final SegmentPreparer preparer;
    private final MmapStoreContext context;
    private final long generation;
    private final Consumer<WalException> failureHandler;
    private final NavigableMap<Long, Long> firstLsnByIndex = new ConcurrentSkipListMap<>();
    private final Queue<SegmentWriter> finishedWriters = new ConcurrentLinkedQueue<>();
    private final AtomicReference<Release> release = new AtomicReference<>();
    private final AtomicReference<SegmentPreparer.Prepared> next = new AtomicReference<>();
    private final Thread thread;

    private Control control;
    private long notedIndex;
    private volatile long closedLsn = -1;
    private long lastPreparedIndex;
    private volatile SegmentWriter active;
    private volatile boolean isNextWanted;
    private volatile WalException prepareFailure;
    private volatile WalException failure;
    private volatile boolean stopped;
    private volatile boolean signalled;
    private volatile Thread waitingThread;

    /** What a finalized checkpoint made superfluous. */
    private record Release(long startLsn, long endLsn) {}

    SegmentAllocator(
            final LogDirectory directory,
            final SegmentPreparer preparer,
            final MmapStoreContext context,
            final Control control,
            final NavigableMap<Long, Long> begunSegments,
            final SegmentWriter active,
            final Consumer<WalException> failureHandler) {
        this.directory = directory;
        this.preparer = preparer;
        this.context = context;
        this.control = control;
        this.active = active;
        this.failureHandler = failureHandler;
        generation = control.generation();
        notedIndex = control.begunSegmentIndex();
        firstLsnByIndex.putAll(begunSegments);
        thread =
                context.backgroundThread()
                        ? new Thread(this::run, "wal-segments-" + directory.path())
                        : null;
        if (thread != null) {
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Store's thread, after each batch: asks for what will be needed soon. */
    void afterBatch() {
        final SegmentWriter writer = active;
        final boolean wantsNext =
                !isNextWanted && writer.position() > writer.header().segmentLength() / 4;
        if (wantsNext) {
            isNextWanted = true;
        }
        final boolean wantsNote = notedIndex < writer.header().index() && writer.isHeaderDurable();
        if (wantsNote) {
            notedIndex = writer.header().index();
        }
        if (wantsNext || wantsNote || writer.needsTouch(context.touchAheadLength())) {
            signal();
        }
    }

    /** Store's thread: the log ended cleanly, and all of it is durable. */
    void closed(final long lastLsn) {
        closedLsn = lastLsn;
    }

    /** Store's thread: the next segment when it is ready, else null. */
    SegmentPreparer.Prepared takeNext() {
        isNextWanted = true;
        final SegmentPreparer.Prepared ready = next.getAndSet(null);
        if (ready == null) {
            waitingThread = Thread.currentThread();
            signal();
        } else {
            waitingThread = null;
        }
        return ready;
    }

    /** Why the next segment could not be prepared at the last try; null when nothing went wrong. */
    WalException prepareFailure() {
        final WalException last = failure;
        return last == null ? prepareFailure : last;
    }

    /** Store's thread: it has gone on from one segment to the next. */
    void rolled(final SegmentWriter from, final SegmentWriter to) {
        firstLsnByIndex.put(to.header().index(), to.header().firstLsn());
        isNextWanted = false;
        active = to;
        finishedWriters.add(from);
        signal();
    }

    /** Store's thread: a checkpoint is final and durable; what lies before it can go. */
    void release(final long startLsn, final long endLsn) {
        release.set(new Release(startLsn, endLsn));
        signal();
    }

    /** How many segments hold records. Any thread. */
    int segmentCount() {
        return firstLsnByIndex.size();
    }

    /** Does what is to be done, and says how much that was. */
    int doWork() {
        int count = unmapFinished();
        if (failure != null) {
            return count; // the log has ended: nothing on the disk may change any more
        }
        try {
            count += touchAhead();
            count += releaseSegments();
            count += noteBegun();
            count += prepareNext();
        } catch (final IOException e) {
            fail(new StorageException(directory.path().toString(), "release segments of", e));
        } catch (final WalException e) {
            fail(e);
        }
        return count;
    }

    /**
     * Stops the thread and lets go of everything. The store's thread must have stopped.
     *
     * @return false when the thread hangs in the file system; nothing was let go of then, and it is
     *     to be tried again.
     */
    boolean close() {
        stopped = true;
        if (thread != null) {
            signal();
            if (!OwnThreads.join(thread, context.stopTimeoutNs())) {
                return false;
            }
        }
        unmapFinished();
        final SegmentPreparer.Prepared unused = next.getAndSet(null);
        if (unused != null) {
            unused.target().close(); // stays prepared for the next opening
        }
        active.close();
        noteClosed();
        return true;
    }

    private void run() {
        try {
            while (!stopped) {
                signalled = false;
                if (doWork() == 0 && !signalled && !stopped) {
                    if (prepareFailure == null || failure != null) {
                        LockSupport.park(this);
                    } else {
                        LockSupport.parkNanos(this, RETRY_NS);
                    }
                    Thread.interrupted(); // means nothing here, and would make it spin
                }
            }
        } catch (final Throwable t) { // an Error too: the writer must not wait for what never comes
            fail(new StorageException(directory.path().toString(), "prepare segments of", t));
        }
    }

    private void fail(final WalException cause) {
        failure = cause;
        failureHandler.accept(cause);
    }

    private void signal() {
        if (thread == null) {
            doWork();
        } else {
            signalled = true; // a permit alone may be used up by whatever parks within the work
            LockSupport.unpark(thread);
        }
    }

    private int unmapFinished() {
        int count = 0;
        SegmentWriter writer;
        while ((writer = finishedWriters.poll()) != null) {
            writer.close();
            count++;
        }
        return count;
    }

    private int touchAhead() {
        final int ahead = context.touchAheadLength();
        return ahead > 0 && thread != null && active.touch(ahead) ? 1 : 0;
    }

    /**
     * The control file says which segment was begun, as evidence should its header be damaged, and
     * not before that is durable.
     */
    private int noteBegun() throws IOException {
        final SegmentWriter writer = active;
        if (writer.header().index() <= control.begunSegmentIndex() || !writer.isHeaderDurable()) {
            return 0;
        }
        control = control.reached(writer.header().index(), writer.header().predecessorLsn());
        directory.writeControl(control);
        return 1;
    }

    /** The second proof of a clean end, in another file than the first. */
    private void noteClosed() {
        if (closedLsn < 0 || failure != null) {
            return;
        }
        control = control.reached(active.header().index(), closedLsn);
        closedLsn = -1;
        try {
            directory.writeControl(control);
        } catch (final IOException e) { // everything is durable all the same
            System.getLogger("io.wal")
                    .log(System.Logger.Level.WARNING, "closing " + directory.path(), e);
        }
    }

    private int prepareNext() {
        if (!isNextWanted || next.get() != null || stopped) {
            return 0;
        }
        final long index = active.header().index() + 1;
        if (index <= lastPreparedIndex) {
            return 0; // taken, and about to be begun
        }
        try {
            final SegmentPreparer.Prepared prepared =
                    preparer.prepare(index, generation, () -> stopped);
            if (prepared == null) {
                return 0;
            }
            prepareFailure = null;
            lastPreparedIndex = index;
            next.set(prepared);
            final Thread waiting = waitingThread;
            if (waiting != null) {
                LockSupport.unpark(waiting);
            }
            return 1;
        } catch (final IOException e) {
            final String name = directory.resolve(LogDirectory.segmentName(index)).toString();
            prepareFailure =
                    isFull(e)
                            ? new LogFullException(name, "prepare segment", e)
                            : new StorageException(name, "prepare segment", e);
            return 0;
        }
    }

    /** First the log's begin moves, durably; only then is anything before it touched. */
    private int releaseSegments() throws IOException {
        final Release due = release.getAndSet(null);
        if (due == null) {
            return 0;
        }
        long firstNeeded = firstLsnByIndex.firstKey();
        for (final Long index : firstLsnByIndex.tailMap(firstNeeded, false).keySet()) {
            if (firstLsnByIndex.get(index) > due.startLsn()) {
                break;
            }
            firstNeeded = index;
        }
        control = control.released(firstNeeded, due.startLsn(), due.endLsn());
        directory.writeControl(control);
        final NavigableMap<Long, Long> superfluous = firstLsnByIndex.headMap(firstNeeded, false);
        for (final Long index : superfluous.keySet()) {
            preparer.retire(LogDirectory.segmentName(index));
        }
        if (!superfluous.isEmpty()) {
            superfluous.clear();
            directory.disk().forceDirectory(directory.path());
        }
        return 1;
    }

    private static boolean isFull(final IOException e) {
        final String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("no space left")
                || message.contains("quota exceeded")
                || message.contains("not enough space");
    }
}
