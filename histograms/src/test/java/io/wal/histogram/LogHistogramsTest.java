package io.wal.histogram;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.Durability;
import io.wal.WalContext;
import io.wal.WriteAheadLog;
import io.wal.store.Eventually;
import io.wal.store.FakeStore;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class LogHistogramsTest {
    private static final int FRAME_LENGTH = 64;
    private static final long HARMLESS_BYTES = 20_000;

    private final LogHistograms histograms = new LogHistograms();
    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[FRAME_LENGTH - 24]);

    @Test
    void takesNoteOfEachEntryForceAndBatch() {
        try (WriteAheadLog log = open(new FakeStore())) {
            for (int i = 0; i < 10; i++) {
                log.appendAndAwait(payload, 0, payload.capacity(), Durability.FORCED);
            }
        }

        final LogStatistics total = histograms.total();
        assertThat(total.appendLatencies().getTotalCount()).isEqualTo(10);
        assertThat(total.appendLatencies().getMinNonZeroValue()).isPositive();
        assertThat(total.forceTimes().getTotalCount()).isGreaterThanOrEqualTo(10);
        assertThat(total.batchEntryCounts().getTotalCount()).isEqualTo(10);
        assertThat(total.batchEntryCounts().getMaxValue()).isEqualTo(1);
        assertThat(total.batchLengths().getMaxValue()).isEqualTo(FRAME_LENGTH);
        assertThat(total.queueDepths().getMaxValue()).isEqualTo(1);
        assertThat(total.ringWaits().getTotalCount()).isEqualTo(10);
        assertThat(total).asString().contains("append us p50", "entries per batch p50 1 p99 1");
    }

    @Test
    void latencyRunsFromTheClaimToTheAcknowledgement() throws InterruptedException {
        final Duration hanging = Duration.ofMillis(50);
        final FakeStore store = new FakeStore().hang();
        try (WriteAheadLog log = open(store)) {
            log.append(payload, 0, payload.capacity());
            store.awaitHanging();
            log.append(payload, 0, payload.capacity());
            final long endNs = System.nanoTime() + hanging.toNanos();
            Eventually.isTrue("time passes", () -> System.nanoTime() - endNs >= 0);
            store.goOn();
            log.flush();
        }

        final LogStatistics total = histograms.total();
        final long atLeastNs = hanging.toNanos() * 99 / 100; // to the precision of the histogram
        assertThat(total.forceTimes().getMaxValue()).isGreaterThanOrEqualTo(atLeastNs);
        assertThat(total.appendLatencies().getMinValue()).isGreaterThanOrEqualTo(atLeastNs);
        assertThat(total.appendLatencies().getTotalCount()).isEqualTo(2);
        assertThat(total.ringWaits().getMaxValue()).isGreaterThanOrEqualTo(atLeastNs);
    }

    @Test
    void intervalBeginsAnewAtEachCallAndTotalDoesNot() {
        histograms.onForce(1, 1, 1_000_000);
        assertThat(histograms.total().forceTimes().getTotalCount()).isEqualTo(1);
        assertThat(histograms.interval().forceTimes().getTotalCount()).isEqualTo(1);
        assertThat(histograms.interval().forceTimes().getTotalCount()).isZero();
        histograms.onForce(2, 2, 1_000_000);
        assertThat(histograms.interval().forceTimes().getTotalCount()).isEqualTo(1);

        assertThat(histograms.total().forceTimes().getTotalCount()).isEqualTo(2);
        assertThat(histograms.interval()).asString().contains("force us none");
    }

    @Test
    void whatIsBeyondTheScaleCountsAsItsEnd() {
        histograms.onForce(1, 1, Duration.ofHours(5).toNanos());
        histograms.onAcknowledged(1, Long.MAX_VALUE, 7);

        assertThat(histograms.total().forceTimes().getMaxValue())
                .isGreaterThanOrEqualTo(Duration.ofMinutes(1).toNanos());
        assertThat(histograms.total().appendLatencies().getTotalCount()).isEqualTo(7);
    }

    @Test
    void readersNeitherLoseNorRepeatValues() throws InterruptedException {
        final int count = 2_000_000;
        final AtomicBoolean done = new AtomicBoolean();
        final Thread writer =
                new Thread(
                        () -> {
                            for (int i = 0; i < count; i++) {
                                histograms.onForce(1, 1, i & 0xFFFF);
                            }
                            done.set(true);
                        });
        writer.start();
        long seen = 0;
        while (!done.get()) {
            seen += histograms.interval().forceTimes().getTotalCount();
        }
        writer.join();
        seen += histograms.interval().forceTimes().getTotalCount();

        assertThat(seen).isEqualTo(count);
        assertThat(histograms.total().forceTimes().getTotalCount()).isEqualTo(count);
    }

    @Test
    void recordingAllocatesNothing() {
        record();
        final var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        final long id = Thread.currentThread().getId();
        final long before = threads.getThreadAllocatedBytes(id);
        record();

        assertThat(threads.getThreadAllocatedBytes(id) - before).isLessThan(HARMLESS_BYTES);
    }

    private void record() {
        for (int i = 0; i < 100_000; i++) {
            histograms.onForce(1, 1, 1_000L * i);
            histograms.onAcknowledged(i, 1_000L * i, 1);
        }
    }

    private WriteAheadLog open(final FakeStore store) {
        return WriteAheadLog.open(new WalContext().store(store).commitListener(histograms));
    }
}
