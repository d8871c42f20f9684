package io.wal.etcd;

import io.wal.store.LogStore;
import io.wal.store.LogStoreContract;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** The contract of all stores, for this one; what it stores to is the subclass's. */
abstract class EtcdStoreContract extends LogStoreContract {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private String name = newName();

    /** How to reach the medium. */
    abstract EtcdClientContext client();

    @Override
    protected LogStore newStore() {
        return new EtcdLogStore(context());
    }

    @Override
    protected void useNewMedium() {
        name = newName();
    }

    @Override
    protected boolean canCrash() {
        return true;
    }

    /** Another takes the epoch and dies: no transaction of the store has an effect any more. */
    @Override
    protected void crash(final LogStore store) {
        final EtcdStoreContext context = context();
        try (Connection connection = new Connection(context)) {
            final KeyLayout keys = context.keys();
            final LogState state = LogState.read(connection.calls(), keys);
            final Epoch next = new Epoch(state.epoch().number() + 1, "crash");
            final Fence seen = new Fence(keys.epoch(), state.epochRevision());
            new Sweep(connection.calls(), seen)
                    .run(
                            seen.txn(
                                    KvCompare.unchangedSince(keys.epoch(), state.epochRevision()),
                                    KvOp.put(keys.epoch(), next.encode()),
                                    new KvOp.Delete(keys.owner(), null)));
        }
    }

    private EtcdStoreContext context() {
        return new EtcdStoreContext()
                .clientContext(client())
                .name(name)
                .maxBatchLength(8 << 10)
                .acquirePolicy(EtcdStoreContext.AcquirePolicy.FAIL)
                .warningHandler(message -> {})
                .giveUpAfter(Duration.ofSeconds(10));
    }

    private static String newName() {
        return "log-" + NAMES.incrementAndGet();
    }
}
