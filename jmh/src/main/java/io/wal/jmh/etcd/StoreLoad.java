package io.wal.jmh.etcd;

import io.wal.WalContext;
import io.wal.WriteAheadLog;
import io.wal.etcd.EtcdLogStore;
import io.wal.etcd.EtcdStoreContext;
import io.wal.jmh.load.Payload;
import io.wal.record.RecordDescriptor;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;

/** A log in etcd, with its defaults save for a ring that keeps the window full. */
final class StoreLoad implements AutoCloseable {
    static final String PREFIX = "wal/";

    /** Bytes of a batch before its records. */
    static final int BATCH_HEADER_LENGTH = 56;

    private static final String NAME = "bench";
    private static final int RING_CAPACITY = 1 << 14;

    private final WriteAheadLog log;

    StoreLoad(final String... endpoints) {
        final EtcdStoreContext context =
                new EtcdStoreContext()
                        .endpoints(endpoints)
                        .name(NAME)
                        .acquirePolicy(EtcdStoreContext.AcquirePolicy.STEAL);
        log =
                WriteAheadLog.open(
                        new WalContext()
                                .store(new EtcdLogStore(context))
                                .ringCapacity(RING_CAPACITY));
    }

    /** The keys of the batches begin with this. */
    static String batchPrefix() {
        return PREFIX + "d/" + NAME + "/b/";
    }

    WriteAheadLog log() {
        return log;
    }

    /** Appends as fast as the log takes it. */
    Sample windowFull(final RawEtcd etcd, final int payloadLength, final RunTime time)
            throws InterruptedException {
        final Appender appender = new Appender(log, payloadLength, Long.MAX_VALUE);
        final RunTime.Rate rate = time.rate(log::durableLsn, appender::check);
        appender.stop();
        log.flush();
        final long length = log.durableLsn() * RecordDescriptor.frameLength(payloadLength);
        final int batchLength = (int) (length / etcd.count(batchPrefix()));
        final double batchesPerS =
                rate.countPerS() * RecordDescriptor.frameLength(payloadLength) / batchLength;
        return new Sample(
                rate.countPerS(),
                batchesPerS,
                batchLength + BATCH_HEADER_LENGTH,
                rate.processors());
    }

    /** Appends so many entries. */
    void fill(final int payloadLength, final long count) throws InterruptedException {
        new Appender(log, payloadLength, count).join();
        log.flush();
    }

    @Override
    public void close() {
        log.close();
    }

    /** A thread that appends until it is stopped. */
    static final class Appender {
        private final WriteAheadLog log;
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        private final Thread thread;
        private volatile boolean stopped;

        Appender(final WriteAheadLog log, final int payloadLength, final long count) {
            this.log = log;
            thread = new Thread(() -> append(payloadLength, count), "producer");
            thread.setDaemon(true);
            thread.start();
        }

        void check() {
            if (failure.get() != null) {
                throw new IllegalStateException(failure.get());
            }
        }

        void stop() throws InterruptedException {
            stopped = true;
            join();
        }

        void join() throws InterruptedException {
            thread.join();
            check();
        }

        private void append(final int payloadLength, final long count) {
            final Payload payload = new Payload(payloadLength, 0);
            try {
                for (long i = 0; i < count && !stopped; i++) {
                    final UnsafeBuffer buffer = payload.number(i);
                    log.append(buffer, 0, payloadLength);
                }
            } catch (final RuntimeException e) {
                failure.set(e);
            }
        }
    }
}
