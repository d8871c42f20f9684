package io.wal.etcd;

import static io.wal.etcd.EtcdFixture.appendMany;
import static io.wal.etcd.EtcdFixture.context;
import static io.wal.etcd.EtcdFixture.entries;
import static io.wal.etcd.EtcdFixture.open;
import static io.wal.etcd.EtcdFixture.recover;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.CorruptLogException;
import io.wal.EntryHandler;
import io.wal.LogNotFoundException;
import io.wal.RecoveredLog;
import io.wal.UnsupportedFormatException;
import io.wal.WriteAheadLog;
import io.wal.inspect.LogReport;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Logs that are not as they were left, on the model. */
class EtcdDamageTest {
    private static final EntryHandler NOBODY = (lsn, kind, buffer, offset, length) -> {};

    private final ModelEtcd etcd = new ModelEtcd(System::nanoTime);
    private final EtcdStoreContext context = context(etcd).maxBatchLength(1024);
    private final KeyLayout keys = context.keys();

    @Test
    void everyFlippedBitOfABatchIsFound() {
        writeBatches(1, 1);
        final KvEntry batch = get(keys.batch(1));

        for (int bit = 0; bit < batch.value().length * 8; bit++) {
            final byte[] flipped = batch.value().clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            put(batch.key(), flipped);
            try {
                assertThatThrownBy(() -> open(context))
                        .as("bit " + bit)
                        .isInstanceOfAny(
                                CorruptLogException.class, UnsupportedFormatException.class)
                        .hasMessageContaining(batch.key());
            } finally {
                put(batch.key(), batch.value());
            }
        }
        assertThat(recover(context)).isEqualTo(entries(1, 1));
    }

    @Test
    void everyMissingBatchIsFound() {
        writeBatches(6, 3);
        final List<KvEntry> batches = batches();
        assertThat(batches).hasSizeGreaterThan(3);

        for (final KvEntry batch : batches) {
            delete(batch.key());
            assertDamaged(batch.key(), keys.firstLsnOf(batch.key()));
            put(batch.key(), batch.value());
        }
        assertThat(recover(context)).isEqualTo(entries(1, 18));
    }

    @Test
    void missingBatchOfALogThatCrashedIsFoundByWhatCameAfterIt() {
        final EtcdStoreContext cut =
                EtcdFixture.tampered(context, kv -> new CutKv(kv, context.name()));
        final WriteAheadLog log = open(cut);
        for (int i = 0; i < 5; i++) {
            appendMany(log, 2);
        }
        CutKv.cut(context.name());
        final List<KvEntry> batches = batches();
        delete(batches.get(1).key());

        assertThatThrownBy(() -> open(EtcdFixture.stealing(context)))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("says");
        assertThat(batches()).as("nothing was cut off").hasSize(batches.size() - 1);
        CutKv.mend(context.name());
    }

    @Test
    void batchInFlightBehindAHoleIsATornTail() {
        writeBatches(3, 3);
        unclose();
        final KvEntry last = batches().get(batches().size() - 1);
        put(keys.batch(20), moved(last, 20));
        try (EtcdLogInspector inspector = new EtcdLogInspector(context)) {
            final LogReport report = inspector.verify(length -> {});
            assertThat(report.verdict()).isEqualTo(LogReport.Verdict.SOUND_TORN_TAIL);
            assertThat(report.lastLsn()).isEqualTo(9);
        }

        try (WriteAheadLog log = open(context)) {
            assertThat(log.recovered().tail()).isEqualTo(RecoveredLog.Tail.TORN);
            assertThat(log.recovered().lastLsn()).isEqualTo(9);
            assertThat(etcd.range(KvRange.of(keys.batch(20))).isEmpty()).isTrue();
            appendMany(log, 20);
        }
        assertThat(recover(context)).isEqualTo(entries(1, 29));
    }

    @Test
    void swappedCopiedAndForeignBatchesAreFound() {
        writeBatches(4, 2);
        final List<KvEntry> batches = batches();
        final KvEntry one = batches.get(1);
        final KvEntry other = batches.get(2);

        put(one.key(), other.value());
        assertDamaged(one.key(), keys.firstLsnOf(one.key()));
        put(one.key(), one.value());

        put(keys.batch(9), one.value());
        assertDamaged(keys.batch(9), 9);
        delete(keys.batch(9));

        final ModelEtcd elsewhere = new ModelEtcd(System::nanoTime);
        final EtcdStoreContext another = context(elsewhere);
        try (WriteAheadLog log = open(another)) {
            appendMany(log, 2);
        }
        put(keys.batch(1), elsewhere.range(KvRange.of(another.keys().batch(1))).entry().value());
        assertDamaged(keys.batch(1), 1);
        put(keys.batch(1), batches.get(0).value());

        put(keys.batchesBegin() + "not-a-batch", new byte[8]);
        assertDamaged(keys.batchesBegin() + "not-a-batch", 9);
        delete(keys.batchesBegin() + "not-a-batch");

        assertThat(recover(context)).isEqualTo(entries(1, 8));
    }

    @Test
    void unreadableValuesAreNamed() {
        writeBatches(2, 2);
        for (final String key :
                List.of(keys.registration(), keys.epoch(), keys.closed(), keys.epochStart(1))) {
            final byte[] value = get(key).value();
            for (final String nonsense : List.of("", "x", "a=b", "version=1 epoch=-1 lsn=x")) {
                put(key, nonsense.getBytes(StandardCharsets.US_ASCII));
                assertThatThrownBy(() -> open(context))
                        .as(key + " is '" + nonsense + "'")
                        .isInstanceOf(CorruptLogException.class)
                        .hasMessageContaining(key);
            }
            put(key, value);
        }
        assertThat(recover(context)).isEqualTo(entries(1, 4));
    }

    @Test
    void newerFormatVersionsAreRefusedAndLeftAlone() {
        writeBatches(2, 2);
        final byte[] registration = get(keys.registration()).value();
        put(keys.registration(), new Registration(1, Registration.VERSION + 1, 0).encode());
        assertThatThrownBy(() -> open(context))
                .isInstanceOfSatisfying(
                        UnsupportedFormatException.class,
                        e -> assertThat(e.version()).isEqualTo(Registration.VERSION + 1));
        put(keys.registration(), registration);

        final KvEntry batch = batches().get(0);
        final byte[] newer = batch.value().clone();
        newer[BatchDescriptor.VERSION_OFFSET] = BatchDescriptor.VERSION + 1;
        put(batch.key(), newer);
        assertThatThrownBy(() -> open(context)).isInstanceOf(UnsupportedFormatException.class);
        assertThat(get(batch.key()).value()).isEqualTo(newer);
    }

    @Test
    void noLogIsMadeAmongForeignKeys() {
        put(keys.begin() + "something", new byte[1]);

        assertThatThrownBy(() -> open(context))
                .isInstanceOf(CorruptLogException.class)
                .hasMessageContaining("something")
                .hasMessageContaining("foreign");

        assertThat(etcd.range(KvRange.of(keys.begin(), keys.end())).entries()).hasSize(1);
    }

    @Test
    void foreignKeysBesideALogAreReportedAndDoNoHarm() {
        writeBatches(2, 2);
        put(keys.begin() + "a", new byte[1]);
        put(keys.begin() + "zz", new byte[1]);
        put(keys.epochStartsBegin() + "nonsense", new byte[1]);

        try (EtcdLogInspector inspector = new EtcdLogInspector(context)) {
            final LogReport report = inspector.verify(length -> {});
            assertThat(report.verdict()).isEqualTo(LogReport.Verdict.SOUND);
            assertThat(report.foreign())
                    .containsExactly(
                            keys.begin() + "a",
                            keys.epochStartsBegin() + "nonsense",
                            keys.begin() + "zz");
        }
        assertThat(recover(context)).isEqualTo(entries(1, 4));
    }

    @Test
    void logThatDoesNotExistIsNotMadeUnlessAskedFor() {
        final EtcdStoreContext existing = context.copy(context.name()).createIfMissing(false);

        assertThatThrownBy(() -> open(existing)).isInstanceOf(LogNotFoundException.class);
        assertThatThrownBy(() -> EtcdLogReader.open(context, 1))
                .isInstanceOf(LogNotFoundException.class);
        try (EtcdLogInspector inspector = new EtcdLogInspector(context)) {
            assertThatThrownBy(inspector::info).isInstanceOf(LogNotFoundException.class);
            assertThatThrownBy(() -> inspector.verify(length -> {}))
                    .isInstanceOf(LogNotFoundException.class);
        }
        assertThat(etcd.revision()).isEqualTo(1);
    }

    @Test
    void everyDamageIsReportedByInspection() {
        writeBatches(8, 2);
        final List<KvEntry> batches = batches();
        final byte[] flipped = batches.get(1).value().clone();
        flipped[flipped.length - 1] ^= 1;
        put(batches.get(1).key(), flipped);
        delete(batches.get(4).key());
        final List<Long> visited = new ArrayList<>();

        try (EtcdLogInspector inspector = new EtcdLogInspector(context)) {
            final LogReport report =
                    inspector.visit(
                            1,
                            Long.MAX_VALUE,
                            (segment, segmentOffset, lsn, kind, buffer, offset, length) ->
                                    visited.add(lsn));
            assertThat(report.verdict()).isEqualTo(LogReport.Verdict.DAMAGED);
            assertThat(report.damages()).hasSizeGreaterThanOrEqualTo(2);
            assertThat(report.lastLsn()).isEqualTo(16);
        }
        assertThat(visited)
                .contains(1L, 16L)
                .doesNotContain(
                        keys.firstLsnOf(batches.get(1).key()),
                        keys.firstLsnOf(batches.get(4).key()));
    }

    /** So many batches of so many entries. */
    private void writeBatches(final int count, final int entryCount) {
        try (WriteAheadLog log = open(context)) {
            for (int i = 0; i < count; i++) {
                appendMany(log, entryCount);
            }
        }
    }

    private void assertDamaged(final String key, final long lsn) {
        assertThatThrownBy(() -> open(context))
                .isInstanceOfSatisfying(
                        CorruptLogException.class,
                        e -> {
                            assertThat(e.segment()).isEqualTo(key);
                            assertThat(e.lsn()).isEqualTo(lsn);
                        });
        try (EtcdLogInspector inspector = new EtcdLogInspector(context)) {
            assertThat(inspector.verify(length -> {}).verdict())
                    .isEqualTo(LogReport.Verdict.DAMAGED);
        }
        try (EtcdLogReader reader = EtcdLogReader.open(context, 1)) {
            if (lsn <= 8 && keys.firstLsnOf(key) > 0) {
                assertThatThrownBy(() -> reader.poll(NOBODY, 1000))
                        .isInstanceOf(CorruptLogException.class);
            }
        }
    }

    /** A batch as if it had been written for another place. */
    private static byte[] moved(final KvEntry entry, final long lsn) {
        final byte[] value = entry.value().clone();
        final UnsafeBuffer buffer = new UnsafeBuffer(value);
        BatchDescriptor.putHeader(
                buffer,
                BatchDescriptor.logId(buffer),
                BatchDescriptor.epoch(buffer),
                lsn,
                BatchDescriptor.durableLsn(buffer),
                BatchDescriptor.count(buffer),
                BatchDescriptor.recordsLength(buffer));
        BatchDescriptor.putCrc(buffer, BatchDescriptor.computeCrc(value, value.length));
        return value;
    }

    /** As if the log had not been closed. */
    private void unclose() {
        delete(keys.closed());
    }

    private List<KvEntry> batches() {
        return etcd.range(KvRange.of(keys.batchesBegin(), keys.batchesEnd())).entries();
    }

    private KvEntry get(final String key) {
        return etcd.range(KvRange.of(key)).entry();
    }

    private void put(final String key, final byte[] value) {
        etcd.txn(new KvTxn(List.of(), List.of(KvOp.put(key, value)), List.of()));
    }

    private void delete(final String key) {
        etcd.txn(new KvTxn(List.of(), List.of(new KvOp.Delete(key, null)), List.of()));
    }
}
