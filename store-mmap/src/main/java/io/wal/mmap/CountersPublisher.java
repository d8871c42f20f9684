package io.wal.mmap;

import io.wal.metrics.CommitMeter;
import io.wal.metrics.LogCounter;
import io.wal.store.OwnThreads;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;
import org.agrona.concurrent.status.CountersManager;

/**
 * Copies the counters of a log into a mapped file, for other processes to read. Never forced.
 *
 * <p>A thread of its own does it, and it alone touches the mapping. The store's thread must not:
 * writing to a mapped page can take as long as the file system likes, just when the disk is busy.
 * This way the counters also go on being published while a force hangs.
 */
final class CountersPublisher {
    private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long STOP_TIMEOUT_NS = 1_000_000_000;

    private final LogDirectory directory;
    private final CommitMeter meter;
    private final DiskMapping mapping;
    private final UnsafeBuffer buffer;
    private final CountersManager counters;
    private final Thread thread;
    private final long[] published = new long[LogCounter.ALL.size()];
    private long tick;
    private volatile boolean stopped;

    private CountersPublisher(
            final LogDirectory directory,
            final Control control,
            final CommitMeter meter,
            final DiskMapping mapping) {
        this.directory = directory;
        this.meter = meter;
        this.mapping = mapping;
        buffer = mapping.buffer();
        CountersDescriptor.putHeader(
                buffer,
                control.logId(),
                control.generation(),
                ProcessHandle.current().pid(),
                System.currentTimeMillis());
        counters =
                new CountersManager(
                        CountersDescriptor.metadata(buffer), CountersDescriptor.values(buffer));
        for (final LogCounter counter : LogCounter.ALL) {
            counters.allocate(counter.label(), counter.ordinal());
        }
        thread = new Thread(this::run, "wal-counters-" + directory.path());
        thread.setDaemon(true);
    }

    /**
     * Begins to publish; the lock is held.
     *
     * @return the publisher, or null when the file cannot be made: the log does without.
     */
    static CountersPublisher begin(
            final LogDirectory directory, final Control control, final CommitMeter meter) {
        DiskMapping mapping = null;
        try {
            remove(directory);
            mapping = create(directory);
            final CountersPublisher publisher =
                    new CountersPublisher(directory, control, meter, mapping);
            publisher.publish(false);
            CountersDescriptor.putMagic(publisher.buffer, CountersDescriptor.MAGIC);
            publisher.thread.start();
            return publisher;
        } catch (final IOException | RuntimeException | Error e) {
            if (mapping != null) {
                mapping.close();
            }
            warn(directory, e);
            return null;
        }
    }

    /** Removes what an earlier writer published; the lock is held. */
    static void remove(final LogDirectory directory) throws IOException {
        directory.disk().delete(directory.resolve(LogDirectory.COUNTERS));
    }

    /** Publishes once more, and stops. A thread that hangs in the file system is left to itself. */
    void close() {
        stopped = true;
        LockSupport.unpark(thread);
        OwnThreads.join(thread, STOP_TIMEOUT_NS);
    }

    /** Real blocks first: a full disk is an error here, and not a fault of the mapping. */
    private static DiskMapping create(final LogDirectory directory) throws IOException {
        try (DiskFile file =
                directory
                        .disk()
                        .open(directory.resolve(LogDirectory.COUNTERS), Disk.OpenMode.CREATE)) {
            file.write(ByteBuffer.allocate(CountersDescriptor.FILE_LENGTH), 0);
            return file.map(CountersDescriptor.FILE_LENGTH);
        }
    }

    private void run() {
        try {
            while (!stopped) {
                publish(false);
                LockSupport.parkNanos(this, INTERVAL_NS);
                Thread.interrupted(); // means nothing here, and would make it spin
            }
            publish(true);
        } catch (final RuntimeException | Error e) { // an Error: a fault of the mapping
            warn(directory, e);
        } finally {
            mapping.close();
        }
    }

    /** Puts what has changed; while nothing does, no page of the file becomes dirty. */
    private void publish(final boolean closed) {
        boolean changed = tick == 0;
        for (final LogCounter counter : LogCounter.ALL) {
            final long value = closed && counter == LogCounter.CLOSED ? 1 : meter.value(counter);
            changed |= value != published[counter.ordinal()];
            published[counter.ordinal()] = value;
        }
        if (!changed) {
            return;
        }
        CountersDescriptor.putTick(buffer, ++tick);
        for (final LogCounter counter : LogCounter.ALL) {
            counters.setCounterValue(counter.ordinal(), published[counter.ordinal()]);
        }
        CountersDescriptor.putChangedMs(buffer, System.currentTimeMillis());
        CountersDescriptor.putTick(buffer, ++tick);
    }

    private static void warn(final LogDirectory directory, final Throwable t) {
        System.getLogger("io.wal")
                .log(
                        System.Logger.Level.WARNING,
                        "the counters of " + directory.path() + " cannot be published: " + t);
    }
}
