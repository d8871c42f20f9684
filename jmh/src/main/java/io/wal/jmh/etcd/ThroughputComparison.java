package io.wal.jmh.etcd;

/**
 * Entries through the log with the window full, bare transactions of equal values with as many in
 * flight, and the log of one key per entry.
 */
final class ThroughputComparison {
    private static final int IN_FLIGHT = 4;

    private final EtcdServers servers;
    private final Rounds results;
    private final String label;

    ThroughputComparison(final EtcdServers servers, final Rounds results, final String label) {
        this.servers = servers;
        this.results = results;
        this.label = label;
    }

    /** Lets the compiler see both. */
    void warmUp(final int payloadLength, final RunTime time) throws InterruptedException {
        try (RawEtcd etcd = new RawEtcd(servers.endpoints())) {
            bare(etcd, ours(etcd, payloadLength, time).valueLength(), time);
        }
    }

    /** One round: ours, bare, bare, ours, one key per entry. */
    void run(final int payloadLength, final RunTime time) throws InterruptedException {
        try (RawEtcd etcd = new RawEtcd(servers.endpoints())) {
            final Sample first = ours(etcd, payloadLength, time);
            final Sample bare = bare(etcd, first.valueLength(), time);
            final Sample bareAgain = bare(etcd, first.valueLength(), time);
            final Sample second = ours(etcd, payloadLength, time);
            final double ours = (first.countPerS() + second.countPerS()) / 2;
            final double keyPerEntry = RawLoad.keyPerEntry(etcd, payloadLength, time).countPerS();
            etcd.clear();
            results.add(label + "bytes of a batch", "B", "", first.valueLength());
            final double bareRate = (bare.countPerS() + bareAgain.countPerS()) / 2;
            results.add(label + "bare transactions of such values", "/s", "", bareRate);
            results.add(label + "log, entries", "/s", "", ours);
            results.add(label + "one key per entry, entries", "/s", "", keyPerEntry);
            results.add(
                    label + "log by bare transactions",
                    "",
                    "≥ 0.9",
                    (first.transactionsPerS() + second.transactionsPerS()) / 2 / bareRate);
            results.add(
                    label + "processor time of the client for a bare transaction",
                    "µs",
                    "",
                    (bare.processorUs() + bareAgain.processorUs()) / 2);
            results.add(
                    label + "processor time of the client for a batch",
                    "µs",
                    "",
                    (first.processorUs() + second.processorUs()) / 2);
            results.add(label + "log by one key per entry", "", "≥ 100", ours / keyPerEntry);
        }
    }

    private Sample ours(final RawEtcd etcd, final int payloadLength, final RunTime time)
            throws InterruptedException {
        final Sample sample;
        try (StoreLoad load = new StoreLoad(servers.endpoints())) {
            sample = load.windowFull(etcd, payloadLength, time);
        }
        etcd.clear(StoreLoad.PREFIX);
        return sample;
    }

    private static Sample bare(final RawEtcd etcd, final int valueLength, final RunTime time) {
        final Sample sample = RawLoad.unchained(etcd, IN_FLIGHT, valueLength, time);
        etcd.clear();
        return sample;
    }
}
