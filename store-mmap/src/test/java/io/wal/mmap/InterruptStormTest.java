package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.AppendClaim;
import io.wal.Durability;
import io.wal.WriteAheadLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Producers are interrupted all the time, and the completions interrupt the thread they are called
 * on, while the log rolls: on real files, since an interrupt closes a channel that is in use.
 */
@Timeout(120)
class InterruptStormTest {
    private static final int PRODUCER_COUNT = 3;
    private static final int ENTRIES_EACH = 600;

    @TempDir Path temporary;

    private final Map<Long, String> returned = new ConcurrentHashMap<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean done = new AtomicBoolean();

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void everyAppendReturnsAndIsKept(final WriteMode mode) throws Exception {
        if (mode == WriteMode.DIRECT) {
            DirectWriting.assumeSupported(temporary);
        }
        final LogFixture fixture =
                new LogFixture(temporary.resolve("log"))
                        .store(context -> context.writeMode(mode).maxSpareSegments(2))
                        .wal(context -> context.ringCapacity(16));
        try (WriteAheadLog log = fixture.open()) {
            final List<Thread> producers = new ArrayList<>();
            for (int i = 0; i < PRODUCER_COUNT; i++) {
                final int number = i;
                producers.add(new Thread(() -> produce(log, number)));
            }
            final Thread storm = new Thread(() -> storm(producers));
            producers.forEach(Thread::start);
            storm.start();
            for (final Thread producer : producers) {
                producer.join();
            }
            done.set(true);
            storm.join();

            assertThat(failure.get()).isNull();
            assertThat(log.failure()).isNull();
            returned.put(LogFixture.append(log, "last"), "last");
        }
        assertThat(returned).as("each has an LSN of its own").hasSize(totalCount() + 1);
        assertThat(fixture.recoverAll()).isEqualTo(expected());
    }

    private static int totalCount() {
        return PRODUCER_COUNT * ENTRIES_EACH;
    }

    private List<String> expected() {
        final List<String> entries = new ArrayList<>();
        new TreeMap<>(returned).forEach((lsn, text) -> entries.add(lsn + " DATA " + text));
        return entries;
    }

    /** Each form of appending in turn; every one begins with the thread interrupted. */
    private void produce(final WriteAheadLog log, final int number) {
        final AppendClaim claim = new AppendClaim();
        try {
            for (int i = 0; i < ENTRIES_EACH; i++) {
                final String text = "producer " + number + " entry " + i;
                final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                final UnsafeBuffer payload = new UnsafeBuffer(bytes);
                Thread.currentThread().interrupt();
                final long lsn =
                        switch (i % 4) {
                            case 0 ->
                                    log.append(
                                            payload,
                                            0,
                                            bytes.length,
                                            Durability.FORCED,
                                            (entry, e) -> Thread.currentThread().interrupt());
                            case 1 ->
                                    log.appendAndAwait(payload, 0, bytes.length, Durability.FORCED);
                            case 2 -> claimed(log, claim, payload);
                            default -> {
                                final long written =
                                        log.append(
                                                payload, 0, bytes.length, Durability.WRITTEN, null);
                                log.flush();
                                yield written;
                            }
                        };
                assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
                assertThat(returned.put(lsn, text)).isNull();
            }
        } catch (final Throwable t) {
            failure.compareAndSet(null, t);
        }
    }

    private static long claimed(
            final WriteAheadLog log, final AppendClaim claim, final UnsafeBuffer payload) {
        long lsn;
        do {
            lsn = log.tryClaim(payload.capacity(), Durability.FORCED, null, claim);
        } while (lsn == WriteAheadLog.BACK_PRESSURED);
        claim.buffer().putBytes(claim.offset(), payload, 0, payload.capacity());
        claim.commit();
        return lsn;
    }

    private void storm(final List<Thread> producers) {
        while (!done.get()) {
            producers.forEach(Thread::interrupt);
            Thread.onSpinWait();
        }
    }
}
