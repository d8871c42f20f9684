package io.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.store.Eventually;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InterruptTest {
    /** Runs something on a thread that was interrupted; says whether it still is afterwards. */
    private static boolean interruptedBefore(final Runnable task) throws Exception {
        final FutureTask<Boolean> run =
                new FutureTask<>(
                        () -> {
                            Thread.currentThread().interrupt();
                            task.run();
                            return Thread.currentThread().isInterrupted();
                        });
        new Thread(run).start();
        return run.get(30, TimeUnit.SECONDS);
    }

    /**
     * Runs something that waits, interrupts it there, checks that it goes on waiting, lets it go.
     */
    private static boolean interruptedWithin(final Callable<?> task, final Runnable letGo)
            throws Exception {
        final FutureTask<Boolean> run =
                new FutureTask<>(
                        () -> {
                            task.call();
                            return Thread.currentThread().isInterrupted();
                        });
        final Thread thread = new Thread(run);
        thread.start();
        FakeLog.awaitWaiting(thread);
        thread.interrupt();
        assertThat(Eventually.within(Duration.ofMillis(20), run::isDone))
                .as("the wait goes on")
                .isFalse();
        thread.interrupt();
        letGo.run();
        return run.get(30, TimeUnit.SECONDS);
    }

    @Test
    void interruptedThreadAppendsAsAnyOther() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            assertThat(interruptedBefore(fake::append)).isTrue();
            assertThat(
                            interruptedBefore(
                                    () ->
                                            fake.log.appendAndAwait(
                                                    fake.payload, 0, 8, Durability.FORCED)))
                    .isTrue();
            assertThat(interruptedBefore(() -> fake.log.awaitDurable(2))).isTrue();
            assertThat(interruptedBefore(fake.log::flush)).isTrue();
            assertThat(
                            interruptedBefore(
                                    () -> {
                                        fake.log.startCheckpoint();
                                        fake.log.finalizeCheckpoint();
                                    }))
                    .isTrue();

            assertThat(fake.append()).isEqualTo(3);
            fake.awaitTold(2);
        }
    }

    @Test
    void interruptDoesNotEndTheWaitForAnAcknowledgement() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            fake.appendAndHang();
            assertThat(
                            interruptedWithin(
                                    () ->
                                            fake.log.appendAndAwait(
                                                    fake.payload, 0, 8, Durability.FORCED),
                                    fake.store::goOn))
                    .isTrue();
            assertThat(fake.log.durableLsn()).isEqualTo(2);
        }
    }

    @Test
    void interruptDoesNotEndTheWaitForDurability() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            fake.appendAndHang();
            assertThat(interruptedWithin(() -> fake.log.flush(), fake.store::goOn)).isTrue();
        }
    }

    @Test
    void interruptDoesNotEndTheWaitForACheckpoint() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            fake.appendAndHang();
            final Checkpoint checkpoint = fake.log.startCheckpoint();
            assertThat(
                            interruptedWithin(
                                    () -> {
                                        checkpoint.finalizeCheckpoint();
                                        return null;
                                    },
                                    fake.store::goOn))
                    .isTrue();
        }
    }

    @Test
    void interruptDoesNotEndTheWaitForSpace() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            fake.appendAndHang();
            while (fake.tryAppend() > 0) {
                // until the ring is full
            }
            assertThat(interruptedWithin(fake::append, fake.store::goOn)).isTrue();
            fake.awaitTold(17);
        }
    }

    @Test
    void interruptDoesNotEndClosing() throws Exception {
        final FakeLog fake = new FakeLog();
        fake.appendAndHang();
        assertThat(
                        interruptedWithin(
                                () -> {
                                    fake.log.close();
                                    return null;
                                },
                                fake.store::goOn))
                .isTrue();
        assertThat(fake.told).containsExactly("1");
        assertThat(fake.store.closedCleanly).isTrue();
        assertThat(interruptedBefore(fake.log::close)).isTrue();
        fake.close();
    }

    @Test
    void durabilityIsAwaitedNoLongerThanAllowed() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            fake.appendAndHang();
            final long beganNs = System.nanoTime();
            assertThat(fake.log.awaitDurable(1, Duration.ofMillis(30))).isFalse();
            assertThat(System.nanoTime() - beganNs).isGreaterThanOrEqualTo(30_000_000);
            assertThat(fake.log.awaitDurable(1, Duration.ZERO)).isFalse();
            assertThat(fake.log.awaitDurable(1, Duration.ofSeconds(-1))).isFalse();
            assertThat(fake.log.awaitDurable(1, Duration.ofNanos(1))).isFalse();

            fake.store.goOn();

            assertThat(fake.log.awaitDurable(1, Duration.ofSeconds(30))).isTrue();
            assertThat(fake.log.awaitDurable(1, Duration.ZERO)).isTrue();
        }
    }
}
