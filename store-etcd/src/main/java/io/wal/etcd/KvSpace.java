package io.wal.etcd;

/**
 * What the store of a cluster member takes.
 *
 * @param length of the file in bytes, which is what the quota counts.
 * @param lengthInUse bytes of it in use; the rest comes back by defragmentation alone.
 */
record KvSpace(long length, long lengthInUse) {}
