package io.wal;

import static org.assertj.core.api.Assertions.assertThat;

import com.lmax.disruptor.RingBuffer;
import io.wal.metrics.CommitMeter;
import io.wal.store.AppendEvent;
import org.junit.jupiter.api.Test;

class AcknowledgementsTest {
    @Test
    void acknowledgementsNeverComeBackFromAFailure() {
        final Signals signals = new Signals();
        final Acknowledgements acknowledgements =
                new Acknowledgements(
                        RingBuffer.createMultiProducer(() -> new AppendEvent(64), 2, signals),
                        signals,
                        CommitMeter.silent("fake"));
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
}
