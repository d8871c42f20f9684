package io.wal.mmap;

import io.wal.AgronaAccess;
import io.wal.CorruptLogException;
import io.wal.EntryHandler;
import io.wal.EntryKind;
import io.wal.LogFullException;
import io.wal.LogNotFoundException;
import io.wal.LogReader;
import io.wal.RecoveredLog;
import io.wal.StorageException;
import io.wal.WalException;
import io.wal.metrics.LogCounter;
import io.wal.metrics.Stall;
import io.wal.store.AppendEvent;
import io.wal.store.FinalizeRequest;
import io.wal.store.GroupCommitStore;
import java.io.IOException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;

/**
 * Keeps a log in memory-mapped segment files, with one force for each batch.
 *
 * <p>The segments of a log, its control file and its lock are in one directory, see {@link
 * MmapStoreContext#directory}. Readers and tools may look at it at any time; there is only one
 * writer.
 */
public final class MmapLogStore extends GroupCommitStore {
    private static final long WAIT_NS = 1_000_000L;

    private final MmapStoreContext context;
    private final LogDirectory directory;
    private LogLock lock;
    private RecoveredLog recovered;
    private long recoveredEndLsn;
    private SegmentAllocator allocator;
    private CountersPublisher counters;
    private SegmentWriter active;
    private boolean batchOpen;
    private boolean stallBegun;
    private boolean interrupted; // the thread that waited for a segment, which may be a caller's
    private volatile long durableLsn;
    private volatile long forceCount;
    private volatile boolean abandoned;

    /**
     * Creates a store. Nothing is touched before it is opened.
     *
     * @param context the settings.
     * @throws IllegalArgumentException when one is out of range.
     */
    public MmapLogStore(final MmapStoreContext context) {
        AgronaAccess.check();
        context.conclude();
        this.context = context;
        directory = new LogDirectory(context.disk(), context.directory());
    }

    @Override
    public String name() {
        return directory.path().toString();
    }

    @Override
    public int maxPayloadLength() {
        return SegmentDescriptor.maxPayloadLength(context.segmentLength());
    }

    @Override
    public boolean commitsOnCallers() {
        return true;
    }

    /**
     * How often the log was forced since it was opened.
     *
     * @return the count. Any thread.
     */
    public long forceCount() {
        return forceCount;
    }

    @Override
    public void replay(final EntryHandler handler) {
        try (MmapLogReader reader =
                new MmapLogReader(
                        directory,
                        recovered.startLsn(),
                        recovered::lastLsn,
                        context.backgroundThread() ? new ReadAhead(name()) : null)) {
            final EntryHandler finalized =
                    (lsn, kind, buffer, offset, length) -> {
                        if (kind == EntryKind.DATA || lsn <= recoveredEndLsn) {
                            handler.onEntry(lsn, kind, buffer, offset, length);
                        }
                    };
            while (reader.nextLsn() <= recovered.lastLsn()) {
                final long before = reader.nextLsn();
                reader.poll(finalized, Integer.MAX_VALUE);
                if (reader.nextLsn() == before) {
                    throw new CorruptLogException(
                            directory.path().toString(),
                            0,
                            before,
                            "the entry was there when the log was opened");
                }
            }
        }
    }

    @Override
    public LogReader reader(final long fromLsn) {
        return new MmapLogReader(directory, fromLsn, this::durableLsn);
    }

    @Override
    public void abandon() {
        abandoned = true;
    }

    @Override
    public void close() {
        closeAllocator();
        closeCounters();
        if (lock != null) {
            lock.close();
            lock = null;
        }
    }

    @Override
    public void remove() {
        closeAllocator();
        closeCounters();
        try {
            LogRemoval.run(directory);
        } catch (final IOException e) {
            throw new StorageException(name(), "remove", e);
        } finally {
            close();
        }
    }

    @Override
    protected RecoveredLog openLog() {
        try {
            checkPlace();
            lock = LogLock.acquire(directory);
            final Recovery recovery = new Recovery(directory, context);
            recovered = recovery.run();
            recoveredEndLsn = recovery.endLsn();
            durableLsn = recovered.lastLsn();
            active = recovery.active();
            allocator =
                    new SegmentAllocator(
                            directory,
                            recovery.preparer(),
                            context,
                            recovery.control(),
                            recovery.begunSegments(),
                            active,
                            this::failFrom);
            meter().gauge(LogCounter.SEGMENTS, allocator::segmentCount);
            if (context.countersFile() && context.backgroundThread()) {
                counters = CountersPublisher.begin(directory, recovery.control(), meter());
            }
            if (recovered.startLsn() > recovery.control().startLsn()) {
                allocator.release(recovered.startLsn(), recoveredEndLsn);
            }
            return recovered;
        } catch (final IOException e) {
            close();
            throw openFailure(e);
        } catch (final RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    @Override
    protected void write(final AppendEvent event) throws IOException {
        if (!active.fits(event.frameLength())) {
            roll();
        }
        openBatch();
        active.append(event.frame(), event.frameLength(), event.crc());
    }

    @Override
    protected void commit(final boolean force, final FinalizeRequest finalize) throws IOException {
        if (finalize != null) {
            if (!active.fits(0)) {
                roll();
            }
            openBatch();
            active.appendFinalize(lastLsn(), finalize.startLsn());
        }
        batchOpen = false;
        if (force || active.isWriteDurable()) {
            forceWritten();
        } else {
            active.write();
            progress().written(lastLsn());
        }
        if (finalize != null) {
            finalize.succeeded();
            allocator.release(finalize.startLsn(), lastLsn());
        }
        allocator.afterBatch();
        if (interrupted) {
            interrupted = false;
            Thread.currentThread().interrupt();
        }
    }

    @Override
    protected void closeLog() throws IOException {
        active.appendClose(lastLsn());
        force();
        allocator.closed(lastLsn());
    }

    @Override
    protected long durableLsn() {
        return durableLsn;
    }

    private void closeCounters() {
        if (counters != null) {
            counters.close();
            counters = null;
        }
    }

    /**
     * While a thread of ours may still change files, nobody else may open the log: the lock stays
     * until that thread has ended.
     */
    private void closeAllocator() {
        final SegmentAllocator closing = allocator;
        allocator = null;
        if (closing == null || closing.close()) {
            return;
        }
        final LogLock held = lock;
        lock = null;
        final Thread thread =
                new Thread(
                        () -> {
                            while (!closing.close()) {
                                // the file system does not answer yet
                            }
                            held.close();
                        },
                        "wal-close-" + name());
        thread.setDaemon(true);
        thread.start();
        throw new StorageException(
                name(),
                "close",
                new TimeoutException("the file system does not answer; the lock stays until then"));
    }

    /** The first record of a batch says what was durable when it was written. */
    private void openBatch() throws IOException {
        if (!batchOpen) {
            active.appendBatch(lastLsn(), durableLsn);
            batchOpen = true;
        }
    }

    /**
     * Goes on in the next segment. All of this one is durable before anything of that one is
     * written.
     */
    private void roll() throws IOException {
        final SegmentRollEvent event = new SegmentRollEvent();
        final long startNs = System.nanoTime();
        final SegmentPreparer.Prepared next = nextSegment();
        final long waitNs = System.nanoTime() - startNs;
        final SegmentWriter full = active;
        try {
            final long checksum = full.appendSeal(lastLsn(), durableLsn);
            forceWritten();
            batchOpen = false;
            active =
                    SegmentWriter.begin(
                            next.header().begun(full.header().generation(), lastLsn(), checksum),
                            next.target());
        } finally {
            if (active == full) {
                next.target().close();
            }
        }
        allocator.rolled(full, active);
        meter().count(LogCounter.ROLLS);
        event.record(directory, active.header(), waitNs);
    }

    private SegmentPreparer.Prepared nextSegment() throws IOException {
        SegmentPreparer.Prepared next = allocator.takeNext();
        if (next != null) {
            return next;
        }
        forceWritten(); // what was written need not wait for space
        meter().waitBegins();
        while ((next = allocator.takeNext()) == null) {
            checkWorthWaiting();
            LockSupport.parkNanos(this, WAIT_NS);
            interrupted |= Thread.interrupted(); // it would not park, nor write undisturbed
        }
        final boolean stalled = stallBegun;
        if (stalled) {
            stallBegun = false;
            progress().stalled(null);
        }
        meter().waitEnds(
                        stalled ? Stall.Cause.SPACE : Stall.Cause.SEGMENT,
                        lastLsn() + 1); // about to be written
        return next;
    }

    /** Without a next segment: whether one may still come. Throws when not. */
    private void checkWorthWaiting() throws IOException {
        final WalException failure = allocator.prepareFailure();
        if (failure != null) {
            if (!(failure instanceof LogFullException)
                    || abandoned
                    || !context.backgroundThread()) {
                throw failure;
            }
            if (!stallBegun) {
                stallBegun = true;
                progress().stalled(failure);
            }
        } else if (abandoned) {
            throw new IOException("gave up waiting for the next segment");
        }
    }

    private void forceWritten() throws IOException {
        force();
        durableLsn = lastLsn();
        progress().durable(durableLsn);
    }

    private void force() throws IOException {
        if (active.hasUnforced()) {
            meter().forceBegins();
            active.force();
            meter().forceEnds(durableLsn + 1, lastLsn());
            forceCount = forceCount + 1; // only the store's thread writes it
        }
    }

    /**
     * Looks before anything is written: a place that is no log, or one from the future, is left as
     * it is.
     */
    private void checkPlace() throws IOException {
        if (!Recovery.isLog(directory)) {
            if (!context.createIfMissing()) {
                throw new LogNotFoundException(name(), "there is no such log");
            }
            Recovery.createDirectories(directory.disk(), directory.path());
        } else {
            directory.readControl();
        }
    }

    private StorageException openFailure(final IOException e) {
        if (e instanceof NotDirectoryException) {
            return new StorageException(
                    name(), "open", new IOException("it is not a directory", e));
        }
        final String message = String.valueOf(e.getMessage());
        return message.contains("No space left")
                ? new LogFullException(name(), "open", e)
                : new StorageException(name(), "open", e);
    }
}
