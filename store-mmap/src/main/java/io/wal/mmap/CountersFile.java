package io.wal.mmap;

import io.wal.UnsupportedFormatException;
import io.wal.inspect.CounterReport;
import io.wal.metrics.LogCounter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersReader;

/** Reads the counters file of a log by position, whether or not somebody writes it meanwhile. */
final class CountersFile {
    private static final int MOST_TRIES = 10_000;
    private static final int SAME_TICKS = 200;
    private static final long PAUSE_NS = 1_000_000;

    private CountersFile() {}

    /** What the file says; null when there is none, or it is half made. */
    static CounterReport read(final LogDirectory directory) throws IOException {
        final ByteBuffer bytes = ByteBuffer.allocateDirect(CountersDescriptor.FILE_LENGTH);
        final UnsafeBuffer buffer = new UnsafeBuffer(bytes);
        try (DiskFile file =
                directory
                        .disk()
                        .open(directory.resolve(LogDirectory.COUNTERS), Disk.OpenMode.READ)) {
            if (!readWhole(file, bytes, buffer)) {
                return null;
            }
        } catch (final NoSuchFileException e) {
            return null;
        }
        return report(directory, buffer);
    }

    /**
     * Until nothing was put while it was read: the tick is even, and the same before and after. One
     * that stays odd is of a writer that died.
     */
    private static boolean readWhole(
            final DiskFile file, final ByteBuffer bytes, final UnsafeBuffer buffer)
            throws IOException {
        final ByteBuffer header = ByteBuffer.allocateDirect(CountersDescriptor.HEADER_LENGTH);
        int sameOddCount = 0;
        long before = tick(file, header);
        for (int tries = 0; tries < MOST_TRIES && sameOddCount < SAME_TICKS; tries++) {
            final int length = file.read(bytes.clear(), 0);
            if (length < CountersDescriptor.HEADER_LENGTH
                    || CountersDescriptor.magic(buffer) != CountersDescriptor.MAGIC
                    || CountersDescriptor.version(buffer) == CountersDescriptor.VERSION
                            && !CountersDescriptor.isWithin(buffer, length)) {
                return false;
            }
            final long after = tick(file, header);
            if (before == after && (after & 1) == 0) {
                return true;
            }
            if (before == after) { // its writer has lost its processor, or is dead
                sameOddCount++;
                LockSupport.parkNanos(PAUSE_NS);
            } else {
                sameOddCount = 0;
            }
            before = after;
        }
        return true;
    }

    private static long tick(final DiskFile file, final ByteBuffer header) throws IOException {
        file.read(header.clear(), 0);
        return CountersDescriptor.tick(new UnsafeBuffer(header));
    }

    private static CounterReport report(final LogDirectory directory, final UnsafeBuffer buffer)
            throws IOException {
        final Path path = directory.resolve(LogDirectory.COUNTERS);
        if (CountersDescriptor.version(buffer) != CountersDescriptor.VERSION) {
            throw new UnsupportedFormatException(
                    path.toString(),
                    CountersDescriptor.version(buffer),
                    CountersDescriptor.VERSION);
        }
        final Map<LogCounter, Long> values = new EnumMap<>(LogCounter.class);
        new CountersReader(CountersDescriptor.metadata(buffer), CountersDescriptor.values(buffer))
                .forEach(
                        (value, id, label) -> {
                            if (id < LogCounter.ALL.size()) {
                                values.put(LogCounter.ALL.get(id), value);
                            }
                        });
        return new CounterReport(
                directory.path().toString(),
                CountersDescriptor.generation(buffer),
                CountersDescriptor.process(buffer),
                Instant.ofEpochMilli(CountersDescriptor.openedMs(buffer)),
                Instant.ofEpochMilli(CountersDescriptor.changedMs(buffer)),
                writer(directory, buffer, values),
                Map.copyOf(values));
    }

    private static CounterReport.Writer writer(
            final LogDirectory directory,
            final UnsafeBuffer buffer,
            final Map<LogCounter, Long> values)
            throws IOException {
        if (values.getOrDefault(LogCounter.CLOSED, 0L) != 0) {
            return CounterReport.Writer.CLOSED;
        }
        final Control control = directory.readControl();
        final OwnerRecord owner =
                OwnerRecord.read(directory.disk(), directory.resolve(LogDirectory.OWNER));
        return control != null
                        && control.logId() == CountersDescriptor.logId(buffer)
                        && control.generation() == CountersDescriptor.generation(buffer)
                        && owner != null
                        && owner.pid() == CountersDescriptor.process(buffer)
                        && owner.mayBeAlive()
                ? CounterReport.Writer.RUNNING
                : CounterReport.Writer.GONE;
    }
}
