package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AckWriterTest {
    @Test
    void printsEachLsnOnceAndInOrder() {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final AckWriter acks = new AckWriter(out, 41, () -> {});
        acks.start();

        acks.acknowledged(42);
        acks.acknowledged(45);
        acks.acknowledged(100_000);
        acks.finish(() -> false);

        assertThat(out.toString(StandardCharsets.US_ASCII))
                .isEqualTo(
                        LongStream.rangeClosed(42, 100_000)
                                .mapToObj(lsn -> lsn + "\n")
                                .collect(Collectors.joining()));
    }

    @Test
    void flushesWhatIsAcknowledgedWithoutWaitingForMore() throws InterruptedException {
        final CountDownLatch flushed = new CountDownLatch(1);
        final ByteArrayOutputStream out =
                new ByteArrayOutputStream() {
                    @Override
                    public void flush() {
                        flushed.countDown();
                    }
                };
        final AckWriter acks = new AckWriter(out, 0, () -> {});
        acks.start();

        acks.acknowledged(3);

        assertThat(flushed.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("1\n2\n3\n");
        acks.finish(() -> false);
    }

    @Test
    void tellsAtOnceThatTheOutputIsBroken() throws InterruptedException {
        final CountDownLatch broken = new CountDownLatch(1);
        final OutputStream out =
                new OutputStream() {
                    @Override
                    public void write(final int b) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                };
        final AckWriter acks = new AckWriter(out, 0, broken::countDown);
        acks.start();

        acks.acknowledged(1);

        assertThat(broken.await(10, TimeUnit.SECONDS)).isTrue();
        acks.acknowledged(2);
        acks.finish(() -> false);
        assertThat(acks.failure().isClosedPipe()).isTrue();
    }

    @Test
    void givesUpOnAnOutputThatTakesNothing() throws InterruptedException {
        final CountDownLatch release = new CountDownLatch(1);
        final OutputStream out =
                new OutputStream() {
                    @Override
                    public void write(final int b) {
                        try {
                            release.await();
                        } catch (final InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                };
        final AckWriter acks = new AckWriter(out, 0, () -> {});
        acks.start();

        acks.acknowledged(1);
        acks.finish(() -> true); // returns

        release.countDown();
        acks.finish(() -> false);
    }
}
