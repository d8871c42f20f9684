package io.wal.etcd;

import static io.wal.etcd.EtcdFixture.append;
import static io.wal.etcd.EtcdFixture.appendMany;
import static io.wal.etcd.EtcdFixture.context;
import static io.wal.etcd.EtcdFixture.entries;
import static io.wal.etcd.EtcdFixture.open;
import static io.wal.etcd.EtcdFixture.recover;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.Checkpoint;
import io.wal.LogInUseException;
import io.wal.LogNotFoundException;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import io.wal.inspect.LogReport;
import io.wal.inspect.RecordVisitor;
import io.wal.inspect.SegmentReport;
import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordKind;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Looking at logs and listing them, on a real server. */
class EtcdInspectionTest {
    @RegisterExtension static final EtcdCluster CLUSTER = EtcdCluster.ofMembers(1);

    private final EtcdStoreContext context = context(CLUSTER);

    private static final class Visited implements RecordVisitor {
        private final List<String> records = new ArrayList<>();
        private final List<SegmentReport> segments = new ArrayList<>();

        @Override
        public void onSegment(final SegmentReport segment) {
            segments.add(segment);
        }

        @Override
        public void onRecord(
                final String segment,
                final long segmentOffset,
                final long lsn,
                final RecordKind kind,
                final DirectBuffer buffer,
                final int offset,
                final int length) {
            records.add(
                    kind == RecordKind.FINALIZE
                            ? lsn
                                    + " FINALIZE "
                                    + buffer.getLong(
                                            offset + MarkerDescriptor.START_LSN_OFFSET,
                                            ByteOrder.LITTLE_ENDIAN)
                            : lsn
                                    + " "
                                    + kind
                                    + " "
                                    + buffer.getStringWithoutLengthAscii(offset, length));
        }
    }

    @Test
    void liveLogIsReportedWithItsOwner() {
        try (WriteAheadLog log = open(context);
                EtcdLogInspector inspector = new EtcdLogInspector(context)) {
            final LogReport pristine = inspector.verify(length -> {});
            assertThat(pristine.verdict()).isEqualTo(LogReport.Verdict.SOUND);
            assertThat(pristine.lastLsn()).isZero();
            appendMany(log, 100);

            final LogReport info = inspector.info();
            assertThat(info.verdict()).isEqualTo(LogReport.Verdict.UNCHECKED);
            assertThat(info.location()).isEqualTo(context.location());
            assertThat(info.generation()).isEqualTo(1);
            assertThat(info.formatVersion()).isEqualTo(1);
            assertThat(info.owner()).contains("process " + ProcessHandle.current().pid());
            assertThat(info.firstLsn()).isEqualTo(1);
            assertThat(info.startLsn()).isEqualTo(1);
            assertThat(info.lastLsn()).isEqualTo(100);

            final LogReport verified = inspector.verify(length -> {});
            assertThat(verified.verdict()).isEqualTo(LogReport.Verdict.SOUND_UNCLOSED);
            assertThat(verified.lastLsn()).isEqualTo(100);
            assertThat(verified.length()).isPositive();
            assertThat(verified.segments())
                    .singleElement()
                    .satisfies(
                            segment -> {
                                assertThat(segment.generation()).isEqualTo(1);
                                assertThat(segment.lastLsn()).isEqualTo(100);
                                assertThat(segment.state()).isEqualTo("active");
                            });
            assertThat(log.failure()).isNull();
        }
        try (EtcdLogInspector inspector = new EtcdLogInspector(context)) {
            final LogReport closed = inspector.verify(length -> {});
            assertThat(closed.verdict()).isEqualTo(LogReport.Verdict.SOUND);
            assertThat(closed.owner()).isNull();
            assertThat(closed.durableLsn()).isEqualTo(100);
            assertThat(closed.foreign()).isEmpty();
        }
    }

    @Test
    void logThatIsNotThereHasNoCountersToBeMissed() {
        try (EtcdLogInspector inspector = new EtcdLogInspector(context)) {
            assertThatThrownBy(inspector::counters).isInstanceOf(LogNotFoundException.class);
            open(context).close();
            assertThat(inspector.counters()).isNull();
        }
    }

    @Test
    void visitShowsRecordsAndTheCheckpointAmongThem() {
        try (WriteAheadLog log = open(context)) {
            append(log, "e1");
            try (Checkpoint checkpoint = log.startCheckpoint()) {
                append(log, "e2");
                final UnsafeBuffer payload = EtcdFixture.buffer("c3");
                checkpoint.append(payload, 0, payload.capacity());
                checkpoint.finalizeCheckpoint();
            }
            append(log, "e4");
            append(log, "e5");
        }
        try (EtcdLogInspector inspector = new EtcdLogInspector(context)) {
            final Visited all = new Visited();
            inspector.visit(1, Long.MAX_VALUE, all);
            assertThat(all.records)
                    .containsExactly(
                            "2 DATA e2",
                            "3 CHECKPOINT c3",
                            "3 FINALIZE 2",
                            "4 DATA e4",
                            "5 DATA e5");
            assertThat(all.segments).isNotEmpty();
            assertThat(all.segments.get(0).firstLsn()).isEqualTo(2);

            final Visited some = new Visited();
            inspector.visit(4, 4, some);
            assertThat(some.records).containsExactly("3 FINALIZE 2", "4 DATA e4");
            final Visited none = new Visited();
            inspector.visit(6, 100, none);
            assertThat(none.records).isEmpty();
        }
        assertThat(recover(context)).hasSize(4).containsEntry(3L, "c3");
    }

    @Test
    void visitFromTheMiddleDoesNotReadTheLogFromItsStart() {
        context.maxBatchLength(1024);
        try (WriteAheadLog log = open(context)) {
            appendMany(log, 3000);
        }
        try (EtcdLogInspector inspector = new EtcdLogInspector(context)) {
            final Visited part = new Visited();
            final LogReport report = inspector.visit(2000, 2010, part);
            assertThat(part.records).hasSize(11).startsWith("2000 DATA e2000");
            final LogReport whole = inspector.verify(length -> {});
            assertThat(report.length()).isLessThan(whole.length() / 2);
            assertThat(inspector.info().lastLsn()).isEqualTo(3000);
        }
    }

    @Test
    void catalogListsMakesAndRemovesLogs() {
        final EtcdStoreContext root = context.copy(null).root("apps/catalog.test");
        try (EtcdLogCatalog catalog = new EtcdLogCatalog(root)) {
            assertThat(catalog.names()).isEmpty();
            for (final String name : List.of("b", "a", "a-1")) {
                try (WriteAheadLog log = open(catalog.store(name))) {
                    appendMany(log, 10);
                }
            }
            assertThat(catalog.names()).containsExactly("a", "a-1", "b");
            assertThatThrownBy(() -> catalog.remove("c")).isInstanceOf(LogNotFoundException.class);
            assertThatThrownBy(() -> catalog.remove("../b"))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> catalog.store(".hidden"))
                    .isInstanceOf(IllegalArgumentException.class);
            try (WriteAheadLog log = open(catalog.store("a"))) {
                assertThatThrownBy(() -> catalog.remove("a"))
                        .isInstanceOf(LogInUseException.class)
                        .hasMessageContaining("process ");
                appendMany(log, 10);
            }
            final WriteAheadLog deposed = open(catalog.store("b"));
            try (EtcdLogCatalog thief = new EtcdLogCatalog(EtcdFixture.stealing(root.copy("b")))) {
                thief.remove("b");
            }
            assertThatThrownBy(() -> append(deposed, "late")).isInstanceOf(WalException.class);
            assertThatThrownBy(deposed::close).isInstanceOf(WalException.class);
            assertThat(catalog.names()).containsExactly("a", "a-1");
            open(catalog.store("b")).close();

            catalog.remove("a");

            assertThat(catalog.names()).containsExactly("a-1", "b");
            assertThat(recover(root.copy("a-1"))).isEqualTo(entries(1, 10));
            try (EtcdKv kv = EtcdFixture.connect(root.clientContext())) {
                final KeyLayout keys = root.copy("a").keys();
                assertThat(kv.range(KvRange.of(keys.begin(), keys.end())).join().isEmpty())
                        .isTrue();
            }
            assertThat(recover(root.copy("a"))).as("made anew").isEmpty();
            assertThat(catalog.names()).containsExactly("a", "a-1", "b");
        }
    }

    @Test
    void removalThatWasCutShortIsFinishedByTheNextOpening() {
        try (WriteAheadLog log = open(context)) {
            for (int i = 0; i < 150; i++) {
                append(log, "old" + i);
            }
        }
        final EtcdStoreContext root =
                EtcdFixture.tampered(
                        context,
                        kv ->
                                new KvDelegate(kv) {
                                    @Override
                                    public CompletableFuture<KvPage> range(final KvRange range) {
                                        return CompletableFuture.failedFuture(
                                                new KvException(
                                                        KvException.Kind.CLOSED,
                                                        "cut short",
                                                        null));
                                    }
                                });
        try (EtcdLogCatalog catalog = new EtcdLogCatalog(root)) {
            assertThatThrownBy(() -> catalog.remove(context.name()))
                    .hasMessageContaining("cut short");
        }

        try (EtcdLogInspector inspector = new EtcdLogInspector(context)) {
            assertThatThrownBy(inspector::info).isInstanceOf(LogNotFoundException.class);
        }
        try (WriteAheadLog log = open(context)) {
            assertThat(log.recovered().lastLsn()).isZero();
            assertThat(log.recovered().generation()).isEqualTo(3);
            appendMany(log, 10);
        }
        assertThat(recover(context)).isEqualTo(entries(1, 10));
    }
}
