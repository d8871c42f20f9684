package io.wal.mmap;

import io.wal.Checkpoint;
import io.wal.Durability;
import io.wal.WriteAheadLog;
import java.io.DataOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A process to be killed: several producers append for ever, with both durabilities, while
 * checkpoints are taken. Whatever it was promised it tells at once, in records of three numbers.
 */
final class AppendingProcess {
    /** Recovered and ready. Then: the last LSN recovered; 0. */
    static final long READY = 1;

    /** An entry was acknowledged. Then: its LSN; its key. */
    static final long ACKNOWLEDGED = 2;

    /** A checkpoint is about to be finalized. Then: its start LSN; 0. */
    static final long FINALIZING = 3;

    /** A checkpoint was finalized. Then: its start LSN; 0. */
    static final long FINALIZED = 4;

    private static final int PRODUCER_COUNT = 3;

    /** Longer than any test: the process must not outlive one that forgot it. */
    private static final long LONGEST_NS = Duration.ofMinutes(2).toNanos();

    private final DataOutputStream out =
            new DataOutputStream(new FileOutputStream(FileDescriptor.out)); // not buffered
    private final WriteAheadLog log;
    private final long incarnation;

    private AppendingProcess(final WriteAheadLog log, final long incarnation) {
        this.log = log;
        this.incarnation = incarnation;
    }

    public static void main(final String[] arguments) throws Exception {
        final LogFixture fixture = fixture(Path.of(arguments[0]), WriteMode.valueOf(arguments[1]));
        final WriteAheadLog log = fixture.open();
        log.recover((lsn, kind, buffer, offset, length) -> {});
        new AppendingProcess(log, Long.parseLong(arguments[2])).run();
    }

    static LogFixture fixture(final Path directory, final WriteMode writeMode) {
        return new LogFixture(directory)
                .segmentLength(32 << 10)
                .store(context -> context.writeMode(writeMode).maxSpareSegments(2))
                .wal(context -> context.ringCapacity(64).forceInterval(Duration.ofMillis(5)));
    }

    /** What tells each entry from all others, of all processes. */
    static long keyOf(final long incarnation, final int producer, final long number) {
        return incarnation << 40 | (long) producer << 32 | number;
    }

    /** The payload of an entry: its key, then bytes that follow from it. */
    static int putPayload(final UnsafeBuffer buffer, final long key) {
        final int length = Long.BYTES + (int) Math.floorMod(key * 0x9E37_79B9_7F4A_7C15L, 900L);
        buffer.putLong(0, key);
        for (int i = Long.BYTES; i < length; i++) {
            buffer.putByte(i, (byte) (key * 31 + i));
        }
        return length;
    }

    private void run() throws Exception {
        tell(READY, log.lastLsn(), 0);
        for (int i = 0; i < PRODUCER_COUNT; i++) {
            final int producer = i;
            new Thread(() -> produce(producer)).start();
        }
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[1024]);
        final long startNs = System.nanoTime();
        for (long number = 1; System.nanoTime() - startNs < LONGEST_NS; number++) {
            final long waitFor = log.lastLsn() + 300;
            while (log.durableLsn() < waitFor) {
                Thread.onSpinWait();
            }
            final Checkpoint checkpoint = log.startCheckpoint();
            checkpoint.append(
                    payload, 0, putPayload(payload, keyOf(incarnation, PRODUCER_COUNT, number)));
            tell(FINALIZING, checkpoint.startLsn(), 0);
            checkpoint.finalizeCheckpoint();
            tell(FINALIZED, checkpoint.startLsn(), 0);
        }
        System.exit(1);
    }

    private void produce(final int producer) {
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[1024]);
        for (long number = 1; ; number++) {
            final long key = keyOf(incarnation, producer, number);
            log.append(
                    payload,
                    0,
                    putPayload(payload, key),
                    number % 3 == 0 ? Durability.WRITTEN : Durability.FORCED,
                    (lsn, failure) -> {
                        if (failure == null) {
                            tell(ACKNOWLEDGED, lsn, key);
                        }
                    });
        }
    }

    private synchronized void tell(final long what, final long lsn, final long key) {
        try {
            final byte[] record = new byte[3 * Long.BYTES];
            final UnsafeBuffer buffer = new UnsafeBuffer(record);
            buffer.putLong(0, what);
            buffer.putLong(Long.BYTES, lsn);
            buffer.putLong(2 * Long.BYTES, key);
            out.write(record); // one write: whole, or not at all
        } catch (final IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
