package io.wal.etcd;

import java.util.List;

/**
 * A transaction. It is built once and may be sent several times: {@link Fence#txn} sees to it that
 * only one has an effect.
 *
 * @param compares that must all hold.
 * @param then done when they hold.
 * @param otherwise done when they do not; reads only.
 */
record KvTxn(List<KvCompare> compares, List<KvOp> then, List<KvOp> otherwise) {
    /** Several reads of one moment. */
    static KvTxn reads(final KvOp... reads) {
        return new KvTxn(List.of(), List.of(reads), List.of());
    }
}
