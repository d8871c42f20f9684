package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.WriteAheadLog;
import io.wal.inspect.LogReport;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kills a process that appends, at a random moment, again and again on the same directory: while it
 * appends, rolls, takes checkpoints, and also while it recovers from the kill before. Everything
 * that was acknowledged is there, in its place, and nothing that was never appended.
 */
class KilledProcessTest {
    private static final long BOUNDED_NS = TimeUnit.SECONDS.toNanos(7);
    private static final int MOST_VAIN_ROUNDS = 50; // a slow machine may be killed before it speaks
    private static final int LONG_ROUNDS = Integer.getInteger("wal.test.killRounds", 300);
    private static final int LONGEST_LIFE_MS = 500;

    @TempDir Path temporary;

    /** By LSN, the key that it was acknowledged with; what a checkpoint covers is left out. */
    private final TreeMap<Long, Long> acknowledged = new TreeMap<>();

    /** By LSN, what was recovered once and so must be for ever. */
    private final TreeMap<Long, Long> recovered = new TreeMap<>();

    private final long seed = Long.getLong("wal.test.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private Path directory;
    private long finalizedStartLsn = 1;
    private long greatestStartLsn = 1;
    private int acknowledgedCount;

    @BeforeEach
    void setUp() {
        directory = temporary.resolve("log");
    }

    @ParameterizedTest
    @EnumSource(WriteMode.class)
    void losesNothingThatWasAcknowledged(final WriteMode mode) throws Exception {
        assumeSupported(mode);
        final long startNs = System.nanoTime();
        int rounds = 0;
        while (rounds < 3
                || acknowledgedCount == 0 && rounds < MOST_VAIN_ROUNDS
                || System.nanoTime() - startNs < BOUNDED_NS) {
            killOnce(mode, ++rounds);
        }
        assertThat(acknowledgedCount).as("acknowledged in " + rounds + " rounds").isPositive();
    }

    @Test
    @Tag("long")
    void losesNothingInHundredsOfKills() throws Exception {
        assumeSupported(WriteMode.DIRECT);
        for (int round = 1; round <= LONG_ROUNDS; round++) {
            killOnce(round % 2 == 0 ? WriteMode.DIRECT : WriteMode.MAPPED, round);
        }
        System.out.println(LONG_ROUNDS + " kills, " + acknowledgedCount + " entries acknowledged");
    }

    private void assumeSupported(final WriteMode mode) {
        if (mode == WriteMode.DIRECT) {
            DirectWriting.assumeSupported(temporary);
        }
    }

    private void killOnce(final WriteMode mode, final int round) throws Exception {
        final String context = "round " + round + ", -Dwal.test.seed=" + seed;
        final boolean whileItStarts = random.nextInt(4) == 0;
        final long lifeNs = TimeUnit.MILLISECONDS.toNanos(random.nextInt(LONGEST_LIFE_MS));
        try (ChildJvm child = ChildJvm.start(AppendingProcess.class, directory, mode, round)) {
            final AtomicReference<Throwable> failure = new AtomicReference<>();
            final List<long[]> told = new ArrayList<>();
            final Thread reader =
                    new Thread(
                            () -> {
                                try {
                                    readAll(child.output(), told);
                                } catch (final Throwable t) {
                                    failure.set(t);
                                }
                            });
            reader.start();
            if (!whileItStarts) {
                Await.until(
                        "the process is ready, " + context,
                        () -> {
                            synchronized (told) {
                                return !told.isEmpty() || !child.isAlive();
                            }
                        });
                assertThat(child.isAlive()).as("it opens the log; " + context).isTrue();
            }
            LockSupport.parkNanos(lifeNs);
            child.kill();
            reader.join();
            assertThat(failure.get()).isNull();
            takeNote(told);
        }
        checkCopy(mode, context);
    }

    static void readAll(final InputStream in, final List<long[]> told) throws IOException {
        final byte[] record = new byte[3 * Long.BYTES];
        while (in.readNBytes(record, 0, record.length) == record.length) {
            final ByteBuffer buffer =
                    ByteBuffer.wrap(record).order(java.nio.ByteOrder.nativeOrder());
            synchronized (told) {
                told.add(new long[] {buffer.getLong(), buffer.getLong(), buffer.getLong()});
            }
        }
    }

    private void takeNote(final List<long[]> told) {
        for (final long[] fact : told) {
            final long lsn = fact[1];
            if (fact[0] == AppendingProcess.ACKNOWLEDGED) {
                assertThat(acknowledged.put(lsn, fact[2])).as("LSN " + lsn).isNull();
                acknowledgedCount++;
            } else if (fact[0] == AppendingProcess.FINALIZING) {
                greatestStartLsn = lsn;
            } else if (fact[0] == AppendingProcess.FINALIZED) {
                finalizedStartLsn = lsn;
            }
        }
    }

    /** Looks at a copy, so that the next process recovers from the kill and not from our close. */
    private void checkCopy(final WriteMode mode, final String context) throws IOException {
        if (!Files.exists(directory.resolve(LogDirectory.CONTROL))) {
            assertThat(acknowledged).as(context).isEmpty();
            return;
        }
        final Path copy = temporary.resolve("copy");
        Files.createDirectory(copy);
        LogFixture.write(copy, LogFixture.contentsOf(directory));
        checkRecords(copy, context);
        final Map<Long, Long> delivered = new TreeMap<>();
        final long startLsn;
        try (WriteAheadLog log = AppendingProcess.fixture(copy, mode).open()) {
            startLsn = log.recovered().startLsn();
            final List<Long> lsns = new ArrayList<>();
            log.recover(
                    (lsn, kind, buffer, offset, length) -> {
                        lsns.add(lsn);
                        delivered.put(
                                lsn, keyOf(new UnsafeBuffer(buffer, offset, length), context));
                    });
            assertThat(lsns).as(context).isSorted().doesNotHaveDuplicates();
        }
        assertThat(startLsn).as(context).isBetween(finalizedStartLsn, greatestStartLsn);
        acknowledged.headMap(startLsn).clear();
        recovered.headMap(startLsn).clear();
        assertThat(delivered).as("acknowledged; " + context).containsAllEntriesOf(acknowledged);
        assertThat(delivered).as("recovered before; " + context).containsAllEntriesOf(recovered);
        assertThat(delivered.values()).as(context).doesNotHaveDuplicates();
        recovered.putAll(delivered);
        for (final String name : Disk.REAL.list(copy)) {
            Files.delete(copy.resolve(name));
        }
        Files.delete(copy);
    }

    /** Every record that is held: dense, each producer's entries in order. */
    private static void checkRecords(final Path copy, final String context) {
        final List<Long> lsns = new ArrayList<>();
        final Map<Long, Long> lastByProducer = new HashMap<>();
        try (MmapLogInspector inspector = new MmapLogInspector(copy)) {
            final LogReport report =
                    inspector.visit(
                            1,
                            Long.MAX_VALUE,
                            (segment, at, lsn, kind, buffer, offset, length) -> {
                                if (kind.isEntry()) {
                                    lsns.add(lsn);
                                }
                                if (kind == RecordKind.DATA) {
                                    final long key = buffer.getLong(offset);
                                    final Long before =
                                            lastByProducer.put(key >>> 32, key & 0xFFFF_FFFFL);
                                    assertThat(before == null || before + 1 == (key & 0xFFFF_FFFFL))
                                            .as("order of LSN " + lsn + "; " + context)
                                            .isTrue();
                                }
                            });
            assertThat(report.damages()).as(context).isEmpty();
        }
        for (int i = 1; i < lsns.size(); i++) {
            assertThat(lsns.get(i)).as(context).isEqualTo(lsns.get(0) + i);
        }
    }

    /** The key in a payload, which must follow from it to the last byte. */
    static long keyOf(final UnsafeBuffer payload, final String context) {
        final long key = payload.getLong(0);
        final UnsafeBuffer expected = new UnsafeBuffer(new byte[1024]);
        final int length = AppendingProcess.putPayload(expected, key);
        final UnsafeBuffer whole = new UnsafeBuffer(expected, 0, length);
        assertThat(payload).as(context).isEqualTo(whole);
        return key;
    }
}
