package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.LogFullException;
import io.wal.StorageException;
import io.wal.WalException;
import io.wal.mmap.HookedDisk.Operation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentAllocatorTest {
    private static final int LENGTH = 64 << 10;
    private static final long LOG_ID = 77;
    private static final long GENERATION = 5;

    @TempDir Path path;

    private final HookedDisk disk = new HookedDisk();
    private final ConcurrentLinkedQueue<String> operations = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<WalException> failures = new ConcurrentLinkedQueue<>();
    private LogDirectory directory;
    private Control control;
    private SegmentPreparer preparer;
    private SegmentAllocator allocator;
    private SegmentWriter active;

    /** Segments 1 to 3 hold the LSNs from 1, 100 and 200 on, and 3 is written to. */
    @BeforeEach
    void setUp() throws IOException {
        directory = new LogDirectory(disk, path);
        control = Control.create(LOG_ID, 1).nextGeneration(GENERATION);
        directory.createControl(Control.create(LOG_ID, 1));
        directory.writeControl(control);
        preparer = new SegmentPreparer(directory, LOG_ID, context());
        preparer.prepare(1, 1, () -> false).target().close();
        preparer.prepare(2, 2, () -> false).target().close();
        active = begin(preparer.prepare(3, GENERATION, () -> false), 199);
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation.changes()) {
                        operations.add(operation + " " + file.getFileName());
                    }
                });
    }

    @AfterEach
    void tearDown() throws Exception {
        disk.unhook();
        if (allocator != null) {
            allocator.close();
        }
        assertThat(disk.openMappings()).isZero();
        assertThat(disk.openFiles()).isZero();
        assertThat(OpenCloseCycles.threads(path)).isEmpty();
    }

    @Test
    void nextSegmentIsPreparedInTheBackgroundWhenAQuarterIsUsed() throws Exception {
        start();
        fillTo(LENGTH / 4 - 64);
        allocator.afterBatch();
        assertThat(path.resolve(LogDirectory.segmentName(4))).doesNotExist();

        fillTo(LENGTH / 4 + 1);
        allocator.afterBatch();

        Await.until(
                "the next segment", () -> disk.list(path).contains(LogDirectory.segmentName(4)));
        final SegmentPreparer.Prepared next = takeNext();
        assertThat(next.header()).isEqualTo(SegmentHeader.prepared(LOG_ID, 4, GENERATION, LENGTH));
        next.target().close();
        assertThat(failures).isEmpty();
    }

    @Test
    void preparesOneSegmentAheadAndNotMore() throws Exception {
        start();
        roll(300);
        fillTo(LENGTH / 2);
        allocator.afterBatch();
        Await.until(
                "the next segment", () -> disk.list(path).contains(LogDirectory.segmentName(5)));
        allocator.afterBatch();

        Await.until("rest", this::isAllocatorAtRest);
        assertThat(disk.list(path)).doesNotContain(LogDirectory.segmentName(6));
        assertThat(disk.openMappings()).isEqualTo(2); // the active one and the next
    }

    @Test
    void touchesPagesAheadAndThenRests() throws Exception {
        start();
        fillTo(8 << 10);
        allocator.afterBatch();

        Await.until("the pages ahead are touched", () -> !active.needsTouch(16 << 10));
        Await.until("rest", this::isAllocatorAtRest);
    }

    @Test
    void spaceIsReleasedOnlyAfterTheControlFileWasForced() throws Exception {
        start();

        allocator.release(250, 251);

        Await.until("the release", () -> directory.list().spares.size() == 2);
        Await.until("rest", this::isAllocatorAtRest);
        assertThat(operations)
                .containsExactly(
                        "OPEN_WRITE control.wal",
                        "WRITE control.wal",
                        "FORCE control.wal",
                        "RENAME spare-0000000000000001.wal",
                        "RENAME spare-0000000000000002.wal",
                        "FORCE_DIRECTORY " + path.getFileName());
        assertThat(directory.readControl()).isEqualTo(control.released(3, 250, 251));
        assertThat(directory.list().segments.keySet()).containsExactly(3L);
    }

    @Test
    void segmentThatHoldsTheStartStays() throws Exception {
        start();

        allocator.release(199, 210);
        Await.until("the release", () -> directory.list().spares.size() == 1);
        assertThat(directory.list().segments.keySet()).containsExactly(2L, 3L);

        allocator.release(200, 211);
        Await.until("the release", () -> directory.list().spares.size() == 2);
        assertThat(directory.list().segments.keySet()).containsExactly(3L);
        assertThat(directory.readControl().firstSegmentIndex()).isEqualTo(3);
    }

    @Test
    void activeSegmentIsNeverReleased() throws Exception {
        start();

        allocator.release(100_000, 100_000);

        Await.until("the release", () -> directory.list().spares.size() == 2);
        assertThat(directory.list().segments.keySet()).containsExactly(3L);
    }

    @Test
    void eachStateOfTheControlFileGoesToTheOtherSlot() throws Exception {
        final ConcurrentLinkedQueue<Long> offsets = new ConcurrentLinkedQueue<>();
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == Operation.WRITE && file.endsWith(LogDirectory.CONTROL)) {
                        offsets.add(offset);
                    }
                });
        start();

        allocator.release(100, 101);
        Await.until("the first release", () -> directory.readControl().startLsn() == 100);
        allocator.release(120, 121);
        Await.until("the second release", () -> directory.readControl().startLsn() == 120);

        assertThat(offsets)
                .containsExactly(
                        ControlDescriptor.slotOffset(control.released(1, 1, 0)),
                        ControlDescriptor.slotOffset(control));
    }

    @Test
    void nothingIsReleasedAndTheLogFailsWhenTheControlFileCannotBeForced() throws Exception {
        failForces();
        start();

        allocator.release(250, 251);

        Await.until("the failure", () -> !failures.isEmpty());
        assertThat(failures.peek())
                .isInstanceOf(StorageException.class)
                .hasMessage(
                        "cannot release segments of "
                                + path
                                + ": "
                                + path.resolve("control.wal")
                                + ": Input/output error");
        assertThat(directory.list().segments.keySet()).containsExactly(1L, 2L, 3L);
        Await.until("rest", this::isAllocatorAtRest);
        assertThat(failures).hasSize(1);
    }

    @Test
    void controlFileStaysAsItIsOnceItCouldNotBeForced() throws Exception {
        failForces();
        start();
        allocator.release(250, 251);
        Await.until("the failure", () -> !failures.isEmpty());
        disk.unhook();

        allocator.closed(250); // by the store's thread, which has not heard of it yet
        allocator.close();

        assertThat(directory.readControl()).isEqualTo(control.released(3, 250, 251));
    }

    @Test
    void retiredSegmentsAreUsedAgain() throws Exception {
        start();
        allocator.release(250, 251);
        Await.until("the release", () -> directory.list().spares.size() == 2);
        operations.clear();

        roll(300);
        roll(400);

        assertThat(operations).noneMatch(operation -> operation.startsWith("CREATE"));
        assertThat(directory.list().spares).isEmpty();
        assertThat(directory.list().segments.keySet()).containsExactly(3L, 4L, 5L);
    }

    @Test
    void fullSegmentIsUnmappedWhenTheWriterHasGoneOn() throws Exception {
        start();
        roll(300);

        Await.until(
                "the unmapping",
                () -> // one more when the next segment was prepared early
                disk.openMappings()
                                == (disk.list(path).contains(LogDirectory.segmentName(5)) ? 2 : 1));
    }

    @Test
    void fullDiskIsReportedAndTheNextSegmentComesWhenThereIsSpaceAgain() throws Exception {
        final AtomicBoolean full = new AtomicBoolean(true);
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == Operation.WRITE && full.get()) {
                        throw new IOException("No space left on device");
                    }
                });
        start();

        assertThat(allocator.takeNext()).isNull();
        Await.until("the failure", () -> allocator.prepareFailure() != null);
        final String name = path.resolve(LogDirectory.segmentName(4)).toString();
        assertThat(allocator.prepareFailure())
                .isInstanceOf(LogFullException.class)
                .hasMessage("cannot prepare segment " + name + ": No space left on device");
        assertThat(allocator.takeNext()).isNull();

        full.set(false);
        takeNext().target().close();
        assertThat(allocator.prepareFailure()).isNull();
        assertThat(failures).isEmpty(); // not the log's end
    }

    @Test
    void anyOtherFailureToPrepareIsReportedAsSuch() throws Exception {
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == Operation.CREATE) {
                        throw new IOException(file + " (Too many open files)");
                    }
                });
        start();

        assertThat(allocator.takeNext()).isNull();

        Await.until("the failure", () -> allocator.prepareFailure() != null);
        assertThat(allocator.prepareFailure())
                .isExactlyInstanceOf(StorageException.class)
                .hasMessageEndingWith("(Too many open files)");
    }

    @Test
    void errorInTheBackgroundEndsTheLogRatherThanTheThreadInSilence() throws Exception {
        final Error error = new InternalError("a fault occurred in an unsafe memory access");
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == Operation.CREATE) {
                        throw error;
                    }
                });
        start();

        assertThat(allocator.takeNext()).isNull();

        Await.until("the failure", () -> !failures.isEmpty());
        assertThat(failures.peek()).hasRootCause(error);
        Await.until("the writer is told too", () -> allocator.prepareFailure() != null);
    }

    @Test
    void stopsInTheMiddleOfPreparing() throws Exception {
        final CountDownLatch writing = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == Operation.WRITE && offset == 16 << 10) {
                        writing.countDown();
                        Await.quietly(goOn);
                    }
                });
        start();
        allocator.takeNext();
        assertThat(writing.await(30, TimeUnit.SECONDS)).isTrue();

        final Thread closer = new Thread(allocator::close);
        closer.start();
        Await.until("closing waits", () -> closer.getState() == Thread.State.TIMED_WAITING);
        goOn.countDown();
        closer.join(30_000);

        assertThat(closer.isAlive()).isFalse();
        assertThat(disk.list(path)).noneMatch(name -> name.endsWith(".tmp"));
        assertThat(disk.list(path)).doesNotContain(LogDirectory.segmentName(4));
    }

    @Test
    void closingDoesNotWaitForEverForAFileSystemThatHangs() throws Exception {
        final CountDownLatch goOn = new CountDownLatch(1);
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == Operation.CREATE) {
                        Await.quietly(goOn);
                    }
                });
        startWith(context().stopTimeoutNs(50_000_000));
        allocator.takeNext();
        Await.until("the hanging", () -> disk.count(Operation.CREATE) == 5);

        assertThat(allocator.close()).isFalse();
        assertThat(disk.openMappings()).isEqualTo(1); // nothing is let go of under the thread

        goOn.countDown();
        Await.until("the end", allocator::close);
        assertThat(disk.openMappings()).isZero();
        assertThat(disk.list(path)).doesNotContain(LogDirectory.segmentName(4));
        allocator = null;
    }

    @Test
    void closingKeepsThePreparedSegmentForTheNextOpening() throws Exception {
        start();
        fillTo(LENGTH / 2);
        allocator.afterBatch();
        Await.until(
                "the next segment", () -> disk.list(path).contains(LogDirectory.segmentName(4)));

        allocator.close();

        assertThat(disk.openMappings()).isZero();
        assertThat(directory.readHeader(LogDirectory.segmentName(4)).isBegun()).isFalse();
    }

    @Test
    void withoutAThreadEverythingHappensOnTheCallersThread() throws Exception {
        startWith(context().backgroundThread(false));

        final SegmentPreparer.Prepared none = allocator.takeNext();
        final SegmentPreparer.Prepared next = none == null ? allocator.takeNext() : none;
        next.target().close();
        allocator.release(250, 251);

        assertThat(directory.list().spares).hasSize(2);
        assertThat(OpenCloseCycles.threads(path)).isEmpty();
    }

    private void start() throws IOException {
        startWith(context());
    }

    private void startWith(final MmapStoreContext context) {
        final NavigableMap<Long, Long> begun = new TreeMap<>();
        begun.put(1L, 1L);
        begun.put(2L, 100L);
        begun.put(3L, 200L);
        allocator =
                new SegmentAllocator(
                        directory, preparer, context, control, begun, active, failures::add);
    }

    private SegmentPreparer.Prepared takeNext() throws Exception {
        final SegmentPreparer.Prepared[] taken = new SegmentPreparer.Prepared[1];
        Await.until("the next segment", () -> (taken[0] = allocator.takeNext()) != null);
        return taken[0];
    }

    private void roll(final long lastLsn) throws Exception {
        final SegmentWriter from = active;
        active = begin(takeNext(), lastLsn);
        allocator.rolled(from, active);
    }

    private static SegmentWriter begin(final SegmentPreparer.Prepared prepared, final long lastLsn)
            throws IOException {
        return SegmentWriter.begin(
                prepared.header().begun(GENERATION, lastLsn, 0), prepared.target());
    }

    private void fillTo(final int position) throws IOException {
        while (active.position() < position) {
            active.appendBatch(199, 199);
        }
        active.write();
    }

    private boolean isAllocatorAtRest() {
        return OpenCloseCycles.areAtRest("wal-segments-" + path);
    }

    private void failForces() {
        disk.hook(
                (operation, file, offset, length) -> {
                    if (operation == Operation.FORCE) {
                        throw new IOException(file + ": Input/output error");
                    }
                });
    }

    private MmapStoreContext context() {
        return new MmapStoreContext()
                .directory(path)
                .segmentLength(LENGTH)
                .touchAheadLength(16 << 10)
                .disk(disk);
    }
}
