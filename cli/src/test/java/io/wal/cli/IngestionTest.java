package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.LogFullException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How appending ends when something fails while the input goes on, or is silent. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class IngestionTest {
    @TempDir private Path directory;

    @Test
    void manyEntriesAreAcknowledgedInOrder() {
        final int count = 300_000;
        final String input =
                IntStream.range(0, count).mapToObj(i -> i + "\n").collect(Collectors.joining());

        final Cli.Result append =
                new Cli().feed(input, "append", "--acks", directory.resolve("log").toString());

        assertThat(append.exitCode()).isZero();
        assertThat(append.text())
                .isEqualTo(
                        IntStream.rangeClosed(1, count)
                                .mapToObj(i -> i + "\n")
                                .collect(Collectors.joining()));
        assertThat(append.talk())
                .startsWith("appended " + count + " entries, LSN 1 to " + count + ", ");
    }

    @Test
    void closedOutputEndsItThoughTheInputIsSilent() throws IOException {
        final CountDownLatch silence = new CountDownLatch(1);
        final StubStore store = new StubStore((self, progress) -> silence.await());

        try (PipedOutputStream producer = new PipedOutputStream()) {
            final PipedInputStream pipe = new PipedInputStream(producer);
            producer.write("a\nb\n".getBytes(StandardCharsets.US_ASCII));
            final InputStream in =
                    new FilterInputStream(pipe) {
                        @Override
                        public int read(final byte[] bytes, final int offset, final int length)
                                throws IOException {
                            if (available() == 0) {
                                silence.countDown(); // all before it was appended
                            }
                            return super.read(bytes, offset, length);
                        }
                    };

            final Cli.Result append =
                    cli(store).run(in, new BrokenOutput("Broken pipe"), "append", "--acks", "x");

            assertThat(append.exitCode()).isEqualTo(1);
            assertThat(append.talk())
                    .contains(
                            "wal: standard output was closed; no more input was read, and what was appended before is durable\n")
                    .contains("appended 2 entries")
                    .doesNotContain("\tat ");
        }
        assertThat(store.committedLsn()).isEqualTo(2);
    }

    @Test
    void outputThatCannotBeWrittenIsTold() {
        final StubStore store = new StubStore((self, progress) -> {});

        final Cli.Result append =
                cli(store)
                        .run(
                                new ByteArrayInputStream(new byte[] {'a'}),
                                new BrokenOutput("No space left on device"),
                                "append",
                                "--acks",
                                "x");

        assertThat(append.exitCode()).isEqualTo(1);
        assertThat(append.talk())
                .contains("cannot write to standard output: No space left on device");
    }

    @Test
    void failureOfTheLogEndsItThoughTheInputIsSilent() throws IOException {
        final AtomicInteger commits = new AtomicInteger();
        final StubStore store =
                new StubStore(
                        (self, progress) -> {
                            if (commits.incrementAndGet() == 2) {
                                throw new IOException("Input/output error");
                            }
                        });
        final ByteArrayOutputStream out = new ByteArrayOutputStream();

        try (PipedOutputStream producer = new PipedOutputStream()) {
            final InputStream in = new PipedInputStream(producer);
            producer.write("a\n".getBytes(StandardCharsets.US_ASCII));
            final OutputStream second =
                    new OutputStream() {
                        @Override
                        public void write(final int b) throws IOException {
                            out.write(b);
                        }

                        @Override
                        public void flush() throws IOException {
                            producer.write("b\n".getBytes(StandardCharsets.US_ASCII));
                            producer.flush();
                        }
                    };

            final Cli.Result append = cli(store).run(in, second, "append", "--acks", "x");

            assertThat(append.exitCode()).isEqualTo(5);
            assertThat(append.talk())
                    .contains("the last surely durable LSN is 1")
                    .contains("Input/output error")
                    .contains("appended 2 entries, acknowledged 1");
        }
        assertThat(out.toString(StandardCharsets.US_ASCII)).isEqualTo("1\n");
    }

    @Test
    void fullStorageEndsItThoughTheInputIsSilent() throws IOException {
        final LogFullException full =
                new LogFullException(
                        "/disk", "prepare", new IOException("No space left on device"));
        final StubStore store =
                new StubStore(
                        (self, progress) -> {
                            progress.stalled(full);
                            while (!self.isAbandoned()) {
                                Thread.onSpinWait();
                            }
                            throw full;
                        });

        try (PipedOutputStream producer = new PipedOutputStream()) {
            final InputStream in = new PipedInputStream(producer);
            producer.write("a\n".getBytes(StandardCharsets.US_ASCII));

            final Cli.Result append =
                    cli(store).run(in, new ByteArrayOutputStream(), "append", "--acks", "x");

            assertThat(append.exitCode()).isEqualTo(5);
            assertThat(append.talk()).contains("No space left on device").contains("make room");
        }
    }

    @Test
    void failureWhileACheckpointIsFinalizedIsNotCalledFinalized() {
        final StubStore store =
                new StubStore(
                        (self, progress) -> {
                            throw new IOException("Input/output error");
                        });

        final Cli.Result checkpoint = cli(store).feed("a\n", "checkpoint", "x");

        assertThat(checkpoint.exitCode()).isEqualTo(5);
        assertThat(checkpoint.talk()).contains("discarded").doesNotContain("finalized");
    }

    private static Cli cli(final StubStore store) {
        return new Cli(text -> store.address());
    }

    private static final class BrokenOutput extends OutputStream {
        private final String reason;

        BrokenOutput(final String reason) {
            this.reason = reason;
        }

        @Override
        public void write(final int b) throws IOException {
            throw new IOException(reason);
        }
    }
}
