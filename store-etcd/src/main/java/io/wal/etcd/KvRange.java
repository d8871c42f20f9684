package io.wal.etcd;

/**
 * What to read: keys in their order, which is how etcd keeps them (asking for a sort makes it read
 * everything).
 *
 * @param from first key.
 * @param to key behind the last one; null for {@code from} alone.
 * @param limit most keys to return; 0 for all.
 * @param revision to read at; 0 for the present, through a quorum. Reading at a revision is exact
 *     on every member: one that lags says so.
 * @param content what to return of each key.
 */
record KvRange(String from, String to, int limit, long revision, Content content) {
    enum Content {
        ALL,
        KEYS,
        COUNT
    }

    static KvRange of(final String key) {
        return new KvRange(key, null, 0, 0, Content.ALL);
    }

    static KvRange of(final String from, final String to) {
        return new KvRange(from, to, 0, 0, Content.ALL);
    }

    KvRange first(final int count) {
        return new KvRange(from, to, count, revision, content);
    }

    KvRange at(final long readRevision) {
        return new KvRange(from, to, limit, readRevision, content);
    }

    KvRange keys() {
        return new KvRange(from, to, limit, revision, Content.KEYS);
    }

    KvRange count() {
        return new KvRange(from, to, limit, revision, Content.COUNT);
    }
}
