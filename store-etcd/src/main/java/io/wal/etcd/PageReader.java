package io.wal.etcd;

import io.wal.StorageException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Reads batches page by page, each while the one before is worked on, in a memory that does not
 * depend on how many there are.
 *
 * <p>A page is asked for by number of keys, for etcd cannot count bytes; the number follows the
 * sizes seen. It is asked for within a span of LSNs, for etcd walks the whole range that is asked
 * for, however few keys of it are wanted.
 */
final class PageReader {
    private static final int FIRST_LIMIT = 16;
    private static final int MOST_LIMIT = 1024;
    private static final long FIRST_SPAN = 4096;
    private static final long MOST_SPAN = 1L << 40;

    private final Calls calls;
    private final KeyLayout keys;
    private final int pageLength;
    private final boolean steady;
    private long revision;
    private String from;
    private long spanBeginLsn;
    private long span = FIRST_SPAN;
    private int limit = FIRST_LIMIT;
    private boolean ended;
    private Ask ask;

    /** A question that is under way. */
    private record Ask(KvRange range, boolean toEnd, CompletableFuture<KvPage> answer) {}

    /**
     * Creates a reader.
     *
     * @param calls to ask with.
     * @param keys of the log.
     * @param fromLsn first LSN of the first batch.
     * @param revision to read at.
     * @param steady whether nobody changes what is read, so that a newer revision does as well when
     *     this one was compacted away.
     * @param pageLength bytes that a page should have.
     */
    PageReader(
            final Calls calls,
            final KeyLayout keys,
            final long fromLsn,
            final long revision,
            final boolean steady,
            final int pageLength) {
        this.calls = calls;
        this.keys = keys;
        this.revision = revision;
        this.steady = steady;
        this.pageLength = pageLength;
        from = keys.batch(fromLsn);
        spanBeginLsn = fromLsn;
        ask(false);
    }

    /**
     * The next page.
     *
     * @return entries in the order of keys; none at the end.
     * @throws KvException when the revision was compacted away.
     */
    List<KvEntry> next() {
        while (!ended) {
            final KvPage page = await();
            final boolean toEnd = ask.toEnd();
            if (!page.isEmpty()) {
                advance(page, toEnd);
                return page.entries();
            }
            if (toEnd) {
                ended = true;
            } else {
                ask(true); // the end, or a gap longer than the span
            }
        }
        return List.of();
    }

    /** The revision that is read at. */
    long revision() {
        return revision;
    }

    private void ask(final boolean toEnd) {
        final String to = toEnd ? keys.batchesEnd() : keys.batch(spanEnd());
        final KvRange range = KvRange.of(from, to).first(limit).at(revision);
        ask = new Ask(range, toEnd, calls.kv().range(range));
    }

    private long spanEnd() {
        return spanBeginLsn > Long.MAX_VALUE - span ? Long.MAX_VALUE : spanBeginLsn + span;
    }

    private KvPage await() {
        try {
            return calls.await(ask.answer());
        } catch (final KvException e) {
            return awaitAgain(e);
        }
    }

    private KvPage awaitAgain(final KvException first) {
        KvException failure = first;
        while (true) {
            if (failure.kind() == KvException.Kind.COMPACTED && steady) {
                revision = calls.read(KvOp.get(keys.epoch())).revision();
            } else if (failure.kind() == KvException.Kind.TOO_LARGE && limit > 1) {
                limit = Math.max(1, limit / 4);
            } else if (failure.kind() == KvException.Kind.COMPACTED) {
                throw failure;
            } else if (!failure.isPassing()) {
                throw new StorageException(calls.location(), "read", failure);
            }
            ask = new Ask(ask.range().first(limit).at(revision), ask.toEnd(), null);
            try {
                return calls.tryCall(() -> calls.kv().range(ask.range()));
            } catch (final KvException e) {
                if (e.isPassing()) {
                    throw e.toWalException(calls.location(), "read"); // asked long enough
                }
                failure = e;
            }
        }
    }

    private void advance(final KvPage page, final boolean toEnd) {
        final List<KvEntry> entries = page.entries();
        final int count = entries.size();
        long length = 0;
        for (final KvEntry entry : entries) {
            length += entry.value().length;
        }
        final String lastKey = entries.get(count - 1).key();
        final long firstLsn = keys.firstLsnOf(entries.get(0).key());
        final long lastLsn = keys.firstLsnOf(lastKey);
        limit =
                (int)
                        Math.max(
                                1,
                                Math.min(
                                        Math.min(MOST_LIMIT, 2L * limit),
                                        pageLength * (long) count / Math.max(1, length)));
        final boolean more = page.count() > count;
        if (more || toEnd) {
            from = lastKey + '\0';
            spanBeginLsn = Math.max(spanBeginLsn, lastLsn);
        } else {
            spanBeginLsn = spanEnd();
            from = keys.batch(spanBeginLsn);
        }
        if (count > 1 && lastLsn > firstLsn) {
            final long lsnsPerBatch = (lastLsn - firstLsn) / (count - 1) + 1;
            span = Math.min(MOST_SPAN, Math.max(1, lsnsPerBatch * limit));
        } else {
            span = Math.min(MOST_SPAN, span * 2);
        }
        if (toEnd && !more) {
            ended = true;
        } else {
            ask(false);
        }
    }
}
