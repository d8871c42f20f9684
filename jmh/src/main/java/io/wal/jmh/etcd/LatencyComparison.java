package io.wal.jmh.etcd;

import io.wal.Durability;
import io.wal.jmh.load.Payload;
import io.wal.record.RecordDescriptor;
import java.util.Arrays;

/** An append that is waited for, and a bare transaction of an equal value, by turns. */
final class LatencyComparison {
    private static final int BLOCKS = 12;
    private static final int WARMUP_BLOCKS = 4;
    private static final int BLOCK_LENGTH = 200;

    private final EtcdServers servers;
    private final Rounds results;
    private final String label;

    LatencyComparison(final EtcdServers servers, final Rounds results, final String label) {
        this.servers = servers;
        this.results = results;
        this.label = label;
    }

    /** One round. */
    void run(final int payloadLength) {
        final int valueLength =
                StoreLoad.BATCH_HEADER_LENGTH + RecordDescriptor.frameLength(payloadLength);
        final byte[] value = RawEtcd.randomValue(valueLength);
        final Payload payload = new Payload(payloadLength, 0);
        final long[] ours = new long[BLOCKS * BLOCK_LENGTH];
        final long[] bare = new long[BLOCKS * BLOCK_LENGTH];
        long number = 0;
        try (RawEtcd etcd = new RawEtcd(servers.endpoints())) {
            try (StoreLoad load = new StoreLoad(servers.endpoints())) {
                for (int block = -WARMUP_BLOCKS; block < BLOCKS; block++) {
                    for (int i = 0; i < BLOCK_LENGTH; i++) {
                        final long beginNs = System.nanoTime();
                        load.log()
                                .appendAndAwait(
                                        payload.number(number),
                                        0,
                                        payloadLength,
                                        Durability.FORCED);
                        put(ours, block, i, System.nanoTime() - beginNs);
                        number++;
                    }
                    for (int i = 0; i < BLOCK_LENGTH; i++) {
                        final long beginNs = System.nanoTime();
                        RawEtcd.requireDone(RawEtcd.await(etcd.put(number, value)));
                        put(bare, block, i, System.nanoTime() - beginNs);
                        number++;
                    }
                }
            }
            etcd.clear(StoreLoad.PREFIX);
            etcd.clear();
        }
        report(ours, bare, 0.5, "median", "≤ 1.2");
        report(ours, bare, 0.99, "99 %", "");
    }

    private void report(
            final long[] ours,
            final long[] bare,
            final double share,
            final String name,
            final String target) {
        final double oursUs = quantile(ours, share);
        final double bareUs = quantile(bare, share);
        results.add(label + "lone append, " + name, "µs", "", oursUs);
        results.add(label + "bare transaction, " + name, "µs", "", bareUs);
        results.add(
                label + "lone append by bare transaction, " + name, "", target, oursUs / bareUs);
    }

    private static void put(final long[] values, final int block, final int i, final long value) {
        if (block >= 0) {
            values[block * BLOCK_LENGTH + i] = value;
        }
    }

    private static double quantile(final long[] valuesNs, final double share) {
        final long[] sorted = valuesNs.clone();
        Arrays.sort(sorted);
        return sorted[(int) (share * (sorted.length - 1))] / 1e3;
    }
}
