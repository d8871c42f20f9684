package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.Durability;
import io.wal.LogFailedException;
import io.wal.LogInUseException;
import io.wal.StorageException;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import io.wal.mmap.HookedDisk.Operation;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that is slow, or hangs: back-pressure, bounded memory, and a close that comes back. */
class SlowDiskTest {
    private static final int RING_CAPACITY = 16;
    private static final long OVERFLOW_LIMIT = 64 << 10;
    private static final Duration HASTY = Duration.ofMillis(300);

    @TempDir Path temporary;

    private final HookedDisk disk = new HookedDisk();
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final CountDownLatch hanging = new CountDownLatch(1);
    private LogFixture fixture;
    private WriteAheadLog log;

    @BeforeEach
    void setUp() {
        fixture = fixture(Duration.ofSeconds(20));
    }

    private LogFixture fixture(final Duration closeTimeout) {
        return new LogFixture(temporary.resolve("log"))
                .disk(disk)
                .store(context -> context.stopTimeoutNs(closeTimeout.toNanos()))
                .wal(
                        context ->
                                context.ringCapacity(RING_CAPACITY)
                                        .maxPayloadLength(8 << 10)
                                        .overflowLimit(OVERFLOW_LIMIT)
                                        .errorHandler(expected -> {})
                                        .closeTimeout(closeTimeout));
    }

    @AfterEach
    void everythingEndsWhenTheDiskAnswers() throws Exception {
        goOn.countDown();
        disk.unhook();
        Await.until("the lock is released", () -> disk.openLocks() == 0);
        Await.until("files and mappings are released", this::isNothingOpen);
        Await.until("threads end", () -> OpenCloseCycles.threads(fixture.directory()).isEmpty());
    }

    @Test
    void whileAForceTakesItsTimeProducersAreHeldBackAndNothingIsLost() throws Exception {
        log = fixture.open();
        hang(Operation.FORCE_MAPPING);
        LogFixture.append(log, "first");
        assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();

        int accepted = 1;
        while (tryAppend(10) > 0) {
            accepted++;
        }
        assertThat(accepted).isLessThanOrEqualTo(RING_CAPACITY);
        assertThat(tryAppend(10)).isEqualTo(WriteAheadLog.BACK_PRESSURED);
        assertThat(log.durableLsn()).isZero();
        final Thread waiter = new Thread(() -> LogFixture.append(log, "had to wait"));
        waiter.start();

        goOn.countDown();
        waiter.join(30_000);
        assertThat(log.flush()).isEqualTo(accepted + 1);
        log.close();
        assertThat(fixture.recoverAll()).hasSize(accepted + 1);
    }

    @Test
    void memoryForLargePayloadsIsBounded() throws Exception {
        log = fixture.open();
        hang(Operation.FORCE_MAPPING);
        LogFixture.append(log, "first");
        assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();

        int accepted = 0;
        while (tryAppend(8 << 10) > 0) {
            accepted++;
        }

        assertThat(accepted).isPositive().isLessThanOrEqualTo((int) (OVERFLOW_LIMIT >> 13));
        assertThat(tryAppend(10)).isPositive(); // small ones need none of that memory
        goOn.countDown();
        log.close();
        assertThat(fixture.recoverAll()).hasSize(accepted + 2);
    }

    @Test
    void waitThatIsOverSaysUnknownNotFailed() throws Exception {
        log = fixture.open();
        hang(Operation.FORCE_MAPPING);
        final long lsn = LogFixture.append(log, "slow");
        assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();

        assertThat(log.awaitDurable(lsn, Duration.ofMillis(50))).isFalse();
        assertThat(log.awaitDurable(lsn, Duration.ZERO)).isFalse();
        assertThat(log.failure()).isNull();

        goOn.countDown();
        assertThat(log.awaitDurable(lsn, Duration.ofSeconds(30))).isTrue();
        log.close();
        assertThat(fixture.recoverAll()).containsExactly("1 DATA slow");
    }

    @Test
    void closingComesBackFromAForceThatHangsAndTellsEveryone() throws Exception {
        log = fixture(HASTY).open();
        LogFixture.append(log, "acknowledged");
        log.flush();
        hang(Operation.FORCE_MAPPING);
        final AtomicReference<Throwable> told = new AtomicReference<>();
        log.append(text(), 0, 4, Durability.FORCED, (lsn, failure) -> told.set(failure));
        assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();

        assertThatThrownBy(log::close)
                .isInstanceOfSatisfying(
                        LogFailedException.class, e -> assertThat(e.lastDurableLsn()).isEqualTo(1))
                .hasMessageContaining("closing took longer than PT0.3S");

        assertThat(told.get()).isInstanceOf(LogFailedException.class);
        assertThatThrownBy(() -> LogFixture.append(log, "late"))
                .isInstanceOf(LogFailedException.class);
        // the file may still be written to, so nobody else may open it
        assertThatThrownBy(fixture::open).isInstanceOf(LogInUseException.class);
        assertNothingSpins();

        goOn.countDown();
        Await.until("the lock is released", () -> disk.openLocks() == 0);
        Await.until("the log can be opened", this::canBeOpened);
        assertThat(fixture.recoverAll()).startsWith("1 DATA acknowledged");
    }

    @Test
    void closingComesBackWhenTheNextSegmentHangs() throws Exception {
        log = fixture(HASTY).open();
        hang(Operation.CREATE);
        final List<String> acknowledged = appendUntilHeldBack();
        assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();

        assertThatThrownBy(log::close).isInstanceOf(WalException.class);
        assertThat(log.failure()).isInstanceOf(LogFailedException.class);

        assertThatThrownBy(fixture::open).isInstanceOf(LogInUseException.class);
        assertNothingSpins();
        goOn.countDown();
        Await.until("the log can be opened", this::canBeOpened);
        assertThat(fixture.recoverAll()).startsWith(acknowledged.toArray(String[]::new));
    }

    @Test
    void closingComesBackWhenOnlyTheBackgroundHangs() throws Exception {
        log = fixture(HASTY).open();
        hang(Operation.CREATE);
        LogFixture.append(log, "x".repeat(6000)); // more than a quarter: the next one is prepared
        log.flush();
        assertThat(hanging.await(30, TimeUnit.SECONDS)).isTrue();

        assertThatThrownBy(log::close)
                .isInstanceOf(StorageException.class)
                .hasMessage(
                        "cannot close "
                                + fixture.directory()
                                + ": the file system does not answer; the lock stays until then");

        assertThatThrownBy(fixture::open).isInstanceOf(LogInUseException.class);
        assertNothingSpins();
        goOn.countDown();
        Await.until("the log can be opened", this::canBeOpened);
        assertThat(fixture.recoverAll()).hasSize(1);
    }

    /** Each operation of the kind waits, uninterruptibly, until the test says so. */
    private void hang(final Operation kind) {
        disk.hook(
                (operation, path, offset, length) -> {
                    if (operation == kind) {
                        hanging.countDown();
                        Await.quietly(goOn);
                    }
                });
    }

    private List<String> appendUntilHeldBack() throws Exception {
        final List<String> appended = new ArrayList<>();
        for (int i = 1; ; i++) {
            final String text = "entry " + i + "x".repeat(1000);
            final UnsafeBuffer buffer = new UnsafeBuffer(text.getBytes());
            final long lsn = log.tryAppend(buffer, 0, buffer.capacity(), Durability.FORCED, null);
            if (lsn == WriteAheadLog.BACK_PRESSURED) {
                return appended.subList(0, (int) log.durableLsn());
            }
            appended.add(lsn + " DATA " + text);
            log.awaitDurable(lsn, Duration.ofMillis(20));
        }
    }

    private void assertNothingSpins() {
        final var threads = ManagementFactory.getThreadMXBean();
        final List<Thread> own = OpenCloseCycles.threads(fixture.directory());
        final long[] before =
                own.stream().mapToLong(t -> threads.getThreadCpuTime(t.getId())).toArray();
        final long startNs = System.nanoTime();
        while (System.nanoTime() - startNs < 200_000_000) {
            Thread.onSpinWait();
        }
        for (int i = 0; i < before.length; i++) {
            final long usedNs = threads.getThreadCpuTime(own.get(i).getId()) - before[i];
            assertThat(usedNs).as(own.get(i).getName()).isLessThan(50_000_000);
        }
    }

    private long tryAppend(final int length) {
        return log.tryAppend(
                new UnsafeBuffer(new byte[length]), 0, length, Durability.FORCED, null);
    }

    private boolean canBeOpened() {
        try {
            fixture.open().close();
            return true;
        } catch (final LogInUseException e) {
            return false;
        }
    }

    private boolean isNothingOpen() {
        return disk.openFiles() == 0 && disk.openMappings() == 0;
    }

    private static UnsafeBuffer text() {
        return new UnsafeBuffer(new byte[] {'t', 'e', 'x', 't'});
    }
}
