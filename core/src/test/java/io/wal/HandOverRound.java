package io.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.store.FakeStore;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/** One life of a small log among many threads. */
final class HandOverRound {
    private static final int MOST_LSNS = 1 << 12;
    private static final int PATIENCE_SECONDS = 60;
    private static final long LONGEST_WAIT_NS = 3_000_000;

    private final SplittableRandom random;
    private final int ringCapacity;
    private final int producers;
    private final int appends;
    private final int writesBeforeFailure;
    private final boolean failsAside;
    private final boolean applies;
    private final int closers;
    private final int endsAtLsn;
    private final int spinsBeforeEnd;
    private final FakeStore store = new FakeStore();
    private final AtomicIntegerArray answers = new AtomicIntegerArray(MOST_LSNS);
    private final AtomicIntegerArray given = new AtomicIntegerArray(MOST_LSNS);
    private final AtomicLong firstFailedLsn = new AtomicLong(Long.MAX_VALUE);
    private final AtomicLong lastAcknowledgedLsn = new AtomicLong();
    private WriteAheadLog log;

    HandOverRound(final SplittableRandom random) {
        this.random = random;
        ringCapacity = 2 << random.nextInt(3);
        producers = 1 + random.nextInt(4);
        appends = random.nextInt(60);
        writesBeforeFailure = random.nextInt(3) == 0 ? random.nextInt(40) : Integer.MAX_VALUE;
        failsAside = random.nextInt(6) == 0;
        applies = random.nextInt(3) == 0;
        closers = 1 + random.nextInt(2);
        endsAtLsn = random.nextInt(1 + producers * appends / 2);
        spinsBeforeEnd = random.nextInt(1 + random.nextInt(2_000));
    }

    @Override
    public String toString() {
        return "ring="
                + ringCapacity
                + " producers="
                + producers
                + " appends="
                + appends
                + " writesBeforeFailure="
                + writesBeforeFailure
                + " failsAside="
                + failsAside
                + " applies="
                + applies
                + " closers="
                + closers
                + " endsAtLsn="
                + endsAtLsn
                + " spinsBeforeEnd="
                + spinsBeforeEnd
                + " log="
                + log;
    }

    /** Plays the round; says how many answers there were. */
    int run(final ExecutorService threads) throws Exception {
        log =
                WriteAheadLog.open(
                        new WalContext()
                                .store(store)
                                .ringCapacity(ringCapacity)
                                .slotLength(64)
                                .maxPayloadLength(1000)
                                .overflowLimit(4000)
                                .maxBatchEntryCount(1 + random.nextInt(4))
                                .forceInterval(Duration.ofMillis(1))
                                .commitOnCaller(random.nextInt(4) > 0)
                                .closeTimeout(Duration.ofSeconds(PATIENCE_SECONDS))
                                .applyHandler(
                                        applies
                                                ? (lsn, kind, buffer, offset, length) -> {}
                                                : null));
        final CyclicBarrier start = new CyclicBarrier(producers + closers + (failsAside ? 1 : 0));
        final List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            final SplittableRandom own = random.split();
            running.add(threads.submit(() -> produce(start, own)));
        }
        for (int i = 0; i < closers; i++) {
            running.add(threads.submit(() -> end(start, log::close)));
        }
        if (failsAside) {
            running.add(
                    threads.submit(() -> end(start, () -> store.fail(new IOException("aside")))));
        }
        for (final Future<?> each : running) {
            each.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        return check();
    }

    private Void end(final CyclicBarrier start, final Runnable ending) throws Exception {
        start.await();
        final long deadlineNs = System.nanoTime() + LONGEST_WAIT_NS;
        while (log.lastLsn() < endsAtLsn && System.nanoTime() - deadlineNs < 0) {
            Thread.onSpinWait();
        }
        for (int i = 0; i < spinsBeforeEnd; i++) {
            Thread.onSpinWait();
        }
        try {
            ending.run();
        } catch (final LogFailedException expected) {
            assertThat(writesBeforeFailure < Integer.MAX_VALUE || failsAside).isTrue();
        }
        return null;
    }

    private Void produce(final CyclicBarrier start, final SplittableRandom own) throws Exception {
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[1000]);
        final AppendClaim claim = new AppendClaim();
        start.await();
        try {
            for (int i = 0; i < appends; i++) {
                if (store.writes.get() >= writesBeforeFailure) {
                    store.failNextCommit.set(new IOException("played"));
                }
                step(own, payload, claim);
            }
        } catch (final LogClosedException | LogFailedException expected) {
            // the log has ended
        }
        return null;
    }

    private void step(
            final SplittableRandom own, final UnsafeBuffer payload, final AppendClaim claim)
            throws Exception {
        final Durability durability = own.nextBoolean() ? Durability.FORCED : Durability.WRITTEN;
        final int length = own.nextInt(4) == 0 ? own.nextInt(1000) : own.nextInt(40);
        switch (own.nextInt(8)) {
            case 0, 1 -> given(log.append(payload, 0, length, durability, answer(durability)));
            case 2 -> {
                final long lsn = log.tryAppend(payload, 0, length, durability, answer(durability));
                if (lsn > 0) {
                    given(lsn);
                }
            }
            case 3 -> claim(own.nextInt(3) == 0, length, durability, claim);
            case 4 -> log.appendAndAwait(payload, 0, length, durability);
            case 5 -> {
                final CompletableFuture<Long> future =
                        log.appendAsync(payload, 0, length, durability);
                awaitEnd(future);
            }
            case 6 -> log.awaitDurable(log.append(payload, 0, length, durability, null));
            default -> checkpoint(payload, length);
        }
    }

    private void claim(
            final boolean abort,
            final int length,
            final Durability durability,
            final AppendClaim claim) {
        final long lsn = log.tryClaim(length, durability, answer(durability), claim);
        if (lsn > 0) {
            if (abort) {
                claim.abort();
            } else {
                claim.commit();
                given(lsn);
            }
        }
    }

    private void checkpoint(final UnsafeBuffer payload, final int length) throws Exception {
        try (Checkpoint checkpoint = log.startCheckpoint()) {
            given(checkpoint.append(payload, 0, length, answer(Durability.FORCED)));
            awaitEnd(checkpoint.finalizeAsync());
        } catch (final IllegalStateException expected) {
            assertThat(expected).hasMessageContaining("a checkpoint is open already");
        }
    }

    /** A future is completed, one way or the other. */
    private static void awaitEnd(final CompletableFuture<Long> future) throws Exception {
        try {
            future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (final ExecutionException e) {
            assertThat(e.getCause()).isInstanceOf(WalException.class);
        }
    }

    private void given(final long lsn) {
        assertThat(given.incrementAndGet((int) lsn)).as("LSN " + lsn + " is given once").isOne();
    }

    private Completion answer(final Durability durability) {
        return (lsn, failure) -> {
            answers.incrementAndGet((int) lsn);
            if (failure != null) {
                firstFailedLsn.accumulateAndGet(lsn, Math::min);
            } else if (durability == Durability.FORCED) {
                lastAcknowledgedLsn.accumulateAndGet(lsn, Math::max);
            }
        };
    }

    private int check() {
        int count = 0;
        for (int lsn = 0; lsn < MOST_LSNS; lsn++) {
            assertThat(answers.get(lsn)).as("answers to LSN " + lsn).isEqualTo(given.get(lsn));
            count += given.get(lsn);
        }
        assertThat(lastAcknowledgedLsn.get()).isLessThanOrEqualTo(log.durableLsn());
        assertThat(firstFailedLsn.get())
                .as("what is acknowledged is a prefix")
                .isGreaterThan(lastAcknowledgedLsn.get());
        assertThat(log.durableLsn()).isLessThanOrEqualTo(log.lastLsn());
        if (log.failure() == null) {
            assertThat(log.durableLsn()).as("closed cleanly").isEqualTo(log.lastLsn());
            assertThat(store.closedCleanly).isTrue();
            assertThat(firstFailedLsn.get()).isEqualTo(Long.MAX_VALUE);
        }
        assertThat(store.closes).hasValue(1);
        return count;
    }
}
