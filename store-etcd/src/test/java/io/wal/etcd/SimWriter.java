package io.wal.etcd;

import io.wal.Durability;
import io.wal.FencedException;
import io.wal.RecoveredLog;
import io.wal.WalException;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import io.wal.store.AppendEvent;
import io.wal.store.CommitProgress;
import io.wal.store.FinalizeRequest;
import io.wal.store.StoreLimits;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A simulated process that opens the log, recovers, and writes until it dies, is deposed, or
 * closes.
 */
final class SimWriter implements CommitProgress, Runnable {
    private static final int SLOT_LENGTH = 4096;

    private final SimScheduler scheduler;
    private final SimScheduler.Process process;
    private final EtcdLogStore store;
    private final LogOracle oracle;
    private final Random random;
    private final String name;
    private final int steps;
    private final TreeMap<Long, String> recoveredEntries = new TreeMap<>();
    private RecoveredLog recovered;
    private long nextLsn;
    private long durableLsn;
    private long sequence;
    private long checkpointLsn;
    private boolean awake;
    private WalException openFailure;
    private WalException failure;
    private boolean closed;

    SimWriter(
            final SimScheduler scheduler,
            final SimScheduler.Process process,
            final EtcdStoreContext context,
            final LogOracle oracle,
            final int steps) {
        this.scheduler = scheduler;
        this.process = process;
        this.oracle = oracle;
        this.steps = steps;
        random = scheduler.random();
        name = process.toString();
        store = new EtcdLogStore(context);
    }

    @Override
    public void run() {
        try {
            recovered = store.open(this, StoreLimits.DEFAULT);
            oracle.onRecovered(
                    name, recovered.generation(), recovered.startLsn(), recovered.lastLsn());
            nextLsn = recovered.lastLsn() + 1;
            store.replay(
                    (lsn, kind, buffer, offset, length) -> {
                        final String payload = buffer.getStringWithoutLengthAscii(offset, length);
                        recoveredEntries.put(lsn, payload);
                        oracle.onDelivered(name, lsn, payload);
                    });
        } catch (final WalException e) {
            openFailure = e;
            store.close();
            return;
        }
        for (int step = 0; step < steps && failure == null; step++) {
            act();
        }
        if (failure == null) {
            close();
        }
        store.close();
    }

    /** What the log held when it was opened. */
    TreeMap<Long, String> recoveredEntries() {
        return recoveredEntries;
    }

    RecoveredLog recovered() {
        return recovered;
    }

    WalException openFailure() {
        return openFailure;
    }

    WalException failure() {
        return failure;
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void written(final long lsn) {
        throw new AssertionError("the store knows nothing weaker than durable");
    }

    @Override
    public void durable(final long lsn) {
        if (process.isDead()) {
            return;
        }
        if (failure != null || lsn <= durableLsn) {
            throw new AssertionError(
                    name + " reports " + lsn + " after " + durableLsn + ", failure " + failure);
        }
        durableLsn = lsn;
        oracle.onDurable(name, lsn);
    }

    @Override
    public void failed(final WalException cause) {
        failure = cause;
        if (cause instanceof FencedException fenced && !process.isDead()) {
            oracle.onFenced(name, fenced.lastKeptLsn());
        }
    }

    @Override
    public void stalled(final WalException cause) {
        awake = true;
    }

    @Override
    public void wake() {
        awake = true;
    }

    @Override
    public String toString() {
        return name;
    }

    private void act() {
        final int what = random.nextInt(20);
        if (what < 14) {
            appendSome(1 + random.nextInt(random.nextInt(4) == 0 ? 40 : 4));
        } else if (what < 15 && checkpointLsn == 0) {
            checkpoint();
        }
        idle(random.nextInt(3) == 0 ? random.nextInt(2_000) : random.nextInt(8));
    }

    private void appendSome(final int count) {
        for (int i = 1; i <= count && failure == null; i++) {
            append(random.nextInt(12) == 0 ? RecordKind.CHECKPOINT : RecordKind.DATA, i == count);
        }
    }

    private void append(final RecordKind kind, final boolean endOfBatch) {
        final String payload =
                name
                        + ":"
                        + nextLsn
                        + ":"
                        + "x".repeat(random.nextInt(random.nextInt(8) == 0 ? 1500 : 60));
        final AppendEvent event = new AppendEvent(SLOT_LENGTH);
        event.begin(nextLsn, kind, Durability.FORCED, payload.length(), null);
        event.payloadBuffer()
                .putBytes(
                        RecordDescriptor.HEADER_LENGTH,
                        payload.getBytes(StandardCharsets.US_ASCII));
        event.seal();
        if (kind == RecordKind.CHECKPOINT) {
            oracle.onCheckpointAppend(name, nextLsn, payload);
        } else {
            oracle.onAppend(name, nextLsn, payload);
        }
        nextLsn++;
        store.onEvent(event, sequence++, endOfBatch);
    }

    private void checkpoint() {
        checkpointLsn = nextLsn;
        appendSome(random.nextInt(3));
        final FinalizeRequest request = new FinalizeRequest(checkpointLsn, nextLsn - 1);
        oracle.onFinalize(checkpointLsn);
        request.future()
                .whenComplete(
                        (startLsn, cause) -> {
                            checkpointLsn = 0;
                            if (cause == null && !process.isDead()) {
                                oracle.onFinalized(name, startLsn);
                            } else if (cause instanceof FencedException && !process.isDead()) {
                                oracle.onNotFinalized(name, request.startLsn());
                            }
                        });
        store.requestFinalize(request);
        store.onTimeout(sequence);
    }

    private void idle(final long timeMs) {
        if (scheduler.await(process, () -> awake, TimeUnit.MILLISECONDS.toNanos(timeMs))) {
            awake = false;
            store.onTimeout(sequence);
        }
    }

    private void close() {
        final AppendEvent event = new AppendEvent(SLOT_LENGTH);
        event.beginClose();
        store.onEvent(event, sequence, true);
        closed = failure == null;
        if (closed && durableLsn < nextLsn - 1 && nextLsn - 1 > recovered.lastLsn()) {
            throw new AssertionError(name + " closed at " + durableLsn + " of " + (nextLsn - 1));
        }
    }
}
