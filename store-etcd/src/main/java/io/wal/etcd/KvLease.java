package io.wal.etcd;

/**
 * A lease.
 *
 * @param id of the lease.
 * @param grantedS seconds granted; the server may grant more than was asked for.
 * @param remainingS seconds it lives on without renewal; 0 or less when it has ended.
 */
record KvLease(long id, long grantedS, long remainingS) {}
