package io.wal.etcd;

/**
 * What those need who change a log: how to build a transaction, where to take it, and what the keys
 * are.
 *
 * @param fence that builds it.
 * @param courier that brings it.
 * @param keys of the log.
 */
record Writing(Fence fence, TxnCourier courier, KeyLayout keys) {}
