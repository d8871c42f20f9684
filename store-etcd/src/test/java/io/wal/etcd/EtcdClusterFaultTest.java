package io.wal.etcd;

import static io.wal.etcd.EtcdFixture.context;
import static io.wal.etcd.EtcdFixture.recover;
import static org.assertj.core.api.Assertions.assertThat;

import io.wal.inspect.LogReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Three members, of which some die, hang, or cannot be reached, under a writer that goes on. */
class EtcdClusterFaultTest {
    @RegisterExtension
    static final EtcdCluster CLUSTER = EtcdCluster.ofMembers(3, "--snapshot-count", "1000");

    /** Measured gaps are below three seconds; the machine of the test may be busy. */
    private static final long GAP_MS = 8_000;

    /** Entries: once so many more are acknowledged, some were appended after the fault. */
    private static final int MORE_THAN_IS_QUEUED = 1_500;

    private static final int GAP_ROUNDS = 5;

    /** What a batch may wait longer than the cluster does. */
    private static final long ADDED_GAP_MS = 350;

    private LogOracle oracle = new LogOracle();
    private final EtcdStoreContext context = context(CLUSTER);

    @AfterEach
    void mendCluster() {
        for (final EtcdMember member : CLUSTER.members()) {
            if (member.isRunning()) {
                member.resume();
            } else {
                CLUSTER.start(member);
            }
        }
        CLUSTER.awaitReady();
    }

    /**
     * Lets something happen under the writer of a new log, which must go on, and checks everything.
     */
    private long survive(final Consumer<LiveWriter> fault) {
        oracle = new LogOracle();
        context.name(EtcdFixture.newName());
        final long gapMs;
        try (LiveWriter writer = new LiveWriter("w", context, oracle)) {
            writer.awaitAcks(300);
            writer.forgetGaps();
            fault.accept(writer);
            writer.awaitAcks(300);
            gapMs = writer.longestGapMs();
            assertThat(writer.failure()).isNull();
        }
        assertSound();
        return gapMs;
    }

    private void assertSound() {
        try (EtcdLogInspector inspector = new EtcdLogInspector(context)) {
            final LogReport report = inspector.verify(length -> {});
            assertThat(report.damages()).isEmpty();
        }
        oracle.onEnd(recover(EtcdFixture.stealing(context)));
    }

    @Test
    void followerIsKilledAndComesBack() {
        assertThat(survive(writer -> kill(writer, CLUSTER.follower()))).isLessThan(GAP_MS);
    }

    @Test
    void leaderIsKilledAndComesBack() {
        assertThat(survive(writer -> kill(writer, CLUSTER.leader()))).isLessThan(GAP_MS);
    }

    @Test
    void followerHangs() {
        assertThat(survive(writer -> hang(writer, CLUSTER.follower()))).isLessThan(GAP_MS);
    }

    @Test
    void leaderHangs() {
        assertThat(survive(writer -> hang(writer, CLUSTER.leader()))).isLessThan(GAP_MS);
    }

    /**
     * For a machine with nothing else to do. How long the cluster takes to elect a leader is its
     * own affair, and differs by a second from time to time; what the log adds to it is judged each
     * time. Prints what it measures.
     */
    @Test
    @Tag("long")
    void longestGapIsHardlyLongerThanThatOfTheCluster() {
        assertGaps("follower killed", writer -> kill(writer, CLUSTER.follower()));
        assertGaps("leader killed", writer -> kill(writer, CLUSTER.leader()));
        assertGaps("follower hangs", writer -> hang(writer, CLUSTER.follower()));
        assertGaps("leader hangs", writer -> hang(writer, CLUSTER.leader()));
    }

    private void assertGaps(final String what, final Consumer<LiveWriter> fault) {
        final List<Long> gapsMs = new ArrayList<>();
        final List<Long> clusterGapsMs = new ArrayList<>();
        for (int i = 0; i < GAP_ROUNDS; i++) {
            try (ClusterProbe probe = new ClusterProbe(CLUSTER)) {
                gapsMs.add(
                        survive(
                                writer -> {
                                    probe.forgetGaps();
                                    fault.accept(writer);
                                    clusterGapsMs.add(probe.longestGapMs());
                                }));
            }
        }
        System.out.println(
                what + ": longest gaps in ms " + gapsMs + ", of the cluster " + clusterGapsMs);
        for (int i = 0; i < GAP_ROUNDS; i++) {
            assertThat(gapsMs.get(i))
                    .as(what + ", round " + i)
                    .isLessThan(clusterGapsMs.get(i) + ADDED_GAP_MS);
        }
        assertThat(gapsMs.stream().sorted().toList().get(GAP_ROUNDS / 2))
                .as(what + ", median of " + gapsMs)
                .isLessThan(2_000);
    }

    private static void kill(final LiveWriter writer, final EtcdMember member) {
        member.kill();
        writer.awaitAcks(MORE_THAN_IS_QUEUED);
        CLUSTER.start(member);
        CLUSTER.awaitReady();
    }

    private static void hang(final LiveWriter writer, final EtcdMember member) {
        member.pause();
        writer.awaitAcks(MORE_THAN_IS_QUEUED);
        writer.awaitAcks(MORE_THAN_IS_QUEUED);
        member.resume();
    }

    @Test
    void leadershipMovesUnderLoad() {
        survive(
                writer -> {
                    for (int i = 0; i < 3; i++) {
                        final EtcdMember leader = CLUSTER.leader();
                        final String target = CLUSTER.follower().status("member_id");
                        leader.post(
                                "/v3/maintenance/transfer-leadership",
                                "{\"targetID\":\"" + target + "\"}");
                        writer.awaitAcks(200);
                    }
                });
    }

    @Test
    void allMembersAreKilledAndComeBack() {
        survive(
                writer -> {
                    CLUSTER.members().forEach(EtcdMember::kill);
                    Waiting.pass(500);
                    CLUSTER.members().forEach(CLUSTER::start);
                    CLUSTER.awaitReady();
                });
    }

    @Test
    void membersAreDefragmentedUnderLoad() {
        survive(
                writer -> {
                    for (final EtcdMember member : CLUSTER.members()) {
                        member.post("/v3/maintenance/defragment", "{}");
                        writer.awaitAcks(100);
                    }
                });
    }

    @Test
    void writerIsPartitionedFromAllMembersForAWhile() {
        throughProxies(
                (writer, proxies) -> {
                    proxies.forEach(TcpProxy::partition);
                    Waiting.pass(3000);
                    proxies.forEach(TcpProxy::heal);
                });
    }

    @Test
    void writerIsPartitionedFromOneMemberAfterTheOther() {
        throughProxies(
                (writer, proxies) -> {
                    for (final TcpProxy proxy : proxies) {
                        proxy.partition();
                        writer.awaitAcks(MORE_THAN_IS_QUEUED);
                        Waiting.pass(500);
                        proxy.heal();
                    }
                });
    }

    @Test
    void answersAreLostForAWhile() {
        throughProxies(
                (writer, proxies) -> {
                    for (int i = 0; i < 3; i++) {
                        proxies.forEach(TcpProxy::dropAnswers);
                        Waiting.pass(700);
                        proxies.forEach(TcpProxy::heal);
                        Waiting.pass(300);
                    }
                });
    }

    @Test
    void networkIsSlow() {
        throughProxies(
                (writer, proxies) -> {
                    proxies.get(0).delay(400);
                    proxies.get(1).delay(20);
                    writer.awaitAcks(MORE_THAN_IS_QUEUED);
                    proxies.forEach(TcpProxy::heal);
                });
    }

    private void throughProxies(final BiConsumer<LiveWriter, List<TcpProxy>> fault) {
        final List<TcpProxy> proxies =
                CLUSTER.members().stream()
                        .map(member -> new TcpProxy(member.clientPort()))
                        .toList();
        context.clientContext()
                .endpoints(proxies.stream().map(TcpProxy::endpoint).toArray(String[]::new));
        try {
            survive(writer -> fault.accept(writer, proxies));
        } finally {
            proxies.forEach(TcpProxy::close);
        }
    }

    @Test
    void writerThatWasPausedPastItsLeaseIsFencedWhenItGoesOn() {
        pauseWriter(1);
    }

    @Test
    @Tag("long")
    void writerThatWasPausedPastItsLeaseIsFencedEachTime() {
        pauseWriter(8);
    }

    private void pauseWriter(final int rounds) {
        final Duration ttl = Duration.ofSeconds(2);
        for (int round = 0; round < rounds; round++) {
            final EtcdStoreContext log = context(CLUSTER);
            final LogOracle told = new LogOracle();
            try (WriterProcess writer = new WriterProcess(CLUSTER, log.name(), ttl)) {
                Waiting.until("it writes; " + writer.end(), () -> writer.ackedLsn() > 200);
                writer.signal("STOP");
                final long paused = writer.ackedLsn();
                told.onRecovered("child", 1, 1, 0);
                for (long lsn = 1; lsn < paused + 5000; lsn++) {
                    told.onAppend("child", lsn, WriterProcess.payload("child", lsn));
                }
                told.onDurable("child", paused);

                final EtcdStoreContext waiting =
                        log.copy(log.name()).acquirePolicy(EtcdStoreContext.AcquirePolicy.WAIT);
                try (LiveWriter successor = new LiveWriter("successor", waiting, told)) {
                    successor.awaitAcks(200);
                    writer.signal("CONT");
                    Waiting.until("it is fenced", () -> writer.end() != null);
                    assertThat(writer.end()).startsWith("fenced ");
                    final long kept = Long.parseLong(writer.end().substring(7));
                    assertThat(kept).isEqualTo(successor.log().recovered().lastLsn());
                    assertThat(kept).isGreaterThanOrEqualTo(paused);
                    assertThat(writer.ackedLsn()).isEqualTo(kept);
                    told.onFenced("child", kept);
                    successor.awaitAcks(200);
                }
            }
            told.onEnd(recover(log));
        }
    }

    @Test
    void writersFollowEachOtherWhileMembersDie() {
        LiveWriter before = new LiveWriter("w0", context, oracle);
        for (int i = 1; i <= 4; i++) {
            before.awaitAcks(200);
            final EtcdMember victim = i % 2 == 0 ? CLUSTER.leader() : CLUSTER.follower();
            victim.kill();
            final LiveWriter after = new LiveWriter("w" + i, EtcdFixture.stealing(context), oracle);
            before.awaitFailure();
            before.close();
            after.awaitAcks(200);
            CLUSTER.start(victim);
            CLUSTER.awaitReady();
            before = after;
        }
        before.close();
        assertThat(oracle.fencedCount()).isEqualTo(4);
        assertSound();
    }
}
