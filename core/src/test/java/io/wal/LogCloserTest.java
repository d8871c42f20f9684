package io.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.store.Eventually;
import io.wal.store.FakeStore;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LogCloserTest {
    private static WalContext quick(final WalContext context) {
        return context.closeTimeout(FakeLog.CLOSE_TIMEOUT);
    }

    @Test
    void closingTakesNoLongerThanItsWorkAndLeavesNoThread() {
        final FakeLog fake = new FakeLog();
        fake.append();
        final long beganNs = System.nanoTime();

        fake.log.close();

        assertThat(Duration.ofNanos(System.nanoTime() - beganNs)).isLessThan(FakeLog.PATIENCE);
        assertThat(FakeLog.threads()).isEmpty();
        assertThat(fake.told).containsExactly("1");
        assertThat(fake.store.closedCleanly).isTrue();
        assertThat(fake.store.closes).hasValue(1);
        assertThat(fake.log.lastLsn()).as("the end is no entry").isEqualTo(1);
    }

    @Test
    void storeThatHangsForEverIsNotWaitedForForEver() throws Exception {
        final FakeLog fake = new FakeLog(LogCloserTest::quick);
        fake.append();
        fake.log.awaitDurable(1);
        fake.appendAndHang();
        fake.append();

        assertThatThrownBy(fake.log::close)
                .isInstanceOfSatisfying(
                        LogFailedException.class, e -> assertThat(e.lastDurableLsn()).isEqualTo(1))
                .hasMessageContaining("closing took longer than PT0.5S")
                .hasMessageContaining("the store did not answer");

        assertThat(fake.store.abandoned).isTrue();
        assertThat(fake.told).containsExactly("1", "2 LogFailedException", "3 LogFailedException");
        assertThat(fake.store.closes).as("its thread may still be in there").hasValue(0);
        assertThat(FakeLog.threads()).containsExactly("wal-close-fake", "wal-store-fake");
        assertThat(fake.errors)
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("the store or a recovery has not returned");

        fake.store.goOn();

        FakeLog.awaitNoThreads();
        assertThat(fake.store.closes).as("let go of when it is safe").hasValue(1);
        assertThat(fake.log.durableLsn()).as("what comes too late is not counted").isEqualTo(1);
        assertThat(fake.told).hasSize(3);
    }

    @Test
    void logWhoseStoreHungIsNotRemovedLater() throws Exception {
        final FakeLog fake = new FakeLog(LogCloserTest::quick);
        fake.appendAndHang();

        assertThatThrownBy(fake.log::remove).isInstanceOf(LogFailedException.class);
        fake.store.goOn();

        FakeLog.awaitNoThreads();
        assertThat(fake.store.closes).hasValue(1);
        assertThat(fake.store.removed).isFalse();
    }

    @Test
    void callbackThatHangsIsLeftBehindAndTheRestIsToldWhenItReturns() throws Exception {
        final FakeLog fake = new FakeLog(LogCloserTest::quick);
        final CountDownLatch inside = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        fake.log.append(
                fake.payload, 0, 8, Durability.FORCED, (lsn, failure) -> hang(inside, goOn));
        await(inside);
        fake.append();
        fake.append();

        fake.log.close();

        assertThat(fake.log.durableLsn()).as("everything was stored").isEqualTo(3);
        assertThat(fake.store.closedCleanly).isTrue();
        assertThat(fake.store.closes).hasValue(1);
        assertThat(fake.told).isEmpty();
        assertThat(fake.errors)
                .singleElement()
                .extracting(Throwable::getMessage)
                .asString()
                .contains("closing fake took longer than PT0.5S")
                .contains("a completion or apply handler has not returned");
        goOn.countDown();
        fake.awaitTold(2);
        assertThat(fake.told).containsExactly("2", "3");
        FakeLog.awaitNoThreads();
    }

    @Test
    void entriesAreForcedThoughACallbackHangsAndTheRingIsFull() throws Exception {
        final FakeLog fake = new FakeLog(LogCloserTest::quick);
        final CountDownLatch inside = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        fake.log.append(
                fake.payload, 0, 8, Durability.FORCED, (lsn, failure) -> hang(inside, goOn));
        await(inside);
        while (fake.log.tryAppend(fake.payload, 0, 8, Durability.WRITTEN, fake.noting) > 0) {
            // until the ring is full
        }
        Eventually.isTrue("all is written", () -> fake.log.writtenLsn() == 16);
        assertThat(fake.log.durableLsn()).isLessThan(16);

        fake.log.close();

        assertThat(fake.log.durableLsn()).isEqualTo(16);
        goOn.countDown();
        fake.awaitTold(15);
        FakeLog.awaitNoThreads();
        assertThat(fake.told).hasSize(15).noneMatch(text -> text.contains("Exception"));
    }

    @Test
    void eachCompletionIsCalledOnceThoughTheApplyHandlerIsSlowAndTheStoreHangs() throws Exception {
        final CountDownLatch inside = new CountDownLatch(1);
        final CountDownLatch goOn = new CountDownLatch(1);
        final List<Long> applied = new CopyOnWriteArrayList<>();
        final FakeLog fake =
                new FakeLog(
                        context ->
                                quick(context)
                                        .applyHandler(
                                                (lsn, kind, buffer, offset, length) -> {
                                                    applied.add(lsn);
                                                    hang(inside, goOn);
                                                }));
        fake.append();
        await(inside);
        fake.append();
        fake.awaitTold(2);
        fake.appendAndHang();
        fake.append();

        assertThatThrownBy(fake.log::close).isInstanceOf(LogFailedException.class);
        fake.store.goOn();
        goOn.countDown();
        FakeLog.awaitNoThreads();

        assertThat(fake.told)
                .containsExactly("1", "2", "3 LogFailedException", "4 LogFailedException");
        assertThat(applied).as("what was acknowledged, and no more").containsExactly(1L, 2L);
    }

    @Test
    void completionCalledByTheClosingThreadMayCloseToo() {
        final FakeLog fake = new FakeLog(LogCloserTest::quick);
        final AppendClaim claim = new AppendClaim();
        fake.log.tryClaim(8, Durability.FORCED, null, claim);
        final AtomicInteger calls = new AtomicInteger();
        fake.log.append(
                fake.payload,
                0,
                8,
                Durability.FORCED,
                (lsn, failure) -> {
                    fake.log.close();
                    calls.incrementAndGet();
                });

        assertThatThrownBy(fake.log::close).isInstanceOf(LogFailedException.class);

        assertThat(calls).hasValue(1);
        claim.abort();
    }

    @Test
    void closingAFailedLogThrowsTheFailureOnce() throws Exception {
        final FakeLog fake = new FakeLog();
        fake.store.failNextCommit.set(new IOException("gone"));
        fake.append();
        fake.awaitTold(1);

        assertThatThrownBy(fake.log::close)
                .isInstanceOf(LogFailedException.class)
                .hasRootCauseMessage("gone");
        fake.log.close();

        assertThat(fake.store.closes).hasValue(1);
        assertThat(fake.store.closedCleanly).isFalse();
        assertThat(FakeLog.threads()).isEmpty();
    }

    @Test
    void tryWithResourcesOverAFailedLogThrowsTheFailure() {
        final FakeStore store = new FakeStore();
        store.failNextCommit.set(new IOException("gone"));

        assertThatThrownBy(
                        () -> {
                            try (WriteAheadLog log =
                                    WriteAheadLog.open(new WalContext().store(store))) {
                                log.awaitDurable(log.append(new UnsafeBuffer(new byte[8]), 0, 8));
                            }
                        })
                .isInstanceOf(LogFailedException.class)
                .hasRootCauseMessage("gone")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }

    @Test
    void deposedLogThrowsAsSuchInTryWithResources() {
        final FakeStore store = new FakeStore();

        assertThatThrownBy(
                        () -> {
                            try (WriteAheadLog log =
                                    WriteAheadLog.open(new WalContext().store(store))) {
                                store.fail(new FencedException(1, 2, 3, "taken over"));
                                Eventually.isTrue("it failed", () -> log.failure() != null);
                                log.append(new UnsafeBuffer(new byte[8]), 0, 8);
                            }
                        })
                .isInstanceOfSatisfying(
                        FencedException.class,
                        e -> {
                            assertThat(e.successorEpoch()).isEqualTo(2);
                            assertThat(e.getSuppressed()).hasSize(1);
                        });
    }

    @Test
    void failedLogCanBeRemoved() {
        final FakeLog fake = new FakeLog();
        fake.store.failNextCommit.set(new IOException("gone"));
        fake.append();
        fake.awaitTold(1);

        fake.log.remove();
        fake.log.remove();

        assertThat(fake.store.removed).isTrue();
        assertThat(fake.store.closes).hasValue(1);
    }

    @Test
    void whoWaitsForDurabilityIsToldWhenTheLogCloses() throws Exception {
        final FakeLog fake = new FakeLog(LogCloserTest::quick);
        fake.appendAndHang();
        final CompletableFuture<Void> waiting = FakeLog.run(() -> fake.log.awaitDurable(1));
        final CompletableFuture<Void> closing = FakeLog.run(fake.log::close);
        fake.store.goOn();

        waiting.get(30, TimeUnit.SECONDS);
        closing.get(30, TimeUnit.SECONDS);
        assertThat(fake.log.flush()).isEqualTo(1);
    }

    @Test
    void failureToStartThreadsLetsGoOfTheStore() {
        final FakeStore store = new FakeStore();
        final AtomicInteger made = new AtomicInteger();

        assertThatThrownBy(
                        () ->
                                WriteAheadLog.open(
                                        new WalContext()
                                                .store(store)
                                                .threadFactory(
                                                        task ->
                                                                new Thread(task) {
                                                                    @Override
                                                                    public void start() {
                                                                        if (made.incrementAndGet()
                                                                                == 2) {
                                                                            throw new OutOfMemoryError(
                                                                                    "no threads");
                                                                        }
                                                                        super.start();
                                                                    }
                                                                })))
                .isInstanceOf(OutOfMemoryError.class);

        assertThat(store.closes).hasValue(1);
        FakeLog.awaitNoThreads();
    }

    @Test
    void checkpointThatComesTooLateIsAnswered() throws Exception {
        for (int i = 0; i < 200; i++) {
            final FakeLog fake = new FakeLog();
            final Checkpoint checkpoint = fake.log.startCheckpoint();
            final Thread closing = new Thread(fake.log::close);
            closing.start();
            final CompletableFuture<Long> future = checkpoint.finalizeAsync();
            try {
                assertThat(future.get(30, TimeUnit.SECONDS)).isEqualTo(1);
            } catch (final ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(LogClosedException.class);
            }
            closing.join();
        }
    }

    private static void hang(final CountDownLatch inside, final CountDownLatch goOn) {
        inside.countDown();
        await(goOn);
    }

    private static void await(final CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (final InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
