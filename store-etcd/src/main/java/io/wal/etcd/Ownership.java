package io.wal.etcd;

import io.wal.CorruptLogException;
import io.wal.LogInUseException;
import io.wal.LogNotFoundException;
import io.wal.StorageException;
import java.util.concurrent.TimeUnit;

/**
 * A log taken for writing.
 *
 * @param epoch that was taken.
 * @param fence that holds for as long as nobody takes the next one.
 * @param owner the value of the owner key.
 * @param leaseId the lease it was put on.
 */
record Ownership(Epoch epoch, Fence fence, Owner owner, long leaseId) {
    private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(250);

    /**
     * Takes a log.
     *
     * @param calls to ask with.
     * @param keys of the log.
     * @param context with the policy.
     * @param leaseKeeper grants the lease and keeps it.
     * @return the ownership.
     */
    static Ownership acquire(
            final Calls calls,
            final KeyLayout keys,
            final EtcdStoreContext context,
            final LeaseKeeper leaseKeeper) {
        final Timing timing = calls.timing();
        final String incarnation = context.newIncarnation();
        final long beginNs = timing.nanoTime();
        final boolean steals = context.acquirePolicy() == EtcdStoreContext.AcquirePolicy.STEAL;
        while (true) {
            final LogState state = LogState.read(calls, keys);
            if (state.epoch()
                    .incarnation()
                    .equals(incarnation)) { // an earlier try, whose answer was lost
                return won(state.epoch(), keys, state.epochRevision(), timing, 0);
            }
            check(state, calls, keys, context);
            if (state.owner() != null && !steals) {
                awaitOwner(state, calls, context, beginNs);
                continue;
            }
            leaseKeeper.begin(calls);
            final Ownership ownership =
                    tryTake(state, calls, keys, incarnation, leaseKeeper.leaseId(), steals);
            if (ownership != null) {
                return ownership;
            }
        }
    }

    private static Ownership tryTake(
            final LogState state,
            final Calls calls,
            final KeyLayout keys,
            final String incarnation,
            final long leaseId,
            final boolean steals) {
        final Epoch epoch = new Epoch(state.epoch().number() + 1, incarnation);
        final Owner owner = Owner.ofThisProcess(epoch.number(), calls.timing().currentTimeMillis());
        final Fence seen = new Fence(keys.epoch(), state.epochRevision());
        final KvTxn txn =
                seen.txn(
                        steals
                                ? KvCompare.unchangedSince(keys.epoch(), state.epochRevision())
                                : KvCompare.absent(keys.owner()),
                        KvOp.put(keys.epoch(), epoch.encode()),
                        new KvOp.Put(keys.owner(), owner.encode(), leaseId));
        final KvAnswer answer;
        try {
            answer = calls.tryCall(() -> calls.kv().txn(txn));
        } catch (final KvException e) {
            if (e.kind() == KvException.Kind.NO_LEASE) {
                calls.pause(POLL_NS);
                return null; // the keeper grants another
            }
            throw e.toWalException(calls.location(), "take");
        }
        if (answer.succeeded()) {
            return new Ownership(epoch, new Fence(keys.epoch(), answer.revision()), owner, leaseId);
        }
        final KvEntry entry = answer.read(0).entry();
        return Epoch.of(entry).incarnation().equals(incarnation)
                ? new Ownership(epoch, new Fence(keys.epoch(), entry.modRevision()), owner, leaseId)
                : null;
    }

    private static Ownership won(
            final Epoch epoch,
            final KeyLayout keys,
            final long revision,
            final Timing timing,
            final long leaseId) {
        final Owner owner = Owner.ofThisProcess(epoch.number(), timing.currentTimeMillis());
        return new Ownership(epoch, new Fence(keys.epoch(), revision), owner, leaseId);
    }

    private static void awaitOwner(
            final LogState state,
            final Calls calls,
            final EtcdStoreContext context,
            final long beginNs) {
        final long leftNs =
                context.acquireTimeout().toNanos() - (calls.timing().nanoTime() - beginNs);
        if (context.acquirePolicy() == EtcdStoreContext.AcquirePolicy.FAIL || leftNs <= 0) {
            throw new LogInUseException(calls.location(), describeOwner(state, calls));
        }
        calls.pause(Math.min(POLL_NS, leftNs));
    }

    /** The owner and the age of its lease, in words. */
    static String describeOwner(final LogState state, final Calls calls) {
        final String owner = state.owner().describe();
        try {
            final KvLease lease =
                    calls.call(
                            "look at the lease of",
                            () -> calls.kv().timeToLive(state.ownerLeaseId()));
            return owner
                    + "; its lease of "
                    + lease.grantedS()
                    + " s was renewed "
                    + Math.max(0, lease.grantedS() - lease.remainingS())
                    + " s ago";
        } catch (final StorageException e) {
            return owner;
        }
    }

    /** Refuses what must not be written to. Nothing was changed so far. */
    private static void check(
            final LogState state,
            final Calls calls,
            final KeyLayout keys,
            final EtcdStoreContext context) {
        if (state.registration() == null) {
            if (!context.createIfMissing()) {
                throw new LogNotFoundException(
                        calls.location(), "there is no key " + keys.registration());
            }
            checkPristine(state, calls, keys);
            return;
        }
        final long clusterId = state.lastStart().clusterId();
        if (clusterId != 0
                && clusterId != state.clusterId()
                && context.acquirePolicy() != EtcdStoreContext.AcquirePolicy.STEAL) {
            throw new StorageException(
                    calls.location(),
                    "open",
                    new IllegalStateException(
                            "the log was written in the cluster "
                                    + Long.toHexString(clusterId)
                                    + " and this is "
                                    + Long.toHexString(state.clusterId())
                                    + ": if it was restored from a backup, entries may be missing;"
                                    + " open it with the policy STEAL to go on without them"));
        }
    }

    /**
     * Where no log is, there may be remains of one that was removed, and nothing else. Read at the
     * moment of the state, for others may be making the log just now.
     */
    private static void checkPristine(
            final LogState state, final Calls calls, final KeyLayout keys) {
        final KvPage page =
                calls.read(
                        KvRange.of(keys.begin(), keys.end())
                                .keys()
                                .first(Sweep.SLICE)
                                .at(state.revision()));
        for (final KvEntry entry : page.entries()) {
            if (!keys.isOwn(entry.key()) || state.epochRevision() == 0) {
                throw new CorruptLogException(
                        entry.key(),
                        0,
                        0,
                        "foreign key where a new log would go; nothing was written");
            }
        }
    }
}
