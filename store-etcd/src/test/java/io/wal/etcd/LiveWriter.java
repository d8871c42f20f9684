package io.wal.etcd;

import io.wal.Durability;
import io.wal.FencedException;
import io.wal.LogFailedException;
import io.wal.WalContext;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.agrona.concurrent.UnsafeBuffer;

/** Opens a log and appends until it is told to stop or the log fails; an oracle hears of all. */
final class LiveWriter implements AutoCloseable {
    private static final long PAUSE_NS = 200_000;

    private final String name;
    private final LogOracle oracle;
    private final WriteAheadLog log;
    private final Thread thread;
    private volatile boolean stopped;
    private volatile long ackCount;
    private volatile long failureCount;
    private volatile long lastAckNs = System.nanoTime();
    private volatile long longestGapNs;
    private volatile WalException failure;
    private long appendCount;

    LiveWriter(final String name, final EtcdStoreContext context, final LogOracle oracle) {
        this.name = name;
        this.oracle = oracle;
        log =
                WriteAheadLog.open(
                        new WalContext()
                                .store(new EtcdLogStore(context))
                                .ringCapacity(1024)
                                .closeTimeout(Duration.ofSeconds(30)));
        oracle.onRecovered(
                name,
                log.recovered().generation(),
                log.recovered().startLsn(),
                log.recovered().lastLsn());
        log.recover(
                (lsn, kind, buffer, offset, length) ->
                        oracle.onDelivered(
                                name, lsn, buffer.getStringWithoutLengthAscii(offset, length)));
        thread = new Thread(this::write, "live-" + name);
        thread.start();
    }

    WriteAheadLog log() {
        return log;
    }

    long ackCount() {
        return ackCount;
    }

    WalException failure() {
        return failure;
    }

    /** The longest time without an acknowledgement, the present one included. */
    long longestGapMs() {
        return Math.max(longestGapNs, System.nanoTime() - lastAckNs) / 1_000_000;
    }

    void forgetGaps() {
        longestGapNs = 0;
        lastAckNs = System.nanoTime();
    }

    /** Waits until so many more entries are acknowledged. */
    void awaitAcks(final long count) {
        final long target = ackCount + count;
        Waiting.until(name + " goes on; " + failure, () -> ackCount >= target || failure != null);
        if (ackCount < target) {
            throw new AssertionError(name + " has failed", failure);
        }
    }

    void awaitFailure() {
        Waiting.until(name + " fails", () -> failure != null);
    }

    /** Appends nothing more, and waits until every append was answered. */
    void stop() {
        stopped = true;
        try {
            thread.join(60_000);
        } catch (final InterruptedException e) {
            throw new IllegalStateException(e);
        }
        Waiting.until(
                () ->
                        name
                                + ": every append is answered, "
                                + ackCount
                                + " + "
                                + failureCount
                                + " of "
                                + appendCount,
                () -> ackCount + failureCount == appendCount);
    }

    @Override
    public void close() {
        stop();
        try {
            log.close();
        } catch (final FencedException | LogFailedException e) {
            if (failure == null) {
                throw e;
            }
        }
    }

    private void write() {
        try {
            while (!stopped) {
                final long lsn = log.lastLsn() + 1;
                final String payload = name + ":" + lsn + ":" + "x".repeat((int) (lsn % 200));
                final UnsafeBuffer buffer = EtcdFixture.buffer(payload);
                oracle.onAppend(name, lsn, payload);
                appendCount++;
                log.append(buffer, 0, buffer.capacity(), Durability.FORCED, this::onCompletion);
                if (lsn % 10 == 0) {
                    LockSupport.parkNanos(PAUSE_NS);
                }
            }
        } catch (final WalException e) {
            appendCount--; // refused
            failure = failure == null ? e : failure;
        }
    }

    private void onCompletion(final long lsn, final WalException cause) {
        if (cause != null) {
            if (failureCount == 0 && cause instanceof FencedException fenced) {
                oracle.onFenced(name, fenced.lastKeptLsn());
            }
            failure = cause;
            failureCount++;
            return;
        }
        final long nowNs = System.nanoTime();
        oracle.onDurable(name, lsn);
        longestGapNs = Math.max(longestGapNs, nowNs - lastAckNs);
        lastAckNs = nowNs;
        ackCount++;
    }
}
