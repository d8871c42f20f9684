package io.wal.mmap;

import io.wal.LogReader;
import io.wal.LogTrimmedException;
import io.wal.WriteAheadLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A writer that takes checkpoints so often that its segments are released and used again under two
 * readers. One reads as fast as it can. The other reads a few entries and rests with its segment
 * open until what comes next is no longer held, so it is overtaken however fast the machine is.
 * Each entry holds its own LSN; whatever a reader delivers must be whole and in turn, or be said to
 * be gone.
 */
final class ReaderBesideWriter {
    private static final long LONGEST_MS = 120_000;
    private static final long REST_NS = 200_000;

    private final LogFixture fixture;
    private final long durationMs;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicLong trimmedCount = new AtomicLong();
    private final AtomicLong readCount = new AtomicLong();
    private long startNs;

    ReaderBesideWriter(final Path directory, final WriteMode writeMode, final long durationMs) {
        fixture =
                new LogFixture(directory)
                        .segmentLength(8 << 10)
                        .store(context -> context.writeMode(writeMode).maxSpareSegments(2));
        this.durationMs = durationMs;
    }

    /** In a process of its own, to run it with other options of the JVM. */
    public static void main(final String[] arguments) throws Exception {
        System.out.println(
                new ReaderBesideWriter(
                                Path.of(arguments[0]),
                                WriteMode.valueOf(arguments[1]),
                                Long.parseLong(arguments[2]))
                        .run());
    }

    /** Says what was done; throws what went wrong. */
    String run() throws Exception {
        try (WriteAheadLog log = fixture.open()) {
            startNs = System.nanoTime();
            final Thread fast = new Thread(() -> read(log, false));
            final Thread resting = new Thread(() -> read(log, true));
            fast.start();
            resting.start();
            write(log);
            fast.join();
            resting.join();
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
        if (!wasTried()) {
            throw new AssertionError("read " + readCount + ", overtaken " + trimmedCount);
        }
        return "ok";
    }

    private boolean wasTried() {
        return readCount.get() > 0 && trimmedCount.get() > 0;
    }

    /** For the time that was asked for, and on a slow machine until all of it was tried. */
    private boolean goesOn() {
        final long elapsedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
        return failure.get() == null
                && (elapsedMs < durationMs || !wasTried() && elapsedMs < LONGEST_MS);
    }

    private void write(final WriteAheadLog log) {
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[256]);
        for (int i = 1; goesOn(); i++) {
            final int length = payload.putStringWithoutLengthUtf8(0, contentOf(log.lastLsn() + 1));
            log.append(payload, 0, length);
            if (i % 50 == 0) {
                log.flush();
            }
            if (i % 150 == 0) {
                LogFixture.checkpoint(log, contentOf(log.lastLsn() + 1));
            }
        }
        log.flush();
    }

    private void read(final WriteAheadLog log, final boolean rests) {
        try {
            while (goesOn()) {
                readUntilOvertaken(log, rests);
            }
        } catch (final Throwable t) {
            failure.compareAndSet(null, t);
        }
    }

    private void readUntilOvertaken(final WriteAheadLog log, final boolean rests) {
        try (LogReader reader = log.reader(Math.max(1, log.durableLsn() - 100))) {
            while (goesOn()) {
                final int count =
                        reader.poll(
                                (lsn, kind, buffer, offset, length) ->
                                        check(lsn, buffer, offset, length),
                                5);
                readCount.addAndGet(count);
                if (rests && count > 0) {
                    restUntilReleased(log, reader.nextLsn());
                }
            }
        } catch (final LogTrimmedException e) {
            trimmedCount.incrementAndGet();
        }
    }

    /** Rests until a new reader could not begin at the LSN. */
    private void restUntilReleased(final WriteAheadLog log, final long lsn) {
        try {
            while (goesOn()) {
                log.reader(lsn).close();
                LockSupport.parkNanos(REST_NS);
            }
        } catch (final LogTrimmedException e) {
            // as it was to be
        }
    }

    private static void check(
            final long lsn, final DirectBuffer buffer, final int offset, final int length) {
        final byte[] bytes = new byte[length];
        buffer.getBytes(offset, bytes);
        final String content = new String(bytes, StandardCharsets.UTF_8);
        if (!content.equals(contentOf(lsn))) {
            throw new AssertionError("LSN " + lsn + " delivered as: " + content);
        }
    }

    private static String contentOf(final long lsn) {
        return lsn + " ".repeat((int) (lsn % 200)) + lsn;
    }
}
