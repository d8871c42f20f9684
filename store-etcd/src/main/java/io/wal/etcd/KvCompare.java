package io.wal.etcd;

/**
 * A condition of a transaction on one key.
 *
 * @param key of the condition.
 * @param target which revision of the key is compared.
 * @param revision that it must be; 0 for a key that does not exist.
 */
record KvCompare(String key, Target target, long revision) {
    enum Target {
        CREATE_REVISION,
        MOD_REVISION
    }

    /** The key does not exist. */
    static KvCompare absent(final String key) {
        return new KvCompare(key, Target.CREATE_REVISION, 0);
    }

    /** The key was last changed at a revision; 0 for a key that does not exist. */
    static KvCompare unchangedSince(final String key, final long modRevision) {
        return new KvCompare(key, Target.MOD_REVISION, modRevision);
    }
}
