package io.wal.memory;

import io.wal.EntryHandler;
import io.wal.EntryKind;
import io.wal.LogReader;
import io.wal.RecoveredLog;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import io.wal.store.AppendEvent;
import io.wal.store.FinalizeRequest;
import io.wal.store.GroupCommitStore;
import java.util.Map;
import java.util.TreeMap;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Keeps a log in an {@link InMemoryMedium}. It does what every store does, except survive the
 * process.
 */
public final class InMemoryLogStore extends GroupCommitStore {
    private final String name;
    private final InMemoryMedium medium;
    private final TreeMap<Long, InMemoryMedium.Entry> batch = new TreeMap<>();
    private volatile long durableLsn;
    private long generation; // 0 while the log is not held

    /**
     * Creates a store.
     *
     * @param name for messages and threads.
     * @param medium that keeps the entries.
     */
    public InMemoryLogStore(final String name, final InMemoryMedium medium) {
        this.name = name;
        this.medium = medium;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean commitsOnCallers() {
        return true;
    }

    @Override
    public int maxPayloadLength() {
        return 1 << 30;
    }

    @Override
    public void replay(final EntryHandler handler) {
        final UnsafeBuffer buffer = new UnsafeBuffer();
        Map.Entry<Long, InMemoryMedium.Entry> next = medium.next(medium.startLsn());
        while (next != null) {
            if (medium.isDelivered(next.getKey(), next.getValue())) {
                deliver(next, buffer, handler);
            }
            next = medium.next(next.getKey() + 1);
        }
    }

    @Override
    public LogReader reader(final long fromLsn) {
        medium.next(fromLsn); // throws when it is gone
        return new Reader(fromLsn);
    }

    @Override
    public void abandon() {
        // it never waits
    }

    @Override
    public void close() {
        if (generation > 0) {
            medium.release(generation);
            generation = 0;
        }
    }

    @Override
    public void remove() {
        if (generation > 0) {
            medium.clear(generation);
        }
        close();
    }

    @Override
    protected RecoveredLog openLog() {
        generation = medium.acquire(name);
        durableLsn = medium.lastLsn();
        final RecoveredLog.Tail tail =
                medium.isClosedCleanly() ? RecoveredLog.Tail.CLOSED : RecoveredLog.Tail.WHOLE;
        return new RecoveredLog(
                medium.startLsn(),
                durableLsn,
                generation,
                durableLsn == 0 ? RecoveredLog.Tail.EMPTY : tail);
    }

    @Override
    protected void write(final AppendEvent event) {
        final byte[] payload = new byte[event.payloadLength()];
        event.frame().getBytes(RecordDescriptor.HEADER_LENGTH, payload);
        batch.put(event.lsn(), new InMemoryMedium.Entry(event.kind(), payload));
    }

    @Override
    protected void commit(final boolean force, final FinalizeRequest finalize) {
        medium.append(generation, batch, lastLsn());
        batch.clear();
        durableLsn = lastLsn();
        if (finalize != null) {
            medium.finalizeCheckpoint(generation, finalize.startLsn(), finalize.endLsn());
        }
        progress().durable(durableLsn);
        if (finalize != null) {
            finalize.succeeded();
        }
    }

    @Override
    protected void closeLog() {
        medium.closeCleanly(generation);
    }

    @Override
    protected long durableLsn() {
        return durableLsn;
    }

    private static void deliver(
            final Map.Entry<Long, InMemoryMedium.Entry> entry,
            final UnsafeBuffer buffer,
            final EntryHandler handler) {
        final byte[] payload = entry.getValue().payload();
        buffer.wrap(payload);
        final EntryKind kind =
                entry.getValue().kind() == RecordKind.DATA ? EntryKind.DATA : EntryKind.CHECKPOINT;
        handler.onEntry(entry.getKey(), kind, buffer, 0, payload.length);
    }

    private final class Reader implements LogReader {
        private final UnsafeBuffer buffer = new UnsafeBuffer();
        private long nextLsn;

        Reader(final long fromLsn) {
            nextLsn = fromLsn;
        }

        @Override
        public int poll(final EntryHandler handler, final int limit) {
            int count = 0;
            while (count < limit) {
                final Map.Entry<Long, InMemoryMedium.Entry> next = medium.next(nextLsn);
                if (next == null) {
                    break;
                }
                nextLsn = next.getKey() + 1;
                if (next.getValue().kind() != RecordKind.VOID) {
                    deliver(next, buffer, handler);
                    count++;
                }
            }
            return count;
        }

        @Override
        public long nextLsn() {
            return nextLsn;
        }

        @Override
        public void close() {
            // holds nothing
        }
    }
}
