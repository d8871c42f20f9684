package io.wal.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.Durability;
import io.wal.WalContext;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import io.wal.record.RecordKind;
import io.wal.store.AppendEvent;
import io.wal.store.Eventually;
import io.wal.store.FakeStore;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class CommitMeterTest {
    private static final int FRAME_LENGTH = 64;
    private static final int BATCHES = 200_000;
    private static final long HARMLESS_BYTES = 20_000; // of the measuring, once

    private final List<Throwable> errors = Collections.synchronizedList(new ArrayList<>());
    private final UnsafeBuffer payload = new UnsafeBuffer(new byte[FRAME_LENGTH - 24]);

    @Test
    void countsWithoutBeingAsked() {
        final FakeStore store = new FakeStore();
        final WriteAheadLog log = WriteAheadLog.open(new WalContext().store(store));

        append(log, Durability.FORCED);
        append(log, Durability.FORCED);
        log.startCheckpoint().finalizeCheckpoint();

        assertThat(log.counter(LogCounter.LAST_LSN)).isEqualTo(2);
        assertThat(log.counter(LogCounter.WRITTEN_LSN)).isEqualTo(2);
        assertThat(log.counter(LogCounter.DURABLE_LSN)).isEqualTo(2);
        assertThat(log.counter(LogCounter.CHECKPOINTS)).isEqualTo(1);
        assertThat(log.counter(LogCounter.FAILED)).isZero();
        assertThat(log.counter(LogCounter.CLOSED)).isZero();
        assertThat(log.counter(LogCounter.ENTRIES)).isEqualTo(2);
        assertThat(log.counter(LogCounter.BYTES)).isEqualTo(2 * FRAME_LENGTH);
        assertThat(log.counter(LogCounter.BATCHES)).isEqualTo(2);
        assertThat(log.counter(LogCounter.FORCES)).isEqualTo(store.forces.get());
        assertThat(log.counter(LogCounter.FORCE_TIME_NS))
                .isGreaterThanOrEqualTo(log.counter(LogCounter.LONGEST_FORCE_NS))
                .isPositive();
        assertThat(log.counter(LogCounter.FORCING_SINCE_MS)).isZero();
        assertThat(log.counter(LogCounter.BACK_PRESSURE)).isZero();
        log.close();
        assertThat(log.counter(LogCounter.CLOSED)).isEqualTo(1);
    }

    @Test
    void saysThatAForceIsUnderWay() throws InterruptedException {
        final FakeStore store = new FakeStore().hang();
        try (WriteAheadLog log = WriteAheadLog.open(new WalContext().store(store))) {
            final long beforeMs = System.currentTimeMillis();
            log.append(payload, 0, payload.capacity());
            store.awaitHanging();

            assertThat(log.counter(LogCounter.FORCING_SINCE_MS))
                    .isBetween(beforeMs, System.currentTimeMillis());
            assertThat(log.counter(LogCounter.LAST_LSN)).isEqualTo(1);
            assertThat(log.counter(LogCounter.DURABLE_LSN)).isZero();
            store.goOn();
        }
    }

    @Test
    void failureIsCounted() {
        final FakeStore store = new FakeStore();
        final WriteAheadLog log = WriteAheadLog.open(new WalContext().store(store));

        store.fail(new IllegalStateException("on purpose"));
        Eventually.isTrue("the log fails", () -> log.failure() != null);

        assertThat(log.counter(LogCounter.FAILED)).isEqualTo(1);
        assertThatThrownBy(log::close).isInstanceOf(WalException.class);
    }

    @Test
    void eachAppendThatFindsTheQueueFullIsCountedOnce() throws InterruptedException {
        final FakeStore store = new FakeStore().hang();
        try (WriteAheadLog log =
                WriteAheadLog.open(new WalContext().store(store).ringCapacity(2))) {
            log.append(payload, 0, payload.capacity());
            log.append(payload, 0, payload.capacity());
            store.awaitHanging();
            assertThat(tryAppend(log)).isEqualTo(WriteAheadLog.BACK_PRESSURED);
            assertThat(tryAppend(log)).isEqualTo(WriteAheadLog.BACK_PRESSURED);
            assertThat(log.counter(LogCounter.BACK_PRESSURE)).isEqualTo(2);

            final Thread waiting = new Thread(() -> append(log, Durability.FORCED));
            waiting.start();
            Eventually.isTrue(
                    "it finds the queue full", () -> log.counter(LogCounter.BACK_PRESSURE) == 3);
            store.goOn();
            waiting.join();

            assertThat(log.counter(LogCounter.BACK_PRESSURE)).isEqualTo(3);
        }
    }

    @Test
    void listenerIsToldOfEveryEntryWhileThereAreFew() {
        final Collected collected = new Collected();
        try (WriteAheadLog log = open(new FakeStore(), collected)) {
            for (int i = 0; i < 5; i++) {
                append(log, Durability.FORCED);
            }
        }

        assertThat(collected.acknowledgedLsns).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(collected.latenciesNs).allSatisfy(ns -> assertThat(ns).isPositive());
        assertThat(collected.batchedEntries).hasValue(5);
        assertThat(collected.forcedLsns).containsSubsequence("1..1", "2..2", "3..3");
        assertThat(collected.stalls)
                .as("none but what did take so long, on a busy machine")
                .allSatisfy(
                        stall ->
                                assertThat(stall.durationNs())
                                        .isGreaterThanOrEqualTo(Collected.THRESHOLD.toNanos()));
        assertThat(errors).isEmpty();
    }

    /** So the completion stage may sleep although somebody counts. */
    @Test
    void listenerIsToldOfAnEntryByTheThreadThatAcknowledgesIt() {
        final List<String> told = Collections.synchronizedList(new ArrayList<>());
        final CommitListener listener =
                new CommitListener() {
                    @Override
                    public void onAcknowledged(final long lsn, final long ns, final int weight) {
                        told.add(lsn + " " + Thread.currentThread().getName());
                    }
                };
        try (WriteAheadLog log = open(new FakeStore(), listener)) {
            for (int lsn = 1; lsn <= 5; lsn++) {
                append(log, Durability.FORCED);

                assertThat(told).as("when its producer knows").hasSize(lsn);
                assertThat(told.get(lsn - 1)).startsWith(lsn + " ").doesNotContain("completion");
            }
        }
    }

    @Test
    void noSampledEntryOfABurstIsForgottenHoweverLargeTheQueue() throws InterruptedException {
        final Collected collected = new Collected();
        final int count = 20_000;
        final FakeStore store = new FakeStore().hang();
        try (WriteAheadLog log =
                WriteAheadLog.open(
                        new WalContext()
                                .store(store)
                                .commitListener(collected)
                                .ringCapacity(32 << 10)
                                .errorHandler(errors::add))) {
            log.append(payload, 0, payload.capacity());
            store.awaitHanging();
            for (int i = 1; i < count; i++) {
                log.append(payload, 0, payload.capacity());
            }
            store.goOn();
        }

        assertThat(collected.acknowledgedWeight).hasValue(count);
    }

    @Test
    void listenerIsToldOfAnEntryBeforeTheLogIsSaidToBeDurable() {
        final List<Long> durableLsns = Collections.synchronizedList(new ArrayList<>());
        final AtomicReference<WriteAheadLog> opened = new AtomicReference<>();
        final CommitListener listener =
                new CommitListener() {
                    @Override
                    public void onAcknowledged(final long lsn, final long ns, final int weight) {
                        durableLsns.add(opened.get().durableLsn());
                    }
                };
        try (WriteAheadLog log = open(new FakeStore(), listener)) {
            opened.set(log);
            append(log, Durability.FORCED);
            append(log, Durability.FORCED);

            assertThat(durableLsns).containsExactly(0L, 1L);
        }
    }

    @Test
    void weightsAddUpToWhatWasAppended() {
        final Collected collected = new Collected();
        final int count = 300_000;
        try (WriteAheadLog log = open(new FakeStore(), collected)) {
            for (int i = 0; i < count; i++) {
                log.append(payload, 0, payload.capacity(), Durability.WRITTEN, null);
            }
        }

        assertThat(collected.acknowledgedLsns.size()).isLessThan(count / 2);
        assertThat((double) collected.acknowledgedWeight.get() / count).isBetween(0.8, 1.2);
    }

    @Test
    void longForceIsToldWithItsEntries() throws InterruptedException {
        final Collected collected = new Collected();
        final FakeStore store = new FakeStore().hang();
        try (WriteAheadLog log = open(store, collected)) {
            log.append(payload, 0, payload.capacity());
            store.awaitHanging();
            final long endNs = System.nanoTime() + 2 * Collected.THRESHOLD.toNanos();
            Eventually.isTrue("time passes", () -> System.nanoTime() - endNs >= 0);
            store.goOn();
            log.flush();

            Eventually.isTrue("the stall", () -> log.counter(LogCounter.STALLS) > 0);
            assertThat(collected.stalls)
                    .first()
                    .satisfies(
                            stall -> {
                                assertThat(stall.cause()).isEqualTo(Stall.Cause.FORCE);
                                assertThat(stall.firstLsn()).isEqualTo(1);
                                assertThat(stall.lastLsn()).isEqualTo(1);
                                assertThat(stall.durationNs())
                                        .isGreaterThanOrEqualTo(2 * Collected.THRESHOLD.toNanos());
                                assertThat(stall)
                                        .asString()
                                        .matches("force \\d+ ms covered LSN 1\\.\\.1");
                            });
        }
    }

    @Test
    void listenerThatThrowsHarmsNothing() {
        final CommitListener broken =
                new CommitListener() {
                    @Override
                    public void onBatch(final BatchReport batch, final int weight) {
                        throw new IllegalStateException("batch");
                    }

                    @Override
                    public void onForce(final long first, final long last, final long ns) {
                        throw new AssertionError("force");
                    }

                    @Override
                    public void onAcknowledged(final long lsn, final long ns, final int weight) {
                        throw new IllegalStateException("acknowledged");
                    }
                };
        try (WriteAheadLog log = open(new FakeStore(), broken)) {
            append(log, Durability.FORCED);
            append(log, Durability.FORCED);

            assertThat(log.failure()).isNull();
            assertThat(log.durableLsn()).isEqualTo(2);
        }
        assertThat(errors)
                .extracting(Throwable::getMessage)
                .contains("batch", "force", "acknowledged");
    }

    @Test
    void meteringAllocatesNothing() {
        assertThat(allocatedBy(CommitMeter.silent("log"))).isLessThan(HARMLESS_BYTES);
        assertThat(
                        allocatedBy(
                                new CommitMeter(
                                        "log",
                                        1,
                                        new CommitListener() {},
                                        Long.MAX_VALUE,
                                        errors::add)))
                .isLessThan(HARMLESS_BYTES);
    }

    private long allocatedBy(final CommitMeter meter) {
        final var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        final AppendEvent event = new AppendEvent(128);
        event.begin(1, RecordKind.DATA, Durability.FORCED, payload.capacity(), null);
        event.seal();
        drive(meter, event);
        final long id = Thread.currentThread().getId();
        final long before = threads.getThreadAllocatedBytes(id);
        drive(meter, event);
        return threads.getThreadAllocatedBytes(id) - before;
    }

    private void drive(final CommitMeter meter, final AppendEvent event) {
        for (int lsn = 1; lsn <= BATCHES; lsn++) {
            event.begin(lsn, RecordKind.DATA, Durability.FORCED, payload.capacity(), null);
            if (meter.sampleInterval().get() > 0) {
                CommitMeter.claimed(event, meter.sampleInterval().get());
            }
            meter.looked(1);
            meter.batchBegins();
            meter.taken(event);
            meter.forceBegins();
            meter.forceEnds(lsn, lsn);
            meter.notifyBegins();
            meter.notifyEnds();
            meter.batchCommits(1, event.frameLength());
            meter.batchEnds(lsn, 1, event.frameLength(), true);
            meter.acknowledges(lsn);
        }
    }

    private WriteAheadLog open(final FakeStore store, final CommitListener listener) {
        return WriteAheadLog.open(
                new WalContext()
                        .store(store)
                        .commitListener(listener)
                        .stallThreshold(Collected.THRESHOLD)
                        .errorHandler(errors::add));
    }

    private void append(final WriteAheadLog log, final Durability durability) {
        log.appendAndAwait(payload, 0, payload.capacity(), durability);
    }

    private long tryAppend(final WriteAheadLog log) {
        return log.tryAppend(payload, 0, payload.capacity(), Durability.FORCED, null);
    }

    private static final class Collected implements CommitListener {
        static final Duration THRESHOLD = Duration.ofMillis(500);

        final List<Long> acknowledgedLsns = Collections.synchronizedList(new ArrayList<>());
        final List<Long> latenciesNs = Collections.synchronizedList(new ArrayList<>());
        final List<String> forcedLsns = Collections.synchronizedList(new ArrayList<>());
        final List<Stall> stalls = Collections.synchronizedList(new ArrayList<>());
        final AtomicLong acknowledgedWeight = new AtomicLong();
        final AtomicLong batchedEntries = new AtomicLong();

        @Override
        public void onBatch(final BatchReport batch, final int weight) {
            batchedEntries.addAndGet((long) batch.entryCount() * weight);
        }

        @Override
        public void onForce(final long firstLsn, final long lastLsn, final long durationNs) {
            forcedLsns.add(firstLsn + ".." + lastLsn);
        }

        @Override
        public void onAcknowledged(final long lsn, final long latencyNs, final int weight) {
            acknowledgedLsns.add(lsn);
            latenciesNs.add(latencyNs);
            acknowledgedWeight.addAndGet(weight);
        }

        @Override
        public void onStall(final Stall stall) {
            stalls.add(stall);
        }
    }
}
