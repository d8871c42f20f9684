package io.wal.jmh.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.kv.GetResponse;
import io.etcd.jetcd.kv.PutResponse;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Cmp;
import io.etcd.jetcd.op.CmpTarget;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.CompactOption;
import io.etcd.jetcd.options.DeleteOption;
import io.etcd.jetcd.options.GetOption;
import io.etcd.jetcd.options.PutOption;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** What can be had of a cluster with the client alone: bare transactions and bare reads. */
final class RawEtcd implements AutoCloseable {
    private static final int MAX_INBOUND_LENGTH = 64 << 20;
    private static final long TIMEOUT_S = 60;
    private static final String PREFIX = "raw/";

    private final Client client;
    private final KV kv;
    private final ByteSequence epochKey = key("raw-epoch");
    private final Cmp fence;

    /** Connects, and puts the key that every transaction compares, as those of the store do. */
    RawEtcd(final String... endpoints) {
        client =
                Client.builder()
                        .endpoints(
                                Stream.of(endpoints)
                                        .map(endpoint -> "http://" + endpoint)
                                        .toArray(String[]::new))
                        .maxInboundMessageSize(MAX_INBOUND_LENGTH)
                        .build();
        kv = client.getKVClient();
        final long revision = await(kv.put(epochKey, key("1"))).getHeader().getRevision();
        fence = new Cmp(epochKey, Cmp.Op.EQUAL, CmpTarget.modRevision(revision));
    }

    static byte[] randomValue(final int length) {
        final byte[] value = new byte[length];
        new Random(length).nextBytes(value);
        return value;
    }

    /** Puts a value under a key of its own, if the epoch is unchanged and the key is not there. */
    CompletableFuture<TxnResponse> put(final long number, final byte[] value) {
        final ByteSequence key = key(String.format(Locale.ROOT, "%sb/%016x", PREFIX, number));
        return kv.txn()
                .If(fence, new Cmp(key, Cmp.Op.EQUAL, CmpTarget.createRevision(0)))
                .Then(Op.put(key, ByteSequence.from(value), PutOption.DEFAULT))
                .commit();
    }

    /** Puts something small under a key that others do not use. */
    CompletableFuture<PutResponse> putProbe() {
        return kv.put(key("probe"), key("x"));
    }

    /**
     * Puts one entry the way of a log with a counter: whoever finds the next LSN as expected moves
     * it on, and puts the entry under its LSN.
     */
    CompletableFuture<TxnResponse> putCounted(final long lsn, final byte[] entry) {
        final ByteSequence nextLsn = key(PREFIX + "nextLSN");
        final Cmp asExpected =
                lsn == 1
                        ? new Cmp(nextLsn, Cmp.Op.EQUAL, CmpTarget.createRevision(0))
                        : new Cmp(nextLsn, Cmp.Op.EQUAL, CmpTarget.value(key(Long.toString(lsn))));
        return kv.txn()
                .If(asExpected)
                .Then(
                        Op.put(nextLsn, key(Long.toString(lsn + 1)), PutOption.DEFAULT),
                        Op.put(
                                key(String.format(Locale.ROOT, "%se/%016x", PREFIX, lsn)),
                                ByteSequence.from(entry),
                                PutOption.DEFAULT))
                .commit();
    }

    /** Reads the values under a prefix, page by page; returns their bytes. */
    long readPages(final String prefix, final int keysPerPage) {
        final ByteSequence end = rangeEnd(prefix);
        final long revision = await(kv.get(epochKey)).getHeader().getRevision();
        ByteSequence from = key(prefix);
        long length = 0;
        while (true) {
            final GetOption option =
                    GetOption.builder()
                            .withRange(end)
                            .withLimit(keysPerPage)
                            .withRevision(revision)
                            .withSerializable(true)
                            .build();
            final GetResponse page = await(kv.get(from, option));
            final List<KeyValue> entries = page.getKvs();
            for (final KeyValue entry : entries) {
                length += entry.getValue().getBytes().length;
            }
            if (!page.isMore()) {
                return length;
            }
            from = entries.get(entries.size() - 1).getKey().concat(key("\0"));
        }
    }

    /** How many keys there are under a prefix. */
    long count(final String prefix) {
        final GetOption option =
                GetOption.builder().withRange(rangeEnd(prefix)).withCountOnly(true).build();
        return await(kv.get(key(prefix), option)).getCount();
    }

    /** Removes all keys under a prefix, and lets the servers forget them. */
    void clear(final String prefix) {
        final DeleteOption all = DeleteOption.builder().withRange(rangeEnd(prefix)).build();
        await(kv.delete(key(prefix), all));
        final PutResponse last = await(kv.put(key("cleared"), key(prefix)));
        final CompactOption physically = CompactOption.builder().withCompactPhysical(true).build();
        await(kv.compact(last.getHeader().getRevision(), physically));
    }

    /** Removes what the transactions here have put. */
    void clear() {
        clear(PREFIX);
    }

    @Override
    public void close() {
        client.close();
    }

    static <T> T await(final CompletableFuture<T> future) {
        try {
            return future.get(TIMEOUT_S, TimeUnit.SECONDS);
        } catch (final ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        } catch (final InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** An answer that the transaction did nothing makes a measurement void. */
    static void requireDone(final TxnResponse answer) {
        if (!answer.isSucceeded()) {
            throw new IllegalStateException("a transaction found what it did not expect");
        }
    }

    private static ByteSequence rangeEnd(final String prefix) {
        final int last = prefix.length() - 1;
        return key(prefix.substring(0, last) + (char) (prefix.charAt(last) + 1));
    }

    private static ByteSequence key(final String text) {
        return ByteSequence.from(text, StandardCharsets.ISO_8859_1);
    }
}
