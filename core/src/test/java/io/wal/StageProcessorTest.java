package io.wal;

import static org.assertj.core.api.Assertions.assertThat;

import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import io.wal.metrics.CommitMeter;
import io.wal.store.AppendEvent;
import io.wal.store.Eventually;
import io.wal.store.FakeStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StageProcessorTest {
    private final Signals signals = new Signals();
    private final RingBuffer<AppendEvent> ring =
            RingBuffer.createMultiProducer(() -> new AppendEvent(64), 8, signals);
    private final Acknowledgements acknowledgements =
            new Acknowledgements(ring, signals, CommitMeter.silent("fake"));
    private final List<Long> seen = new CopyOnWriteArrayList<>();
    private final List<Long> seenBehind = new CopyOnWriteArrayList<>();
    private volatile boolean done;
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private StageProcessor stage;
    private StageProcessor behind;
    private Thread thread;
    private Thread threadBehind;

    private final class Noting implements StageProcessor.Stage {
        @Override
        public boolean isDone(final long last) {
            return done;
        }

        @Override
        public void onEvent(
                final AppendEvent event, final long sequence, final boolean endOfBatch) {
            seen.add(sequence);
            try {
                gate.await();
            } catch (final InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (sequence == 3) {
                throw new IllegalStateException("a careless stage");
            }
        }
    }

    @BeforeEach
    void start() {
        final LastResort lastResort = new LastResort(acknowledgements);
        signals.store(new StoreProcessor(ring, new FakeStore(), WaitMode.PARK, true, lastResort));
        stage =
                new StageProcessor(
                        ring, acknowledgements.sequence(), new Noting(), WaitMode.PARK, lastResort);
        behind =
                new StageProcessor(
                        ring,
                        stage.getSequence(),
                        (event, sequence, endOfBatch) -> seenBehind.add(sequence),
                        WaitMode.PARK,
                        lastResort);
        stage.isFollowedBy(behind);
        signals.stages(stage, behind);
        acknowledgements.start(0);
        acknowledgements.tellLazily(new Sequence());
        acknowledgements.tellEagerly();
        thread = new Thread(stage, "stage");
        thread.start();
        threadBehind = new Thread(behind, "behind");
        threadBehind.start();
    }

    @AfterEach
    void stop() throws Exception {
        gate.countDown();
        stage.halt();
        thread.join();
        behind.halt();
        threadBehind.join();
        assertThat(stage.isRunning()).isFalse();
    }

    @Test
    void waitsForTheAcknowledgementAndHandsOn() {
        publish();
        publish();
        awaitParked(thread);
        assertThat(seen).isEmpty();

        acknowledgements.durable(1);
        awaitBehind(0L);
        awaitParked(thread);
        awaitParked(threadBehind);
        acknowledgements.durable(2);

        awaitBehind(0L, 1L);
        assertThat(seen).containsExactly(0L, 1L);
        assertThat(stage.getSequence().get()).isEqualTo(1);
    }

    @Test
    void passesOverWhatIsDone() {
        done = true;
        publish();
        publish();

        acknowledgements.durable(2);

        awaitBehind(0L, 1L);
        assertThat(seen).isEmpty();
    }

    @Test
    void followsTheRingWhenTheLogHasFailed() {
        awaitParked(thread);
        acknowledgements.failed(new LogClosedException());
        final long claimed = ring.next();
        publish();
        awaitParked(thread);
        assertThat(seen).isEmpty();

        ring.publish(claimed);

        awaitBehind(0L, 1L);
    }

    @Test
    void endsBehindTheEntryItIsAt() throws Exception {
        gate = new CountDownLatch(1);
        publish();
        publish();
        acknowledgements.durable(2);
        Eventually.isTrue("it is at the first", () -> seen.size() == 1);

        stage.halt();
        gate.countDown();
        thread.join();

        assertThat(seen).containsExactly(0L);
        assertThat(stage.getSequence().get()).isZero();
    }

    @Test
    void goesOnBehindAnEntryThatItsStageFailedAt() {
        for (int i = 0; i < 5; i++) {
            publish();
        }

        acknowledgements.durable(5);

        awaitBehind(0L, 1L, 2L, 3L, 4L);
        assertThat(acknowledgements.failure()).hasStackTraceContaining("a careless stage");
    }

    private void publish() {
        ring.publish(ring.next());
    }

    private void awaitBehind(final Long... sequences) {
        Eventually.isTrue(
                () -> "handed on: " + seenBehind, () -> seenBehind.equals(List.of(sequences)));
    }

    private static void awaitParked(final Thread thread) {
        LockSupport.parkNanos(1_000_000);
        FakeLog.awaitWaiting(thread);
    }
}
