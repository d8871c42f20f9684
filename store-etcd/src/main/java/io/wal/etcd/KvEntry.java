package io.wal.etcd;

/**
 * A key and its value.
 *
 * @param key the key.
 * @param value empty when only keys were asked for; not to be changed.
 * @param modRevision of the last change.
 * @param leaseId whose end removes the key; 0 for none.
 */
record KvEntry(String key, byte[] value, long modRevision, long leaseId) {}
