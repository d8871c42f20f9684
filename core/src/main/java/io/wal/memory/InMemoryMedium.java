package io.wal.memory;

import io.wal.LogInUseException;
import io.wal.LogTrimmedException;
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
    private String owner;

    record Entry(RecordKind kind, byte[] payload) {}

    /** Creates an empty medium. */
    public InMemoryMedium() {}

    /**
     * Does to the log what the death of the process that has it open would: what was not committed
     * is gone, and the log can be opened again. The store that had it open fails at its next write.
     */
    public synchronized void crash() {
        owner = null;
    }

    synchronized long acquire(final String name) {
        if (owner != null) {
            throw new LogInUseException(name, owner);
        }
        owner = "a store named " + name + " in this process";
        return ++generation;
    }

    synchronized void release(final long ownerGeneration) {
        if (generation == ownerGeneration) {
            owner = null;
        }
    }

    synchronized void append(
            final long ownerGeneration, final Map<Long, Entry> batch, final long batchLastLsn) {
        checkOwner(ownerGeneration);
        entries.putAll(batch);
        lastLsn = Math.max(lastLsn, batchLastLsn);
        closedCleanly = false;
    }

    synchronized void finalizeCheckpoint(
            final long ownerGeneration, final long checkpointStartLsn, final long endLsn) {
        checkOwner(ownerGeneration);
        startLsn = checkpointStartLsn;
        finalizedLsn = endLsn;
        entries.headMap(checkpointStartLsn).clear();
    }

    synchronized void closeCleanly(final long ownerGeneration) {
        checkOwner(ownerGeneration);
        closedCleanly = true;
    }

    synchronized boolean isClosedCleanly() {
        return closedCleanly;
    }

    synchronized void clear(final long ownerGeneration) {
        checkOwner(ownerGeneration);
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

    /** The first entry from an LSN on, null when there is none yet. */
    synchronized Map.Entry<Long, Entry> next(final long fromLsn) {
        if (fromLsn < startLsn) {
            throw new LogTrimmedException(fromLsn, startLsn);
        }
        return entries.ceilingEntry(fromLsn);
    }

    private void checkOwner(final long ownerGeneration) {
        if (owner == null || generation != ownerGeneration) {
            throw new IllegalStateException(
                    "the store of generation " + ownerGeneration + " lost the log in a crash");
        }
    }
}
