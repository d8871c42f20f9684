package io.wal.etcd;

import static io.wal.etcd.EtcdFixture.append;
import static io.wal.etcd.EtcdFixture.buffer;
import static io.wal.etcd.EtcdFixture.context;
import static io.wal.etcd.EtcdFixture.open;
import static io.wal.etcd.EtcdFixture.recover;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.Durability;
import io.wal.LogFailedException;
import io.wal.LogFullException;
import io.wal.LogReader;
import io.wal.WalContext;
import io.wal.WriteAheadLog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A server with hardly any space. */
class EtcdSpaceTest {
    private static final int QUOTA = 16 << 20;
    private static final String PAYLOAD = "x".repeat(200_000);

    private EtcdCluster cluster;

    @BeforeEach
    void startServer() {
        cluster =
                EtcdCluster.ofMembers(1, "--quota-backend-bytes", Integer.toString(QUOTA)).start();
    }

    @AfterEach
    void endServer() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void fullServerStallsTheLogWhichGoesOnByItselfWhenThereIsSpace() {
        final EtcdStoreContext context = context(cluster);
        final WriteAheadLog log = openSmall(context, WalContext.FullPolicy.WAIT);
        CompletableFuture<Long> last = fill(log);
        final long written = log.lastLsn();
        Waiting.pass(1500);
        assertThat(last).isNotDone();
        assertThat(log.failure()).isNull();

        makeSpace();

        assertThat(last).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(written);
        last = log.appendAsync(buffer("after"), 0, 5, Durability.FORCED);
        assertThat(last).succeedsWithin(Duration.ofSeconds(10));
        log.close();
        final Map<Long, String> found = recover(context);
        assertThat(found).hasSize((int) written + 1).containsEntry(written + 1, "after");
    }

    @Test
    void fullServerRefusesAppendsWhenToldSoAndReadersAndCheckpointsHelp() {
        final EtcdStoreContext context = context(cluster);
        final WriteAheadLog log = openSmall(context, WalContext.FullPolicy.FAIL);
        final CompletableFuture<Long> last = fill(log);
        assertThatThrownBy(() -> append(log, "refused"))
                .isInstanceOf(LogFullException.class)
                .hasMessageContaining("space exceeded");
        assertThat(log.tryAppend(buffer("x"), 0, 1, Durability.FORCED, null))
                .isEqualTo(WriteAheadLog.FULL);
        try (LogReader reader = EtcdLogReader.open(context, 1)) {
            assertThat(EtcdFixture.poll(reader, 5)).hasSize(5);
        }

        makeSpace();

        assertThat(last).succeedsWithin(Duration.ofSeconds(20));
        Waiting.until("appends are taken again", () -> isTaken(log));
        log.startCheckpoint();
        log.finalizeCheckpoint();
        log.close();
    }

    @Test
    void logThatIsClosedWhileFullSaysSoInTimeAndOpensAgainWithSpace() {
        final EtcdStoreContext context = context(cluster);
        final WriteAheadLog log =
                WriteAheadLog.open(
                        new WalContext()
                                .store(new EtcdLogStore(context))
                                .ringCapacity(64)
                                .closeTimeout(Duration.ofSeconds(2)));
        fill(log);
        final long durable = log.durableLsn();

        assertThatThrownBy(log::close)
                .isInstanceOf(LogFailedException.class)
                .hasMessageContaining(Long.toString(durable));
        assertThatThrownBy(() -> open(context.acquirePolicy(EtcdStoreContext.AcquirePolicy.STEAL)))
                .isInstanceOf(LogFullException.class)
                .hasMessageContaining("space exceeded");

        makeSpace();

        assertThat(recover(context)).hasSizeGreaterThanOrEqualTo((int) durable);
    }

    @Test
    void oldRevisionsThatFilledTheServerAreCompactedAwayAndTheLogGoesOn() {
        final EtcdStoreContext context = context(cluster);
        final WriteAheadLog log = openSmall(context, WalContext.FullPolicy.WAIT);
        CompletableFuture<Long> finalized = CompletableFuture.completedFuture(0L);
        CompletableFuture<Long> last = finalized;
        while (last.isDone()) { // little is held at any time, but nothing is forgotten
            finalized.join();
            finalized = log.startCheckpoint().finalizeAsync();
            last = appendFor(log, 10); // behind it: which of the two is too much cannot be told
        }
        final long written = log.lastLsn();

        final EtcdMember member = cluster.member();
        member.post(
                "/v3/kv/compaction", "{\"revision\":" + revision(context) + ",\"physical\":true}");
        member.post("/v3/maintenance/defragment", "{}");
        disarm();

        assertThat(last).succeedsWithin(Duration.ofSeconds(20)).isEqualTo(written);
        assertThat(finalized).succeedsWithin(Duration.ofSeconds(20));
        log.startCheckpoint();
        log.finalizeCheckpoint();
        append(log, "after");
        log.close();
        assertThat(recover(context)).containsOnlyKeys(written + 1).containsValue("after");
    }

    @Test
    void warningComesBeforeTheServerIsFull() {
        final List<String> warnings = new CopyOnWriteArrayList<>();
        // the file grows by leaps, one of which may pass the quota: the server has more than is
        // said
        giveMoreSpace();
        try (WriteAheadLog log = open(context(cluster))) {
            while (dbSize() < QUOTA * 8L / 10) {
                append(log, PAYLOAD);
            }
        }
        final EtcdStoreContext watching =
                context(cluster).quota(QUOTA).warningHandler(warnings::add);

        try (WriteAheadLog log = open(watching)) {
            Waiting.until("a warning", () -> !warnings.isEmpty());
            append(log, "e1");
        }

        assertThat(warnings).singleElement().asString().contains("of " + QUOTA).contains("%");
    }

    @Test
    void muchMoreThanTheQuotaGoesThroughWithCheckpointsAndCompaction() {
        pump(60 << 20);
    }

    @Test
    @Tag("long")
    void aGigabyteGoesThroughASmallQuota() {
        pump(1 << 30);
    }

    private void pump(final long length) {
        final EtcdStoreContext context = context(cluster).compactAfterTrim(true);
        try (WriteAheadLog log = open(context)) {
            long written = 0;
            while (written < length) {
                log.startCheckpoint();
                for (int i = 0; i < 10; i++) {
                    append(log, PAYLOAD);
                    written += PAYLOAD.length();
                }
                log.finalizeCheckpoint();
            }
            assertThat(log.failure()).isNull();
            assertThat(dbSize()).isLessThan(QUOTA);
        }
    }

    private static WriteAheadLog openSmall(
            final EtcdStoreContext context, final WalContext.FullPolicy policy) {
        return WriteAheadLog.open(
                new WalContext()
                        .store(new EtcdLogStore(context))
                        .ringCapacity(64)
                        .fullPolicy(policy));
    }

    /** Appends until nothing is acknowledged any more. */
    private static CompletableFuture<Long> fill(final WriteAheadLog log) {
        return appendFor(log, Integer.MAX_VALUE);
    }

    /** Appends so many entries, one by one, or until one is not acknowledged; returns the last. */
    private static CompletableFuture<Long> appendFor(final WriteAheadLog log, final int count) {
        CompletableFuture<Long> append = CompletableFuture.completedFuture(0L);
        for (int i = 0; i < count; i++) {
            append = log.appendAsync(buffer(PAYLOAD), 0, PAYLOAD.length(), Durability.FORCED);
            final CompletableFuture<Long> done = append;
            final long beginNs = System.nanoTime();
            while (!done.isDone()) {
                if (System.nanoTime() - beginNs > 2_000_000_000L) {
                    return done;
                }
                Thread.onSpinWait();
            }
        }
        return append;
    }

    private static long revision(final EtcdStoreContext context) {
        try (EtcdKv kv = EtcdFixture.connect(context.clientContext())) {
            return kv.range(KvRange.of(context.keys().epoch())).join().revision();
        }
    }

    private static boolean isTaken(final WriteAheadLog log) {
        return log.tryAppend(buffer("x"), 0, 1, Durability.FORCED, null) > 0;
    }

    /** What an operator does: more quota, and the alarm off. */
    private void makeSpace() {
        giveMoreSpace();
        disarm();
    }

    private void giveMoreSpace() {
        final EtcdMember member = cluster.member();
        member.kill();
        member.addOptions("--quota-backend-bytes", Integer.toString(8 * QUOTA));
        cluster.start(member);
        cluster.awaitReady();
    }

    private void disarm() {
        final EtcdMember member = cluster.member();
        final String id = member.status("member_id");
        member.post(
                "/v3/maintenance/alarm",
                "{\"action\":\"DEACTIVATE\",\"memberID\":" + id + ",\"alarm\":\"NOSPACE\"}");
    }

    private long dbSize() {
        return Long.parseLong(cluster.member().status("dbSize"));
    }
}
