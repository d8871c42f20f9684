package io.wal.memory;

import io.wal.LogInUseException;
import io.wal.record.RecordKind;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an {@link InMemoryLogStore} writes to. It outlives the store, as a disk outlives a process:
 * open a new store over the same medium to recover. Any thread.
 */
public final class InMemoryMedium {
    private final TreeMap<Long, Entry> entries = new TreeMap<>();
    private long startLsn = 1;
    private long finalizedLsn;
    private long lastLsn;
    private long generation;
    private boolean closedCleanly = true;
    private boolean open;

    record Entry(RecordKind kind, byte[] payload) {}

    /** Creates an empty medium. */
    public InMemoryMedium() {}

    synchronized long acquire(final String name) {
        if (open) {
            throw new LogInUseException(name, "another store in this process");
        }
        open = true;
        return ++generation;
    }

    synchronized void release() {
        open = false;
    }

    synchronized void append(final Map<Long, Entry> batch, final long batchLastLsn) {
        entries.putAll(batch);
        lastLsn = Math.max(lastLsn, batchLastLsn);
        closedCleanly = false;
    }

    synchronized void finalizeCheckpoint(final long checkpointStartLsn, final long endLsn) {
        startLsn = checkpointStartLsn;
        finalizedLsn = endLsn;
        entries.headMap(checkpointStartLsn).clear();
    }

    synchronized void closeCleanly() {
        closedCleanly = true;
    }

    synchronized boolean isClosedCleanly() {
        return closedCleanly;
    }

    synchronized void clear() {
        entries.clear();
        startLsn = 1;
        finalizedLsn = 0;
        lastLsn = 0;
        closedCleanly = true;
    }

    synchronized long startLsn() {
        return startLsn;
    }

    synchronized long lastLsn() {
        return lastLsn;
    }

    /**
     * Whether recovery delivers an entry: voids never, checkpoint entries only when their
     * checkpoint was finalized.
     */
    synchronized boolean isDelivered(final long lsn, final Entry entry) {
        return entry.kind() == RecordKind.DATA
                || entry.kind() == RecordKind.CHECKPOINT && lsn <= finalizedLsn;
    }

    synchronized Map.Entry<Long, Entry> next(final long fromLsn) {
        return entries.ceilingEntry(fromLsn);
    }
}
