package io.wal.jmh.peers;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.jmh.journal.JournalDescriptor;
import io.wal.jmh.journal.JournalSettings;
import io.wal.jmh.journal.JournalUnderTest;
import io.wal.jmh.journal.JournalUnderTest.Producer;
import io.wal.jmh.journal.Journals;
import io.wal.jmh.load.Payload;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every peer holds, after it was closed and opened again, what it acknowledged. */
@Timeout(120)
final class PeersTest {
    private static final int PAYLOAD_LENGTH = 200;
    private static final int COUNT = 300;

    @TempDir private Path directory;

    static Stream<String> names() {
        return Journals.all().stream()
                .filter(journal -> journal.kind() == JournalDescriptor.Kind.PEER)
                .map(JournalDescriptor::name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void holdsWhatALoneProducerWasAcknowledged(final String name) throws Exception {
        run(name, JournalSettings.forced(PAYLOAD_LENGTH, 1, 1));
    }

    @ParameterizedTest
    @MethodSource("names")
    void holdsWhatBlockingProducersWereAcknowledged(final String name) throws Exception {
        run(name, JournalSettings.forced(PAYLOAD_LENGTH, 4, 4));
    }

    @ParameterizedTest
    @MethodSource("names")
    void holdsWhatPipelinedProducersWereAcknowledged(final String name) throws Exception {
        run(name, JournalSettings.forced(PAYLOAD_LENGTH, 2, 64));
    }

    private void run(final String name, final JournalSettings settings) throws Exception {
        final ExecutorService executor = Executors.newFixedThreadPool(settings.producers());
        try (JournalUnderTest journal = Journals.named(name).create(settings)) {
            journal.open(directory);
            final List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < settings.producers(); i++) {
                final int number = i;
                tasks.add(
                        () -> {
                            append(journal, settings, number);
                            return null;
                        });
            }
            for (final Future<Void> future : executor.invokeAll(tasks)) {
                future.get();
            }
        } finally {
            executor.shutdown();
        }
        assertHolds(name, settings);
    }

    private static void append(
            final JournalUnderTest journal, final JournalSettings settings, final int number) {
        final Producer producer = journal.producer();
        final Payload payload = new Payload(PAYLOAD_LENGTH, number);
        long ticket = Long.MIN_VALUE;
        for (int i = 0; i < COUNT; i++) {
            if (settings.isBlocking()) {
                producer.appendAndAwait(payload.number(i), 0, PAYLOAD_LENGTH);
            } else {
                final long before = ticket;
                ticket = producer.append(payload.number(i), 0, PAYLOAD_LENGTH);
                assertThat(ticket).isGreaterThan(before);
            }
        }
        while (producer.acknowledged() < ticket) {
            Thread.onSpinWait();
        }
    }

    private void assertHolds(final String name, final JournalSettings settings) throws Exception {
        final int producers = settings.producers();
        final Payload[] expected = new Payload[producers];
        final long[] next = new long[producers];
        for (int i = 0; i < producers; i++) {
            expected[i] = new Payload(PAYLOAD_LENGTH, i);
        }
        try (JournalUnderTest journal = Journals.named(name).create(settings)) {
            journal.open(directory);
            final long count =
                    journal.replay(
                            (buffer, offset, length) -> {
                                final int producer = Payload.producerOf(buffer.getLong(offset));
                                assertThat(producer).isBetween(0, producers - 1);
                                assertThat(
                                                expected[producer].matches(
                                                        buffer, offset, length, next[producer]++))
                                        .as("payload %d of producer %d", next[producer], producer)
                                        .isTrue();
                            });
            assertThat(count).isEqualTo((long) producers * COUNT);
        }
    }
}
