/**
 * A store in etcd: a log that survives the loss of machines and has one writer at a time.
 *
 * <p>Start with {@link io.wal.etcd.EtcdLogStore}, which writes, and {@link
 * io.wal.etcd.EtcdStoreContext}, which holds its settings. {@link io.wal.etcd.EtcdLogReader}
 * follows a log from any machine, {@link io.wal.etcd.EtcdLogInspector} looks at one, {@link
 * io.wal.etcd.EtcdLogCatalog} lists them.
 *
 * <p>Inside: {@code KeyLayout} and {@code BatchDescriptor} say what is stored; {@code Fence} is the
 * one place that builds transactions; {@code Ownership} and {@code LogRecovery} open a log, {@code
 * CommitWindow} and {@code TxnCourier} write it. {@code EtcdKv} is the seam to etcd, with jetcd
 * behind it, and {@code Timing} that to the clock: tests put models in their places.
 */
package io.wal.etcd;
