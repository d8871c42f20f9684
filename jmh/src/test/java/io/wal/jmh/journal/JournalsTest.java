package io.wal.jmh.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.jmh.journal.JournalUnderTest.Producer;
import io.wal.jmh.load.Payload;
import java.nio.file.Path;
import java.time.Duration;
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

/** Every journal of this module appends, acknowledges, and holds what it acknowledged. */
@Timeout(60)
final class JournalsTest {
    private static final int PAYLOAD_LENGTH = 200;
    private static final int COUNT = 300;
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    @TempDir private Path directory;

    static Stream<String> names() {
        return Journals.ours().stream().map(JournalDescriptor::name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void holdsWhatALoneProducerWasAcknowledged(final String name) throws Exception {
        final JournalSettings settings = JournalSettings.forced(PAYLOAD_LENGTH, 1, 1);

        final long forces;
        try (JournalUnderTest journal = Journals.named(name).create(settings)) {
            journal.open(directory);
            appendBlocking(journal, 0);
            forces = journal.forceCount();
        }

        assertThat(forces).isGreaterThanOrEqualTo(COUNT);
        assertHolds(name, settings, 1);
    }

    @ParameterizedTest
    @MethodSource("names")
    void holdsWhatBlockingProducersWereAcknowledged(final String name) throws Exception {
        final JournalSettings settings = JournalSettings.forced(PAYLOAD_LENGTH, 4, 4);

        runProducers(name, settings, JournalsTest::appendBlocking);

        assertHolds(name, settings, 4);
    }

    @ParameterizedTest
    @MethodSource("names")
    void holdsWhatPipelinedProducersWereAcknowledged(final String name) throws Exception {
        final JournalSettings settings = JournalSettings.forced(PAYLOAD_LENGTH, 2, 64);

        runProducers(name, settings, JournalsTest::appendPipelined);

        assertHolds(name, settings, 2);
    }

    @ParameterizedTest
    @MethodSource("names")
    void goesOnAfterATrim(final String name) throws Exception {
        final JournalSettings settings = JournalSettings.forced(PAYLOAD_LENGTH, 2, 64);

        try (JournalUnderTest journal = Journals.named(name).create(settings)) {
            journal.open(directory);
            appendPipelined(journal, 0);
            journal.trim();
            appendPipelined(journal, 1);
        }
    }

    private interface Load {
        void run(JournalUnderTest journal, int producer);
    }

    private void runProducers(final String name, final JournalSettings settings, final Load load)
            throws Exception {
        final ExecutorService executor = Executors.newFixedThreadPool(settings.producers());
        try (JournalUnderTest journal = Journals.named(name).create(settings)) {
            journal.open(directory);
            final List<Callable<Void>> tasks = new ArrayList<>();
            for (int i = 0; i < settings.producers(); i++) {
                final int producer = i;
                tasks.add(
                        () -> {
                            load.run(journal, producer);
                            return null;
                        });
            }
            for (final Future<Void> future : executor.invokeAll(tasks)) {
                future.get();
            }
        } finally {
            executor.shutdown();
        }
    }

    private static void appendBlocking(final JournalUnderTest journal, final int number) {
        final Producer producer = journal.producer();
        final Payload payload = new Payload(PAYLOAD_LENGTH, number);
        for (int i = 0; i < COUNT; i++) {
            producer.appendAndAwait(payload.number(i), 0, PAYLOAD_LENGTH);
        }
    }

    private static void appendPipelined(final JournalUnderTest journal, final int number) {
        final Producer producer = journal.producer();
        final Payload payload = new Payload(PAYLOAD_LENGTH, number);
        long ticket = Long.MIN_VALUE;
        for (int i = 0; i < COUNT; i++) {
            final long before = ticket;
            ticket = producer.append(payload.number(i), 0, PAYLOAD_LENGTH);
            assertThat(ticket).isGreaterThan(before);
        }
        final long deadlineNs = System.nanoTime() + DEADLINE.toNanos();
        while (producer.acknowledged() < ticket) {
            assertThat(System.nanoTime()).as("acknowledged in time").isLessThan(deadlineNs);
            Thread.onSpinWait();
        }
    }

    /** Every producer's payloads, each whole, in the order they were appended. */
    private void assertHolds(final String name, final JournalSettings settings, final int producers)
            throws Exception {
        final Payload[] expected = new Payload[producers];
        final long[] next = new long[producers];
        for (int i = 0; i < producers; i++) {
            expected[i] = new Payload(PAYLOAD_LENGTH, i);
        }
        final boolean isScan = name.equals(Journals.FLOOR_SCAN); // which looks at no payload
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
        for (final long count : next) {
            assertThat(count).isEqualTo(isScan ? 0 : COUNT);
        }
    }
}
