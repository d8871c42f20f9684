package io.wal.etcd;

import static io.wal.etcd.EtcdFixture.append;
import static io.wal.etcd.EtcdFixture.appendMany;
import static io.wal.etcd.EtcdFixture.buffer;
import static io.wal.etcd.EtcdFixture.context;
import static io.wal.etcd.EtcdFixture.entries;
import static io.wal.etcd.EtcdFixture.open;
import static io.wal.etcd.EtcdFixture.recover;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.Client;
import io.wal.Durability;
import io.wal.LogFailedException;
import io.wal.LogTrimmedException;
import io.wal.RecoveredLog;
import io.wal.WalContext;
import io.wal.WriteAheadLog;
import io.wal.inspect.LogReport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the store puts into a real server, and its limits. */
class EtcdLogStoreTest {
    @RegisterExtension static final EtcdCluster CLUSTER = EtcdCluster.ofMembers(1);

    private final EtcdStoreContext context = context(CLUSTER);
    private final KeyLayout keys = context.keys();

    @Test
    void newLogBeginsAtTheLsnThatWasAskedFor() {
        context.firstLsn(1000);
        for (int i = 0; i < 2; i++) {
            try (WriteAheadLog log = open(context)) {
                assertThat(log.recovered().isEmpty()).isTrue();
                assertThat(log.lastLsn()).isEqualTo(999);
            }
            try (EtcdLogInspector inspector = new EtcdLogInspector(context)) {
                final LogReport report = inspector.verify(bytes -> {});
                assertThat(report.verdict()).isEqualTo(LogReport.Verdict.SOUND);
                assertThat(List.of(report.startLsn(), report.lastLsn()))
                        .containsExactly(1000L, 999L);
            }
        }

        try (WriteAheadLog log = open(context.firstLsn(1))) {
            appendMany(log, 3);
            assertThat(EtcdFixture.poll(log.reader(1001), 10))
                    .containsExactly("1001 e1001", "1002 e1002");
            assertThatThrownBy(
                            () ->
                                    log.reader(999)
                                            .poll((lsn, kind, buffer, offset, length) -> {}, 1))
                    .isInstanceOf(LogTrimmedException.class);
        }

        assertThat(recover(context)).isEqualTo(entries(1000, 1002));
        assertThatThrownBy(() -> open(context.firstLsn(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("firstLsn");
    }

    @Test
    void keysOfALogAreAsDocumented() {
        try (EtcdKv kv = EtcdFixture.connect(context.clientContext())) {
            final WriteAheadLog log = open(context);
            append(log, "e1");
            append(log, "e2");
            assertThat(keysOf(kv))
                    .containsExactly(
                            keys.batch(1),
                            keys.batch(2),
                            keys.epochStart(1),
                            keys.epoch(),
                            keys.owner());
            final KvEntry owner = kv.range(KvRange.of(keys.owner())).join().entry();
            assertThat(owner.leaseId()).isNotZero();
            assertThat(Owner.of(owner).pid()).isEqualTo(ProcessHandle.current().pid());
            final KvEntry batch = kv.range(KvRange.of(keys.batch(2))).join().entry();
            assertThat(batch.leaseId()).isZero();

            log.startCheckpoint();
            log.finalizeCheckpoint();
            log.close();
            Waiting.until(
                    "the keys of a closed log",
                    () ->
                            keysOf(kv)
                                    .equals(
                                            List.of(
                                                    keys.closed(),
                                                    keys.checkpoint(),
                                                    keys.epochStart(1),
                                                    keys.epoch(),
                                                    keys.trim())));
            assertThat(kv.range(KvRange.of(keys.registration())).join().isEmpty()).isFalse();
        }
        try (WriteAheadLog log = open(context)) {
            assertThat(log.recovered())
                    .isEqualTo(new RecoveredLog(3, 2, 2, RecoveredLog.Tail.CLOSED));
            assertThat(append(log, "e3")).isEqualTo(3);
        }
        assertThat(recover(context)).isEqualTo(entries(3, 3));
    }

    @Test
    void batchesKeepToTheirLimitAndLargerRecordsGetTheirOwn() {
        final int limit = 2048;
        try (WriteAheadLog log = open(context.maxBatchLength(limit));
                EtcdKv kv = EtcdFixture.connect(context.clientContext())) {
            for (int i = 0; i < 300; i++) {
                final UnsafeBuffer payload = buffer("x".repeat(i % 50 == 0 ? 3 * limit : i));
                log.append(payload, 0, payload.capacity());
            }
            log.flush();

            long nextLsn = 1;
            final BatchView view = new BatchView();
            final KvPage page = kv.range(KvRange.of(keys.batchesBegin(), keys.batchesEnd())).join();
            final long logId =
                    Registration.of(kv.range(KvRange.of(keys.registration())).join().entry())
                            .logId();
            for (final KvEntry entry : page.entries()) {
                assertThat(view.wrap(entry, nextLsn, logId)).isNull();
                if (view.lastLsn() > view.firstLsn()) {
                    assertThat(view.length())
                            .isLessThanOrEqualTo(limit + BatchDescriptor.HEADER_LENGTH);
                }
                nextLsn = view.lastLsn() + 1;
            }
            assertThat(nextLsn).isEqualTo(301);
            assertThat(page.count()).isLessThan(300);
        }
        assertThat(recover(context)).hasSize(300);
    }

    @Test
    void largestPayloadIsKeptAndOneByteMoreIsRefused() {
        final int most = context.maxPayloadLength();
        final String payload = "x".repeat(most);
        try (WriteAheadLog log = open(context)) {
            assertThat(append(log, payload)).isEqualTo(1);
            final UnsafeBuffer larger = buffer(payload + "x");
            assertThatThrownBy(() -> log.append(larger, 0, larger.capacity()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(Integer.toString(most + 1));
            assertThat(append(log, "e2")).isEqualTo(2);
        }
        assertThat(recover(context)).containsEntry(1L, payload).containsEntry(2L, "e2");
    }

    @Test
    void requestThatTheServerFindsTooLargeEndsTheLogWithTheCure() {
        final WriteAheadLog log = open(context.maxPayloadLength(3 << 20));
        append(log, "e1");

        final CompletableFuture<Long> tooLarge =
                log.appendAsync(buffer("x".repeat(3 << 20)), 0, 3 << 20, Durability.FORCED);

        assertThat(tooLarge)
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .withCauseInstanceOf(LogFailedException.class)
                .withMessageContaining("--max-request-bytes");
        assertThat(log.durableLsn()).isEqualTo(1);
        assertThatThrownBy(log::close).isInstanceOf(LogFailedException.class);
        assertThat(recover(context)).isEqualTo(entries(1, 1));
    }

    @Test
    void spaceBeforeACheckpointIsReleasedInSlices() {
        context.maxBatchLength(1024);
        try (WriteAheadLog log = open(context);
                EtcdKv kv = EtcdFixture.connect(context.clientContext())) {
            for (int i = 0; i < 2500; i++) {
                final UnsafeBuffer payload = buffer("e" + (i + 1) + " " + "x".repeat(1000));
                log.append(payload, 0, payload.capacity());
            }
            log.flush();
            assertThat(count(kv)).isEqualTo(2500);

            log.startCheckpoint();
            log.finalizeCheckpoint();

            Waiting.until("the batches are gone", () -> count(kv) == 0);
            appendMany(log, 5);
        }
        assertThat(recover(context)).isEqualTo(entries(2501, 2505));
    }

    @Test
    void whatADeadWriterLeftBeforeItsCheckpointIsReleasedByTheNext() {
        try (EtcdKv kv = EtcdFixture.connect(context.clientContext())) {
            final WriteAheadLog log =
                    open(
                            EtcdFixture.tampered(
                                    context,
                                    each ->
                                            new KvDelegate(each) {
                                                @Override
                                                public CompletableFuture<KvAnswer> txn(
                                                        final KvTxn txn) {
                                                    return isTrim(txn)
                                                            ? new CompletableFuture<>()
                                                            : super.txn(txn);
                                                }
                                            }));
            for (int i = 0; i < 250; i++) {
                append(log, "e" + (i + 1));
            }
            log.startCheckpoint();
            log.finalizeCheckpoint();
            log.close();
            assertThat(count(kv)).isEqualTo(250);

            try (WriteAheadLog next = open(context)) {
                assertThat(next.recovered().startLsn()).isEqualTo(251);
                assertThat(count(kv)).isZero();
            }
        }
    }

    @Test
    void oldRevisionsAreCompactedWhenAskedFor() {
        try (WriteAheadLog log = open(context.compactAfterTrim(true));
                EtcdKv kv = EtcdFixture.connect(context.clientContext())) {
            appendMany(log, 100);
            log.startCheckpoint();
            log.finalizeCheckpoint();

            Waiting.until(
                    "compacted",
                    () -> {
                        try {
                            kv.range(KvRange.of(keys.batch(1)).at(2)).join();
                            return false;
                        } catch (final RuntimeException e) {
                            return KvException.of(e).kind() == KvException.Kind.COMPACTED;
                        }
                    });
            appendMany(log, 5);
        }
        assertThat(recover(context)).isEqualTo(entries(101, 105));
    }

    @Test
    void callersOwnClientIsUsedAndLeftOpen() {
        final Client client =
                Client.builder().endpoints("http://" + CLUSTER.member().endpoint()).build();
        try {
            context.clientContext(new EtcdClientContext().client(client));
            try (WriteAheadLog log = open(context)) {
                appendMany(log, 10);
            }
            assertThat(recover(context)).isEqualTo(entries(1, 10));
            assertThat(client.getKVClient().get(ByteSequence.from("x", StandardCharsets.UTF_8)))
                    .succeedsWithin(Duration.ofSeconds(5));
        } finally {
            client.close();
        }
    }

    @Test
    void lowLimitsOfTheLogItselfMakeSmallBatches() {
        try (WriteAheadLog log =
                        WriteAheadLog.open(
                                new WalContext()
                                        .store(new EtcdLogStore(context))
                                        .maxBatchEntryCount(3));
                EtcdKv kv = EtcdFixture.connect(context.clientContext())) {
            appendMany(log, 30);
            assertThat(count(kv)).isGreaterThan(1);
        }
        assertThat(recover(context)).isEqualTo(entries(1, 30));
    }

    private static boolean isTrim(final KvTxn txn) {
        return txn.then().size() == 1
                && txn.then().get(0) instanceof KvOp.Delete delete
                && delete.from().endsWith("/b/");
    }

    private long count(final EtcdKv kv) {
        return kv.range(KvRange.of(keys.batchesBegin(), keys.batchesEnd()).count()).join().count();
    }

    private List<String> keysOf(final EtcdKv kv) {
        return kv.range(KvRange.of(keys.begin(), keys.end()).keys()).join().entries().stream()
                .map(KvEntry::key)
                .toList();
    }
}
