package io.wal.etcd;

/** A step of a transaction. */
sealed interface KvOp {
    /**
     * Stores a value.
     *
     * @param key to store it under.
     * @param value to store; not changed afterwards by anyone.
     * @param leaseId whose end removes the key; 0 for none.
     */
    record Put(String key, byte[] value, long leaseId) implements KvOp {}

    /**
     * Deletes keys.
     *
     * @param from first key.
     * @param to key behind the last one; null for {@code from} alone.
     */
    record Delete(String from, String to) implements KvOp {}

    /**
     * Reads keys, as the transaction leaves them.
     *
     * @param range to read.
     */
    record Get(KvRange range) implements KvOp {}

    static KvOp put(final String key, final byte[] value) {
        return new Put(key, value, 0);
    }

    static KvOp get(final String key) {
        return new Get(KvRange.of(key));
    }
}
