package io.wal.etcd;

import io.wal.Durability;
import io.wal.LogReader;
import io.wal.WalContext;
import io.wal.WriteAheadLog;
import io.wal.store.LogStore;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.agrona.concurrent.UnsafeBuffer;

/** Logs for tests, their entries strings, each under a name of its own. */
final class EtcdFixture {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private EtcdFixture() {}

    static String newName() {
        return "log-" + NAMES.incrementAndGet();
    }

    /** Settings for a new log on a cluster. */
    static EtcdStoreContext context(final EtcdCluster cluster) {
        return context(new EtcdClientContext().endpoints(cluster.endpoints()));
    }

    static EtcdStoreContext context(final EtcdClientContext client) {
        return new EtcdStoreContext()
                .clientContext(client)
                .name(newName())
                .acquirePolicy(EtcdStoreContext.AcquirePolicy.FAIL)
                .warningHandler(message -> {});
    }

    /** Settings for a new log on a model. */
    static EtcdStoreContext context(final ModelEtcd etcd) {
        return context(new EtcdClientContext().connector(() -> new LocalKv(etcd)));
    }

    /** The same log, for a writer that takes it whoever has it. */
    static EtcdStoreContext stealing(final EtcdStoreContext context) {
        return context.copy(context.name()).acquirePolicy(EtcdStoreContext.AcquirePolicy.STEAL);
    }

    /** The same log, over a connection that is tampered with. */
    static EtcdStoreContext tampered(
            final EtcdStoreContext context, final UnaryOperator<EtcdKv> tampering) {
        final EtcdClientContext client = context.clientContext();
        return context.copy(context.name())
                .clientContext(
                        new EtcdClientContext()
                                .requestTimeout(client.requestTimeout())
                                .connectTimeout(client.connectTimeout())
                                .connector(() -> tampering.apply(connect(client))));
    }

    /** A connection to what a context names, for looking at keys and changing them. */
    static EtcdKv connect(final EtcdClientContext client) {
        client.conclude();
        return client.connect();
    }

    static WriteAheadLog open(final EtcdStoreContext context) {
        return open(new EtcdLogStore(context));
    }

    static WriteAheadLog open(final LogStore store) {
        final WriteAheadLog log =
                WriteAheadLog.open(
                        new WalContext()
                                .store(store)
                                .ringCapacity(1024)
                                .closeTimeout(Duration.ofSeconds(20)));
        log.recover((lsn, kind, buffer, offset, length) -> {});
        return log;
    }

    /** Opens a log, and closes it again. */
    static Map<Long, String> recover(final EtcdStoreContext context) {
        final Map<Long, String> entries = new TreeMap<>();
        try (WriteAheadLog log =
                WriteAheadLog.open(new WalContext().store(new EtcdLogStore(context)))) {
            log.recover(
                    (lsn, kind, buffer, offset, length) ->
                            entries.put(lsn, buffer.getStringWithoutLengthAscii(offset, length)));
        }
        return entries;
    }

    static long append(final WriteAheadLog log, final String payload) {
        final UnsafeBuffer buffer = buffer(payload);
        return log.appendAndAwait(buffer, 0, buffer.capacity(), Durability.FORCED);
    }

    /**
     * Appends so many entries, e1 and so on after the last LSN, and waits until all are durable.
     */
    static void appendMany(final WriteAheadLog log, final int count) {
        for (int i = 0; i < count; i++) {
            final UnsafeBuffer buffer = buffer("e" + (log.lastLsn() + 1));
            log.append(buffer, 0, buffer.capacity());
        }
        log.flush();
    }

    /** What {@link #appendMany} appends. */
    static Map<Long, String> entries(final long fromLsn, final long toLsn) {
        final Map<Long, String> entries = new TreeMap<>();
        for (long lsn = fromLsn; lsn <= toLsn; lsn++) {
            entries.put(lsn, "e" + lsn);
        }
        return entries;
    }

    static List<String> poll(final LogReader reader, final int limit) {
        final List<String> entries = new ArrayList<>();
        reader.poll(
                (lsn, kind, buffer, offset, length) ->
                        entries.add(lsn + " " + buffer.getStringWithoutLengthAscii(offset, length)),
                limit);
        return entries;
    }

    static UnsafeBuffer buffer(final String payload) {
        return new UnsafeBuffer(payload.getBytes(StandardCharsets.US_ASCII));
    }
}
