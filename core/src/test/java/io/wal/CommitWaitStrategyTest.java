package io.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.TimeoutException;
import io.wal.metrics.CommitMeter;
import io.wal.store.AppendEvent;
import io.wal.store.Eventually;
import io.wal.store.FakeStore;
import io.wal.store.RecordingProgress;
import io.wal.store.StoreLimits;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CommitWaitStrategyTest {
    private final FakeStore store = new FakeStore();
    private final CommitWaitStrategy strategy = new CommitWaitStrategy(WaitMode.PARK, store, 1);
    private final RingBuffer<AppendEvent> ring =
            RingBuffer.createMultiProducer(() -> new AppendEvent(64), 8, strategy);
    private final SequenceBarrier barrier = ring.newBarrier();

    @BeforeEach
    void open() {
        strategy.ring(ring);
        store.open(new RecordingProgress(), StoreLimits.DEFAULT);
    }

    private void publish() {
        ring.publish(ring.next());
    }

    @Test
    void publishedEntriesAreHandedOutAtOnce() throws Exception {
        publish();
        publish();

        assertThat(barrier.waitFor(0)).isEqualTo(1);
    }

    @Test
    void waitEndsWithTheEntry() throws Exception {
        final Thread waiting = Thread.currentThread();
        final Thread producer =
                new Thread(
                        () -> {
                            awaitParked(waiting);
                            publish();
                        });
        producer.start();

        assertThat(barrier.waitFor(0)).isZero();
        producer.join();
    }

    @Test
    void entryBehindAnUnpublishedOneIsNotHandedOut() throws Exception {
        final long claimed = ring.next();
        publish();
        final Thread waiting = Thread.currentThread();
        final Thread producer =
                new Thread(
                        () -> {
                            awaitParked(waiting);
                            ring.publish(claimed);
                        });
        producer.start();

        assertThat(barrier.waitFor(0)).isEqualTo(1);
        producer.join();
    }

    @Test
    void wakeEndsTheWaitWithATimeout() throws Exception {
        final Thread waiting = Thread.currentThread();
        final Thread waker =
                new Thread(
                        () -> {
                            awaitParked(waiting);
                            strategy.wakeStore();
                        });
        waker.start();

        assertThatThrownBy(() -> barrier.waitFor(0)).isInstanceOf(TimeoutException.class);
        waker.join();
        publish();
        assertThat(barrier.waitFor(0)).as("one wake, one timeout").isZero();
        publish();
        assertThat(barrier.waitFor(1)).isEqualTo(1);
    }

    @Test
    void wakeUnderLoadComesThroughBetweenTwoBatches() throws Exception {
        publish();
        strategy.wakeStore();

        assertThat(barrier.waitFor(0)).as("entries first").isZero();
        publish();
        assertThatThrownBy(() -> barrier.waitFor(1)).isInstanceOf(TimeoutException.class);
        assertThat(barrier.waitFor(1)).isEqualTo(1);
        publish();
        assertThat(barrier.waitFor(2)).as("and only once").isEqualTo(2);
    }

    @Test
    void deadlineUnderLoadComesThroughBetweenTwoBatches() throws Exception {
        store.idleDeadlineNs = System.nanoTime();
        publish();

        assertThat(barrier.waitFor(0)).isZero();
        publish();
        assertThatThrownBy(() -> barrier.waitFor(1)).isInstanceOf(TimeoutException.class);
        assertThat(barrier.waitFor(1)).as("though the deadline stays").isEqualTo(1);
    }

    @Test
    void deadlineEndsTheWaitWithATimeout() {
        final long beganNs = System.nanoTime();
        store.idleDeadlineNs = beganNs + 20_000_000;

        assertThatThrownBy(() -> barrier.waitFor(0)).isInstanceOf(TimeoutException.class);

        assertThat(System.nanoTime() - beganNs).isGreaterThanOrEqualTo(20_000_000);
    }

    @Test
    void alertEndsTheWait() throws Exception {
        final Thread waiting = Thread.currentThread();
        final Thread stopper =
                new Thread(
                        () -> {
                            awaitParked(waiting);
                            barrier.alert();
                        });
        stopper.start();

        assertThatThrownBy(() -> barrier.waitFor(0)).isInstanceOf(AlertException.class);
        stopper.join();
    }

    @Test
    void stageWaitsForItsSequenceAndForItsSlot() throws Exception {
        final Acknowledgements acknowledgements =
                new Acknowledgements(strategy, CommitMeter.silent("fake"));
        acknowledgements.start(0);
        final SequenceBarrier stage = ring.newBarrier(acknowledgements.sequence());
        final AtomicBoolean durable = new AtomicBoolean();
        final Thread waiting = Thread.currentThread();
        final Thread reporter =
                new Thread(
                        () -> {
                            awaitParked(waiting);
                            publish();
                            awaitParked(waiting);
                            durable.set(true);
                            acknowledgements.durable(1);
                        });
        reporter.start();

        assertThat(stage.waitFor(0)).isZero();
        assertThat(durable).isTrue();
        reporter.join();
    }

    @Test
    void stageOfAFailedLogFollowsTheRing() throws Exception {
        final Acknowledgements acknowledgements =
                new Acknowledgements(strategy, CommitMeter.silent("fake"));
        acknowledgements.start(0);
        final SequenceBarrier stage = ring.newBarrier(acknowledgements.sequence());
        final Thread waiting = Thread.currentThread();
        final Thread producer =
                new Thread(
                        () -> {
                            awaitParked(waiting);
                            acknowledgements.failed(new LogClosedException());
                            awaitParked(waiting);
                            publish();
                        });
        producer.start();

        assertThat(stage.waitFor(0)).isZero();
        producer.join();
    }

    @Test
    void acknowledgementsNeverComeBackFromAFailure() {
        final Acknowledgements acknowledgements =
                new Acknowledgements(strategy, CommitMeter.silent("fake"));
        acknowledgements.start(10);

        acknowledgements.written(12);
        acknowledgements.durable(11);
        acknowledgements.failed(new LogFailedException(11, new IllegalStateException()));
        acknowledgements.durable(14);
        acknowledgements.written(15);
        acknowledgements.failed(new LogClosedException());

        assertThat(acknowledgements.sequence().get()).isEqualTo(Long.MAX_VALUE);
        assertThat(acknowledgements.failure()).isInstanceOf(LogFailedException.class);
        assertThat(acknowledgements.failureOf(11, Durability.FORCED)).isNull();
        assertThat(acknowledgements.failureOf(12, Durability.FORCED)).isNotNull();
        assertThat(acknowledgements.failureOf(12, Durability.WRITTEN)).isNull();
        assertThat(acknowledgements.failureOf(13, Durability.WRITTEN)).isNotNull();
        assertThat(acknowledgements.durableLsn()).isEqualTo(11);
        assertThat(acknowledgements.writtenLsn()).isEqualTo(12);
    }

    private static void awaitParked(final Thread thread) {
        LockSupport.parkNanos(1_000_000);
        Eventually.isTrue(
                "it parks",
                () ->
                        thread.getState() == Thread.State.WAITING
                                || thread.getState() == Thread.State.TIMED_WAITING);
    }
}
