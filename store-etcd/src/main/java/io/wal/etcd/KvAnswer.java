package io.wal.etcd;

import java.util.List;

/**
 * The answer to a {@link KvTxn}.
 *
 * @param succeeded whether the compares held.
 * @param clusterId of the cluster that answered.
 * @param revision of the store after the transaction.
 * @param reads the answers to the reads of the branch that was taken, in their order.
 */
record KvAnswer(boolean succeeded, long clusterId, long revision, List<KvPage> reads) {
    KvPage read(final int index) {
        return reads.get(index);
    }
}
