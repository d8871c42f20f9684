package io.wal.etcd;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/**
 * etcd as its documentation describes it, in memory: revisions, transactions, reads at old
 * revisions, compaction, leases, watches. Each call is atomic, as if it had gone through the raft
 * log at that moment.
 */
final class ModelEtcd {
    private static final int MOST_OPS = 128;

    private final LongSupplier clockNs;
    private final TreeMap<String, List<Version>> keys = new TreeMap<>();
    private final Map<Long, Lease> leases = new HashMap<>();
    private final List<Watch> watches = new ArrayList<>();
    private final List<KvEntry> changes = new ArrayList<>();
    private long clusterId = 0xc1;
    private long revision = 1;
    private long compacted;
    private long nextLeaseId = 100;
    private boolean full;

    private record Version(long modRevision, long createRevision, byte[] value, long leaseId) {
        boolean isDeleted() {
            return value == null;
        }
    }

    private static final class Lease {
        private final long ttlS;
        private long endNs;

        Lease(final long ttlS) {
            this.ttlS = ttlS;
        }
    }

    private record Watch(String from, String to, KvWatchListener listener) {}

    ModelEtcd(final LongSupplier clockNs) {
        this.clockNs = clockNs;
    }

    long revision() {
        return revision;
    }

    long clusterId() {
        return clusterId;
    }

    /** Another cluster that looks like this one. */
    void clusterId(final long id) {
        clusterId = id;
    }

    /** Whether puts are refused for lack of space. */
    void full(final boolean isFull) {
        full = isFull;
    }

    KvAnswer txn(final KvTxn txn) {
        expireLeases();
        check(txn);
        final boolean succeeded = txn.compares().stream().allMatch(this::holds);
        final List<KvOp> ops = succeeded ? txn.then() : txn.otherwise();
        if (full && txn.then().stream().anyMatch(KvOp.Put.class::isInstance)) {
            throw new KvException(KvException.Kind.NO_SPACE, "database space exceeded", null);
        }
        for (final KvOp op : ops) {
            if (op instanceof KvOp.Put put
                    && put.leaseId() != 0
                    && !leases.containsKey(put.leaseId())) {
                throw new KvException(KvException.Kind.NO_LEASE, "requested lease not found", null);
            }
        }
        final long next = revision + 1;
        final int changesBefore = changes.size();
        final List<KvPage> reads = new ArrayList<>();
        for (final KvOp op : ops) {
            if (op instanceof KvOp.Put put) {
                put(put, next);
            } else if (op instanceof KvOp.Delete delete) {
                delete(delete, next);
            } else {
                reads.add(
                        read(
                                ((KvOp.Get) op).range(),
                                changes.size() > changesBefore ? next : revision));
            }
        }
        if (changes.size() > changesBefore) {
            revision = next;
            tellWatches(changes.subList(changesBefore, changes.size()));
        }
        final List<KvPage> stamped =
                reads.stream()
                        .map(page -> new KvPage(page.entries(), page.count(), clusterId, revision))
                        .toList();
        return new KvAnswer(succeeded, clusterId, revision, stamped);
    }

    KvPage range(final KvRange range) {
        expireLeases();
        if (range.revision() > revision) {
            throw new KvException(
                    KvException.Kind.FUTURE_REVISION,
                    "required revision is a future revision",
                    null);
        }
        if (range.revision() != 0 && range.revision() < compacted) {
            throw new KvException(
                    KvException.Kind.COMPACTED, "required revision has been compacted", null);
        }
        return read(range, range.revision() == 0 ? revision : range.revision());
    }

    KvLease grant(final long ttlS) {
        if (full) {
            throw new KvException(KvException.Kind.NO_SPACE, "database space exceeded", null);
        }
        final Lease lease = new Lease(ttlS);
        lease.endNs = clockNs.getAsLong() + ttlS * 1_000_000_000L;
        leases.put(++nextLeaseId, lease);
        return new KvLease(nextLeaseId, ttlS, ttlS);
    }

    KvLease keepAlive(final long id) {
        expireLeases();
        final Lease lease = lease(id);
        lease.endNs = clockNs.getAsLong() + lease.ttlS * 1_000_000_000L;
        return new KvLease(id, lease.ttlS, lease.ttlS);
    }

    KvLease timeToLive(final long id) {
        expireLeases();
        final Lease lease = leases.get(id);
        return lease == null
                ? new KvLease(id, 0, -1)
                : new KvLease(id, lease.ttlS, (lease.endNs - clockNs.getAsLong()) / 1_000_000_000L);
    }

    void revoke(final long id) {
        expireLeases();
        lease(id);
        endLease(id);
    }

    void compact(final long compactRevision) {
        compacted = Math.max(compacted, compactRevision);
    }

    /** Watches from a revision on; what has happened since is told at once. */
    AutoCloseable watch(
            final String from,
            final String to,
            final long fromRevision,
            final KvWatchListener listener) {
        final Watch watch = new Watch(from, to, listener);
        tell(
                watch,
                changes.stream().filter(change -> change.modRevision() >= fromRevision).toList());
        watches.add(watch);
        return () -> watches.remove(watch);
    }

    /** A copy of everything, as a backup is. */
    ModelEtcd copy() {
        final ModelEtcd copy = new ModelEtcd(clockNs);
        keys.forEach((key, versions) -> copy.keys.put(key, new ArrayList<>(versions)));
        copy.changes.addAll(changes);
        copy.revision = revision;
        copy.compacted = compacted;
        copy.nextLeaseId = nextLeaseId;
        return copy;
    }

    /** Goes back to a copy. */
    void restore(final ModelEtcd backup) {
        keys.clear();
        backup.keys.forEach((key, versions) -> keys.put(key, new ArrayList<>(versions)));
        changes.clear();
        changes.addAll(backup.changes);
        revision = backup.revision;
        compacted = backup.compacted;
    }

    private void check(final KvTxn txn) {
        if (txn.then().size() > MOST_OPS || txn.compares().size() > MOST_OPS) {
            throw new KvException(
                    KvException.Kind.TOO_LARGE, "too many operations in txn request", null);
        }
        final List<String> puts =
                txn.then().stream()
                        .filter(KvOp.Put.class::isInstance)
                        .map(op -> ((KvOp.Put) op).key())
                        .toList();
        boolean twice = puts.stream().distinct().count() < puts.size();
        for (final KvOp op : txn.then()) {
            if (op instanceof KvOp.Delete delete) {
                twice |= puts.stream().anyMatch(key -> isWithin(key, delete.from(), delete.to()));
            }
        }
        if (twice) {
            throw new IllegalStateException("duplicate key given in txn request: " + txn.then());
        }
    }

    private boolean holds(final KvCompare compare) {
        final Version version = last(compare.key(), revision);
        final long found =
                version == null
                        ? 0
                        : compare.target() == KvCompare.Target.CREATE_REVISION
                                ? version.createRevision()
                                : version.modRevision();
        return found == compare.revision();
    }

    private void put(final KvOp.Put put, final long next) {
        final Version before = last(put.key(), next);
        final long created = before == null ? next : before.createRevision();
        keys.computeIfAbsent(put.key(), key -> new ArrayList<>())
                .add(new Version(next, created, put.value(), put.leaseId()));
        changes.add(new KvEntry(put.key(), put.value(), next, put.leaseId()));
    }

    private void delete(final KvOp.Delete delete, final long next) {
        for (final String key : List.copyOf(within(delete.from(), delete.to()).keySet())) {
            if (last(key, next) != null) {
                keys.get(key).add(new Version(next, 0, null, 0));
                changes.add(new KvEntry(key, null, next, 0));
            }
        }
    }

    private KvPage read(final KvRange range, final long atRevision) {
        final List<KvEntry> entries = new ArrayList<>();
        long count = 0;
        for (final String key : within(range.from(), range.to()).keySet()) {
            final Version version = last(key, atRevision);
            if (version == null) {
                continue;
            }
            count++;
            if (range.content() != KvRange.Content.COUNT
                    && (range.limit() == 0 || entries.size() < range.limit())) {
                final byte[] value =
                        range.content() == KvRange.Content.KEYS ? new byte[0] : version.value();
                entries.add(new KvEntry(key, value, version.modRevision(), version.leaseId()));
            }
        }
        return new KvPage(entries, count, clusterId, revision);
    }

    /** The living version of a key at a revision; null when there is none. */
    private Version last(final String key, final long atRevision) {
        final List<Version> versions = keys.get(key);
        for (int i = versions == null ? -1 : versions.size() - 1; i >= 0; i--) {
            if (versions.get(i).modRevision() <= atRevision) {
                return versions.get(i).isDeleted() ? null : versions.get(i);
            }
        }
        return null;
    }

    private NavigableMap<String, List<Version>> within(final String from, final String to) {
        return to == null
                ? keys.subMap(from, true, from, true)
                : from.compareTo(to) >= 0 ? new TreeMap<>() : keys.subMap(from, true, to, false);
    }

    private static boolean isWithin(final String key, final String from, final String to) {
        return to == null ? key.equals(from) : key.compareTo(from) >= 0 && key.compareTo(to) < 0;
    }

    private Lease lease(final long id) {
        final Lease lease = leases.get(id);
        if (lease == null) {
            throw new KvException(KvException.Kind.NO_LEASE, "requested lease not found", null);
        }
        return lease;
    }

    private void expireLeases() {
        for (final long id : List.copyOf(leases.keySet())) {
            if (leases.get(id).endNs <= clockNs.getAsLong()) {
                endLease(id);
            }
        }
    }

    private void endLease(final long id) {
        leases.remove(id);
        final long next = revision + 1;
        final int changesBefore = changes.size();
        for (final String key : List.copyOf(keys.keySet())) {
            final Version version = last(key, revision);
            if (version != null && version.leaseId() == id) {
                delete(new KvOp.Delete(key, null), next);
            }
        }
        if (changes.size() > changesBefore) {
            revision = next;
            tellWatches(changes.subList(changesBefore, changes.size()));
        }
    }

    private void tellWatches(final List<KvEntry> latest) {
        final List<KvEntry> copy = List.copyOf(latest);
        List.copyOf(watches).forEach(watch -> tell(watch, copy));
    }

    private static void tell(final Watch watch, final List<KvEntry> latest) {
        final List<KvEntry> matching =
                latest.stream()
                        .filter(change -> isWithin(change.key(), watch.from(), watch.to()))
                        .toList();
        if (!matching.isEmpty()) {
            watch.listener().onChanges(matching);
        }
    }
}
