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

    /** One round: ours, bare, bare, ours, one key per entry. */
    void run(final int payloadLength, final RunTime time) throws InterruptedException {
        try (RawEtcd etcd = new RawEtcd(servers.endpoints())) {
            final Sample first = ours(etcd, payloadLength, time);
            final double bare = bare(etcd, first.valueLength(), time) / 2;
            final double bareAgain = bare(etcd, first.valueLength(), time) / 2;
            final Sample second = ours(etcd, payloadLength, time);
            final double ours = (first.countPerS() + second.countPerS()) / 2;
            final double keyPerEntry = RawLoad.keyPerEntry(etcd, payloadLength, time).countPerS();
            etcd.clear();
            results.add(label + "bytes of a batch", "B", "", first.valueLength());
            results.add(label + "bare transactions of such values", "/s", "", bare + bareAgain);
            results.add(label + "log, entries", "/s", "", ours);
            results.add(label + "one key per entry, entries", "/s", "", keyPerEntry);
            results.add(
                    label + "log by bare transactions",
                    "",
                    "≥ 0.9",
                    (first.transactionsPerS() + second.transactionsPerS())
                            / 2
                            / (bare + bareAgain));
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

    private static double bare(final RawEtcd etcd, final int valueLength, final RunTime time) {
        final double rate = RawLoad.unchained(etcd, IN_FLIGHT, valueLength, time).countPerS();
        etcd.clear();
        return rate;
    }
}
