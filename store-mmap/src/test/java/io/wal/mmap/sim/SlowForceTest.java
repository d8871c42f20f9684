package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.Durability;
import io.wal.WalContext;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import io.wal.metrics.CommitListener;
import io.wal.metrics.LogCounter;
import io.wal.metrics.Stall;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.mmap.WriteMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A force takes as long as the test wants it to. Until it returns nothing is acknowledged, whatever
 * its durability; who wants to append waits, and nothing is lost when the power goes right behind.
 */
@Timeout(120)
class SlowForceTest {
    private static final int RING_CAPACITY = 8;
    private static final long STALL_NS = 50_000_000;
    private static final UnsafeBuffer PAYLOAD = new UnsafeBuffer(new byte[32]);

    private final SimulatedDisk disk = new SimulatedDisk();
    private final CountDownLatch slow = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final ConcurrentLinkedQueue<Long> acknowledged = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Stall> stalls = new ConcurrentLinkedQueue<>();

    @ParameterizedTest
    @EnumSource
    void nothingIsAcknowledgedBeforeItReturnsAndEveryoneWaits(final WriteMode mode)
            throws Exception {
        int entryCount = 0;
        try (WriteAheadLog log = open(mode)) {
            // given
            disk.hook(
                    (operation, path) -> {
                        if (isForce(operation, mode)) {
                            slow.countDown();
                            awaitQuietly(goOn);
                        }
                    });
            assertThat(tryAppend(log, 0)).isEqualTo(1);
            assertThat(slow.await(30, TimeUnit.SECONDS)).isTrue();

            // when
            int queued = 1;
            while (tryAppend(log, queued) > 0) {
                queued++;
            }
            final List<Thread> waiting = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                final Thread producer =
                        new Thread(
                                () -> {
                                    final long lsn =
                                            log.appendAndAwait(PAYLOAD, 0, 32, Durability.FORCED);
                                    acknowledged.add(lsn);
                                });
                producer.start();
                waiting.add(producer);
            }
            final long startNs = System.nanoTime();
            while (System.nanoTime() - startNs < 2 * STALL_NS) {
                LockSupport.parkNanos(1_000_000);
            }

            // then
            assertThat(queued).isLessThanOrEqualTo(RING_CAPACITY);
            assertThat(acknowledged).isEmpty();
            assertThat(log.durableLsn()).isZero();
            assertThat(log.awaitDurable(1, Duration.ofMillis(1))).isFalse();
            assertThat(waiting).allMatch(Thread::isAlive);
            assertThat(log.failure()).isNull();
            assertThat(log.counter(LogCounter.FORCING_SINCE_MS)).isPositive();
            assertThat(log.counter(LogCounter.BACK_PRESSURE)).isPositive();

            // when
            goOn.countDown();
            for (final Thread producer : waiting) {
                producer.join();
            }
            entryCount = queued + waiting.size();
            assertThat(log.flush()).isEqualTo(entryCount);

            // then
            assertThat(log.counter(LogCounter.FORCING_SINCE_MS)).isZero();
            assertThat(log.counter(LogCounter.STALLS)).isPositive();
            assertThat(stalls)
                    .anySatisfy(
                            stall -> {
                                assertThat(stall.cause()).isEqualTo(Stall.Cause.FORCE);
                                assertThat(stall.firstLsn()).isEqualTo(1);
                                assertThat(stall.durationNs()).isGreaterThan(STALL_NS);
                            });
            disk.cutPowerAt(1);
        } catch (final PowerLoss | WalException e) {
            // the power went off when it was to be closed
        }
        disk.clearFaults();
        disk.powerCut(new SplittableRandom(1));
        try (WriteAheadLog log = open(mode)) {
            assertThat(log.lastLsn()).isEqualTo(entryCount);
        }
        assertThat(acknowledged).doesNotHaveDuplicates().hasSize(entryCount);
    }

    private WriteAheadLog open(final WriteMode mode) {
        final MmapLogStore store =
                new MmapLogStore(
                        new MmapStoreContext()
                                .disk(disk)
                                .directory(Path.of("/slow"))
                                .segmentLength(4 * CachedFile.PAGE_LENGTH)
                                .writeMode(mode)
                                .countersFile(false));
        final WriteAheadLog log =
                WriteAheadLog.open(
                        new WalContext()
                                .store(store)
                                .ringCapacity(RING_CAPACITY)
                                .stallThreshold(Duration.ofNanos(STALL_NS))
                                .commitListener(
                                        new CommitListener() {
                                            @Override
                                            public void onStall(final Stall stall) {
                                                stalls.add(stall);
                                            }
                                        }));
        log.recover((lsn, kind, buffer, offset, length) -> {});
        return log;
    }

    /** Every second entry need not be forced, and is not acknowledged any sooner. */
    private long tryAppend(final WriteAheadLog log, final int number) {
        return log.tryAppend(
                PAYLOAD,
                0,
                PAYLOAD.capacity(),
                number % 2 == 0 ? Durability.FORCED : Durability.WRITTEN,
                (lsn, failure) -> acknowledged.add(lsn));
    }

    /** Where the store's thread makes a batch durable. */
    private static boolean isForce(final DiskOperation operation, final WriteMode mode) {
        return operation
                        == (mode == WriteMode.DIRECT
                                ? DiskOperation.WRITE
                                : DiskOperation.FORCE_MAPPING)
                && Thread.currentThread().getName().startsWith("wal-store-");
    }

    private static void awaitQuietly(final CountDownLatch latch) {
        try {
            latch.await();
        } catch (final InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
