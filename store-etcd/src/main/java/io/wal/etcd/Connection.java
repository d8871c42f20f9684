package io.wal.etcd;

/** A connection for those who only look, or clean up: no ownership, no lease. */
final class Connection implements AutoCloseable {
    private final EtcdKv kv;
    private final Timing timing;
    private final Calls calls;

    Connection(final EtcdStoreContext context) {
        kv = context.clientContext().connect();
        timing = context.newTiming();
        calls = new Calls(kv, timing, context);
    }

    Calls calls() {
        return calls;
    }

    @Override
    public void close() {
        kv.close();
        timing.close();
    }
}
