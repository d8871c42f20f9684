/**
 * The store in etcd, beside what the same cluster does with bare transactions. Start with {@link
 * io.wal.jmh.etcd.EtcdCompare}, which alternates between the two on one cluster; {@link
 * io.wal.jmh.etcd.EtcdBenchmark} is the same under JMH.
 */
package io.wal.jmh.etcd;
