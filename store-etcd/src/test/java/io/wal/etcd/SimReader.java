package io.wal.etcd;

import io.wal.LogNotFoundException;
import io.wal.LogTrimmedException;
import io.wal.StorageException;
import java.util.concurrent.TimeUnit;

/** A simulated process that follows the log. */
final class SimReader implements Runnable {
    private final SimScheduler scheduler;
    private final SimScheduler.Process process;
    private final EtcdStoreContext context;
    private final LogOracle oracle;
    private final long untilNs;
    private long delivered;

    SimReader(
            final SimScheduler scheduler,
            final SimScheduler.Process process,
            final EtcdStoreContext context,
            final LogOracle oracle,
            final long untilNs) {
        this.scheduler = scheduler;
        this.process = process;
        this.context = context;
        this.oracle = oracle;
        this.untilNs = untilNs;
    }

    @Override
    public void run() {
        long fromLsn = 1;
        while (scheduler.nowNs() < untilNs) {
            try (EtcdLogReader reader = EtcdLogReader.open(context, fromLsn)) {
                fromLsn = follow(reader);
            } catch (final LogTrimmedException e) {
                fromLsn = e.firstLsn();
            } catch (final LogNotFoundException | StorageException e) {
                pause();
            }
        }
    }

    long delivered() {
        return delivered;
    }

    private long follow(final EtcdLogReader reader) {
        final long[] nextLsn = {reader.nextLsn()};
        while (scheduler.nowNs() < untilNs) {
            final int count =
                    reader.poll(
                            (lsn, kind, buffer, offset, length) -> {
                                if (lsn != nextLsn[0]++) {
                                    throw new AssertionError(
                                            process
                                                    + " reads "
                                                    + lsn
                                                    + " after "
                                                    + (nextLsn[0] - 2));
                                }
                                oracle.onDelivered(
                                        process.toString(),
                                        lsn,
                                        buffer.getStringWithoutLengthAscii(offset, length));
                                delivered++;
                            },
                            1 + scheduler.random().nextInt(20));
            if (count == 0) {
                pause();
            }
        }
        return reader.nextLsn();
    }

    private void pause() {
        scheduler.await(
                process,
                () -> false,
                TimeUnit.MILLISECONDS.toNanos(20 + scheduler.random().nextInt(200)));
    }
}
