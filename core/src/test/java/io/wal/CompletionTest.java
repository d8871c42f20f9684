package io.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.store.Eventually;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CompletionTest {
    @Test
    void completionThatThrowsIsReportedAndHarmsNothing() {
        try (FakeLog fake = new FakeLog()) {
            final List<Throwable> thrown =
                    List.of(
                            new IllegalStateException("one"),
                            new AssertionError("two"),
                            new StackOverflowError("three"));
            for (final Throwable t : thrown) {
                fake.log.append(
                        fake.payload,
                        0,
                        8,
                        Durability.FORCED,
                        (lsn, failure) -> CompletionTest.<RuntimeException>rethrow(t));
                fake.append();
            }
            fake.awaitTold(3);

            assertThat(fake.errors).isEqualTo(thrown);
            assertThat(fake.told).containsExactly("2", "4", "6");
            assertThat(fake.log.failure()).isNull();
        }
    }

    @Test
    void errorHandlerThatThrowsHarmsNothingEither() {
        try (FakeLog fake =
                new FakeLog(
                        context ->
                                context.errorHandler(
                                        t -> {
                                            throw new IllegalStateException("even here", t);
                                        }))) {
            fake.log.append(
                    fake.payload,
                    0,
                    8,
                    Durability.FORCED,
                    (lsn, failure) -> {
                        throw new IllegalStateException("first");
                    });
            fake.append();

            fake.awaitTold(1);
        }
    }

    @Test
    void completionThatBlocksDelaysNoForce() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            final CountDownLatch blocked = new CountDownLatch(1);
            final CountDownLatch goOn = new CountDownLatch(1);
            fake.log.append(
                    fake.payload,
                    0,
                    8,
                    Durability.FORCED,
                    (lsn, failure) -> {
                        blocked.countDown();
                        await(goOn);
                    });
            await(blocked);

            for (int i = 2; i <= 10; i++) {
                assertThat(fake.append()).isEqualTo(i);
                fake.log.awaitDurable(i);
            }
            assertThat(fake.log.appendAndAwait(fake.payload, 0, 8, Durability.FORCED))
                    .as("its own thread looks, nobody needs to call it")
                    .isEqualTo(11);
            assertThat(fake.told).isEmpty();
            goOn.countDown();
            fake.awaitTold(9);
        }
    }

    @Test
    void completionMayAppend() {
        try (FakeLog fake = new FakeLog()) {
            final List<Long> lsns = new CopyOnWriteArrayList<>();
            final AtomicReference<Completion> again = new AtomicReference<>();
            again.set(
                    (lsn, failure) -> {
                        lsns.add(lsn);
                        if (lsn < 1000) {
                            final long next =
                                    lsn % 2 == 0
                                            ? fake.log.append(
                                                    fake.payload,
                                                    0,
                                                    8,
                                                    Durability.FORCED,
                                                    again.get())
                                            : fake.log.tryAppend(
                                                    fake.payload,
                                                    0,
                                                    8,
                                                    Durability.FORCED,
                                                    again.get());
                            assertThat(next).isEqualTo(lsn + 1);
                        }
                    });
            fake.log.append(fake.payload, 0, 8, Durability.FORCED, again.get());

            Eventually.isTrue("all are told", () -> lsns.size() == 1000);
            assertThat(lsns).isSorted();
            assertThat(fake.errors).isEmpty();
        }
    }

    @Test
    void waitingOnTheCompletionThreadIsRefusedBecauseItWouldWaitForItself() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            final List<String> refusals = new CopyOnWriteArrayList<>();
            final CountDownLatch hanging = new CountDownLatch(1);
            final CountDownLatch done = new CountDownLatch(1);
            fake.log.append(
                    fake.payload,
                    0,
                    8,
                    Durability.FORCED,
                    (lsn, failure) -> {
                        await(hanging);
                        refuse(
                                refusals,
                                () ->
                                        fake.log.appendAndAwait(
                                                fake.payload, 0, 8, Durability.FORCED));
                        refuse(refusals, () -> fake.log.awaitDurable(fake.log.lastLsn()));
                        refuse(refusals, fake.log::flush);
                        final Checkpoint checkpoint = fake.log.startCheckpoint();
                        refuse(refusals, checkpoint::finalizeCheckpoint);
                        while (fake.tryAppend() > 0) {
                            // until the ring is full
                        }
                        refuse(refusals, fake::append);
                        refuse(refusals, () -> checkpoint.append(fake.payload, 0, 8));
                        done.countDown();
                    });
            Eventually.isTrue("the first is committed", () -> fake.log.durableLsn() == 1);
            fake.appendAndHang();
            hanging.countDown();
            await(done);
            fake.store.goOn();

            assertThat(refusals).hasSize(6).allMatch(text -> text.contains("wait for itself"));
            assertThat(refusals)
                    .extracting(text -> text.substring(0, text.indexOf(" on a thread")))
                    .containsExactly(
                            "appendAndAwait",
                            "awaitDurable",
                            "awaitDurable",
                            "finalizeCheckpoint",
                            "append with a full queue",
                            "append with a full queue");
        }
    }

    @Test
    void awaitingWhatIsDurableIsAllowedAnywhere() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            final CountDownLatch done = new CountDownLatch(1);
            fake.log.append(
                    fake.payload,
                    0,
                    8,
                    Durability.FORCED,
                    (lsn, failure) -> {
                        fake.log.awaitDurable(lsn);
                        done.countDown();
                    });

            await(done);
        }
    }

    @Test
    void interruptOfTheCompletionThreadIsForgotten() {
        try (FakeLog fake = new FakeLog()) {
            fake.log.append(
                    fake.payload,
                    0,
                    8,
                    Durability.FORCED,
                    (lsn, failure) -> Thread.currentThread().interrupt());
            fake.append();
            fake.awaitTold(1);
            final Thread completions = FakeLog.thread("wal-completion-fake");
            FakeLog.awaitWaiting(completions);

            assertThat(completions.isInterrupted()).isFalse();
        }
    }

    @Test
    void futureIsCompletedWithTheLsnOrTheFailure() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            final CompletableFuture<Long> first =
                    fake.log.appendAsync(fake.payload, 0, 8, Durability.WRITTEN);
            assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo(1);
            fake.store.failNextCommit.set(new IOException("gone"));
            final CompletableFuture<Long> second =
                    fake.log.appendAsync(fake.payload, 0, 8, Durability.FORCED);

            assertThat(second)
                    .failsWithin(30, TimeUnit.SECONDS)
                    .withThrowableThat()
                    .withCauseInstanceOf(LogFailedException.class)
                    .withRootCauseInstanceOf(IOException.class);
        }
    }

    @Test
    void completionsOfManyProducersAreAllCalledOnceInOrder() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            final List<Long> lsns = new ArrayList<>(); // the completion thread alone
            final Completion completion = (lsn, failure) -> lsns.add(lsn);
            final List<Thread> producers = new ArrayList<>();
            for (int p = 0; p < 4; p++) {
                producers.add(
                        new Thread(
                                () -> {
                                    for (int i = 0; i < 5000; i++) {
                                        fake.log.append(
                                                fake.payload,
                                                0,
                                                i % 300,
                                                Durability.WRITTEN,
                                                completion);
                                    }
                                }));
            }
            producers.forEach(Thread::start);
            for (final Thread producer : producers) {
                producer.join();
            }
            fake.append();
            fake.awaitTold(1);

            assertThat(lsns).hasSize(20_000).isSorted().doesNotHaveDuplicates();
        }
    }

    private static void refuse(final List<String> refusals, final Runnable attempt) {
        try {
            attempt.run();
        } catch (final IllegalStateException e) {
            refusals.add(e.getMessage());
        }
    }

    private static void await(final CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (final InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings("unchecked") // erased: throws whatever it is
    private static <T extends Throwable> void rethrow(final Throwable t) throws T {
        throw (T) t;
    }
}
