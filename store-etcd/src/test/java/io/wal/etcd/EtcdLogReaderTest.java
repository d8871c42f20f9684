package io.wal.etcd;

import static io.wal.etcd.EtcdFixture.append;
import static io.wal.etcd.EtcdFixture.appendMany;
import static io.wal.etcd.EtcdFixture.context;
import static io.wal.etcd.EtcdFixture.open;
import static io.wal.etcd.EtcdFixture.poll;
import static io.wal.etcd.EtcdFixture.stealing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.LogReader;
import io.wal.LogTrimmedException;
import io.wal.WriteAheadLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Followers, on a real server, over connections of their own. */
class EtcdLogReaderTest {
    @RegisterExtension static final EtcdCluster CLUSTER = EtcdCluster.ofMembers(1);

    private final EtcdStoreContext context = context(CLUSTER).maxBatchLength(1024);

    private static List<String> expected(final long fromLsn, final long toLsn) {
        return LongStream.rangeClosed(fromLsn, toLsn).mapToObj(lsn -> lsn + " e" + lsn).toList();
    }

    private static List<String> readTo(final LogReader reader, final long lsn) {
        final List<String> read = new ArrayList<>();
        Waiting.until(
                () -> "LSN " + lsn + " is read; at " + reader.nextLsn(),
                () -> {
                    read.addAll(poll(reader, 100));
                    return reader.nextLsn() > lsn;
                });
        return read;
    }

    @Test
    void followerGetsWhatIsThereAndThenWhatComes() {
        try (WriteAheadLog log = open(context)) {
            appendMany(log, 500);
            try (EtcdLogReader reader = EtcdLogReader.open(context, 1)) {
                assertThat(readTo(reader, 500)).isEqualTo(expected(1, 500));
                assertThat(poll(reader, 10)).isEmpty();
                for (int i = 0; i < 10; i++) {
                    appendMany(log, 100);
                    assertThat(readTo(reader, 600 + i * 100L))
                            .isEqualTo(expected(501 + i * 100L, 600 + i * 100L));
                }
            }
            try (EtcdLogReader later = EtcdLogReader.open(context, 777)) {
                assertThat(readTo(later, 1500)).isEqualTo(expected(777, 1500));
            }
        }
    }

    @Test
    void followerGoesOnOverAChangeOfWriters() {
        final WriteAheadLog first = open(context);
        appendMany(first, 100);
        try (EtcdLogReader reader = EtcdLogReader.open(context, 1)) {
            assertThat(readTo(reader, 100)).isEqualTo(expected(1, 100));
            try (WriteAheadLog second = open(stealing(context))) {
                appendMany(second, 100);
                assertThat(readTo(reader, 200)).isEqualTo(expected(101, 200));
            }
            first.close();
            try (WriteAheadLog third = open(context)) {
                appendMany(third, 100);
                assertThat(readTo(reader, 300)).isEqualTo(expected(201, 300));
            }
        } finally {
            first.close();
        }
    }

    @Test
    void followerThatACheckpointOvertookIsTold() {
        try (WriteAheadLog log = open(context)) {
            appendMany(log, 300);
            try (EtcdLogReader reader = EtcdLogReader.open(context, 1)) {
                assertThat(poll(reader, 10)).hasSize(10);
                log.startCheckpoint();
                log.finalizeCheckpoint();
                appendMany(log, 10);

                assertThatThrownBy(() -> EtcdLogReader.open(context, 300))
                        .isInstanceOfSatisfying(
                                LogTrimmedException.class,
                                e -> {
                                    assertThat(e.lsn()).isEqualTo(300);
                                    assertThat(e.firstLsn()).isEqualTo(301);
                                });
                final List<String> rest = readUntilTrimmed(reader, 310);
                assertThat(rest).isEqualTo(expected(11, 10 + rest.size()));
            }
            try (EtcdLogReader reader = EtcdLogReader.open(context, 301)) {
                assertThat(readTo(reader, 310)).isEqualTo(expected(301, 310));
            }
        }
    }

    @Test
    void followerCatchesUpWithMoreThanItHasRoomForAtOnce() {
        context.pageLength(64 << 10).clientContext().maxInboundLength(4 << 20);
        try (WriteAheadLog log = open(context.copy(context.name()).maxBatchLength(1 << 20))) {
            appendMany(log, 10);
            try (EtcdLogReader reader = EtcdLogReader.open(context, 1)) {
                assertThat(readTo(reader, 10)).isEqualTo(expected(1, 10));
                assertThat(poll(reader, 1)).isEmpty();
                final String payload = "y".repeat(500_000);
                for (int i = 0; i < 30; i++) {
                    append(log, payload);
                }
                final List<String> read = readTo(reader, 40);
                assertThat(read).hasSize(30).allMatch(entry -> entry.endsWith(payload));
                appendMany(log, 10);
                assertThat(readTo(reader, 50)).isEqualTo(expected(41, 50));
            }
        }
    }

    @Test
    void compactionUnderAFollowerHarmsNothing() {
        try (WriteAheadLog log = open(context);
                EtcdKv kv = EtcdFixture.connect(context.clientContext())) {
            appendMany(log, 3000);
            try (EtcdLogReader reader = EtcdLogReader.open(context.pageLength(64 << 10), 1)) {
                final List<String> read = new ArrayList<>(poll(reader, 5));
                for (int i = 0; i < 5; i++) {
                    appendMany(log, 100);
                    final long revision =
                            kv.range(KvRange.of(context.keys().epoch())).join().revision();
                    kv.compact(revision).join();
                    read.addAll(poll(reader, 700));
                }
                read.addAll(readTo(reader, 3500));
                assertThat(read).isEqualTo(expected(1, 3500));
            }
        }
    }

    @Test
    void recoveryCopesWithCompactionWhileItReads() {
        try (WriteAheadLog log = open(context)) {
            appendMany(log, 2000);
        }
        final int[] pages = {0};
        final EtcdStoreContext compacting =
                EtcdFixture.tampered(
                        context.pageLength(64 << 10),
                        kv ->
                                new KvDelegate(kv) {
                                    @Override
                                    public CompletableFuture<KvPage> range(final KvRange range) {
                                        if (range.from().contains("/b/") && pages[0]++ % 3 == 1) {
                                            compactNow(kv);
                                        }
                                        return super.range(range);
                                    }
                                });

        assertThat(EtcdFixture.recover(compacting)).isEqualTo(EtcdFixture.entries(1, 2000));
        assertThat(pages[0]).isGreaterThan(3);
    }

    private static void compactNow(final EtcdKv kv) {
        final KvOp change = KvOp.put("change", new byte[1]);
        final KvAnswer answer = kv.txn(new KvTxn(List.of(), List.of(change), List.of())).join();
        kv.compact(answer.revision()).join();
    }

    private static List<String> readUntilTrimmed(final LogReader reader, final long lsn) {
        final List<String> read = new ArrayList<>();
        Waiting.until(
                "end or trimmed",
                () -> {
                    try {
                        read.addAll(poll(reader, 100));
                        return reader.nextLsn() > lsn;
                    } catch (final LogTrimmedException e) {
                        return true;
                    }
                });
        return read;
    }
}
