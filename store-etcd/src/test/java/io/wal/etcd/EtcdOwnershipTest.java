package io.wal.etcd;

import static io.wal.etcd.EtcdFixture.append;
import static io.wal.etcd.EtcdFixture.appendMany;
import static io.wal.etcd.EtcdFixture.context;
import static io.wal.etcd.EtcdFixture.entries;
import static io.wal.etcd.EtcdFixture.open;
import static io.wal.etcd.EtcdFixture.recover;
import static io.wal.etcd.EtcdFixture.stealing;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.FencedException;
import io.wal.LogInUseException;
import io.wal.RecoveredLog;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who may write, on a real server. */
class EtcdOwnershipTest {
    @RegisterExtension static final EtcdCluster CLUSTER = EtcdCluster.ofMembers(1);

    @Test
    void refusedOpenerIsToldTheOwnerAndTheAgeOfItsLease() {
        final EtcdStoreContext context = context(CLUSTER);
        try (WriteAheadLog log = open(context)) {
            assertThatThrownBy(() -> open(context))
                    .isInstanceOf(LogInUseException.class)
                    .hasMessageContaining("process " + ProcessHandle.current().pid())
                    .hasMessageContaining("epoch 1")
                    .hasMessageContaining("its lease of 10 s was renewed");

            assertThat(append(log, "e1")).isEqualTo(1);
        }
    }

    @Test
    void waitingOpenerGivesUpInTime() {
        final EtcdStoreContext context = context(CLUSTER);
        try (WriteAheadLog log = open(context)) {
            final long beginNs = System.nanoTime();

            assertThatThrownBy(
                            () ->
                                    open(
                                            context.copy(context.name())
                                                    .acquirePolicy(
                                                            EtcdStoreContext.AcquirePolicy.WAIT)
                                                    .acquireTimeout(Duration.ofMillis(500))))
                    .isInstanceOf(LogInUseException.class);

            assertThat(System.nanoTime() - beginNs).isBetween(500_000_000L, 5_000_000_000L);
            assertThat(append(log, "e1")).isEqualTo(1);
        }
    }

    @Test
    void waitingOpenerTakesOverWhenTheOwnerHasClosed() throws Exception {
        final EtcdStoreContext context = context(CLUSTER);
        final WriteAheadLog first = open(context);
        appendMany(first, 10);
        final CountDownLatch opened = new CountDownLatch(1);
        final EtcdStoreContext waiting =
                context.copy(context.name()).acquirePolicy(EtcdStoreContext.AcquirePolicy.WAIT);
        final Thread opener =
                new Thread(
                        () -> {
                            try (WriteAheadLog second = open(waiting)) {
                                assertThat(second.recovered().tail())
                                        .isEqualTo(RecoveredLog.Tail.CLOSED);
                                opened.countDown();
                            }
                        });
        opener.start();
        appendMany(first, 10);
        assertThat(opened.getCount()).isEqualTo(1);

        first.close();

        opener.join(20_000);
        assertThat(opened.getCount()).isZero();
        assertThat(recover(context)).isEqualTo(entries(1, 20));
    }

    @Test
    void openerOutwaitsAnOwnerThatDied() {
        final EtcdStoreContext context = context(CLUSTER).leaseTtl(Duration.ofSeconds(2));
        final WriteAheadLog first = open(cutOff(context));
        appendMany(first, 10);
        CutKv.cut(context.name());

        try (WriteAheadLog second =
                open(
                        context.copy(context.name())
                                .acquirePolicy(EtcdStoreContext.AcquirePolicy.WAIT))) {
            assertThat(second.recovered().tail()).isEqualTo(RecoveredLog.Tail.WHOLE);
            assertThat(second.recovered().lastLsn()).isEqualTo(10);
        }
        CutKv.mend(context.name());
        closeQuietly(first);
    }

    @Test
    void stolenLogIsLostToItsWriterWhoKnowsWhatWasKept() {
        final EtcdStoreContext context = context(CLUSTER);
        final LogOracle oracle = new LogOracle();
        try (LiveWriter first = new LiveWriter("first", context, oracle)) {
            first.awaitAcks(500);
            try (LiveWriter second = new LiveWriter("second", stealing(context), oracle)) {
                first.awaitFailure();
                assertThat(first.failure())
                        .isInstanceOfSatisfying(
                                FencedException.class,
                                e -> {
                                    assertThat(e.epoch()).isEqualTo(1);
                                    assertThat(e.successorEpoch()).isEqualTo(2);
                                    assertThat(e.lastKeptLsn())
                                            .isEqualTo(second.log().recovered().lastLsn());
                                    assertThat(first.log().durableLsn()).isEqualTo(e.lastKeptLsn());
                                });
                second.awaitAcks(500);
            }
        }
        oracle.onEnd(recover(context));
    }

    @Test
    void thievesWhoRaceEachOtherHaveTheLogOneAfterTheOther() throws Exception {
        final EtcdStoreContext context = context(CLUSTER);
        final LogOracle oracle = new LogOracle();
        final List<LiveWriter> writers = new CopyOnWriteArrayList<>();
        writers.add(new LiveWriter("w0", context, oracle));
        writers.get(0).awaitAcks(100);
        final List<Thread> thieves = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            final String name = "w" + i;
            thieves.add(
                    new Thread(
                            () -> {
                                try {
                                    writers.add(new LiveWriter(name, stealing(context), oracle));
                                } catch (final LogInUseException e) {
                                    // robbed while it opened
                                }
                            }));
        }
        thieves.forEach(Thread::start);
        for (final Thread thief : thieves) {
            thief.join();
        }
        Waiting.until(
                "one is left",
                () -> writers.stream().filter(writer -> writer.failure() == null).count() == 1);
        for (final LiveWriter writer : writers) {
            if (writer.failure() == null) {
                writer.awaitAcks(100);
            }
            writer.close();
        }
        assertThat(oracle.fencedCount()).isEqualTo(writers.size() - 1);
        assertThat(oracle.doubtCount()).isZero();
        oracle.onEnd(recover(context));
    }

    @Test
    void idleWriterLearnsThatItWasDeposed() {
        final EtcdStoreContext context = context(CLUSTER).leaseTtl(Duration.ofSeconds(2));
        final WriteAheadLog first = open(context);
        appendMany(first, 3);

        try (WriteAheadLog second = open(stealing(context))) {
            Waiting.until("it learns", () -> first.failure() != null);
            assertThat(first.failure())
                    .isInstanceOfSatisfying(
                            FencedException.class, e -> assertThat(e.lastKeptLsn()).isEqualTo(3));
            assertThat(append(second, "e4")).isEqualTo(4);
        }
        closeQuietly(first);
    }

    @Test
    void writerGoesOnWhenItsLeaseIsRevoked() {
        final List<String> warnings = new ArrayList<>();
        final EtcdStoreContext context =
                context(CLUSTER).leaseTtl(Duration.ofSeconds(2)).warningHandler(warnings::add);
        final KeyLayout keys = context.keys();
        final LogOracle oracle = new LogOracle();
        try (EtcdKv kv = EtcdFixture.connect(context.clientContext());
                LiveWriter writer = new LiveWriter("w", context, oracle)) {
            writer.awaitAcks(100);
            final KvEntry owner = kv.range(KvRange.of(keys.owner())).join().entry();

            kv.revoke(owner.leaseId()).join();

            Waiting.until(
                    "the owner is back",
                    () -> {
                        final KvEntry again = kv.range(KvRange.of(keys.owner())).join().entry();
                        return again != null && again.leaseId() != owner.leaseId();
                    });
            writer.awaitAcks(100);
            assertThat(writer.failure()).isNull();
        }
        assertThat(warnings).anyMatch(warning -> warning.contains("ran out"));
        oracle.onEnd(recover(context));
    }

    @Test
    void oneOfEightRacingWritersWins() throws Exception {
        race(10);
    }

    @Test
    @Tag("long")
    void oneOfEightRacingWritersWinsAHundredTimes() throws Exception {
        race(100);
    }

    private static void race(final int rounds) throws Exception {
        final EtcdStoreContext context = context(CLUSTER);
        long lastLsn = 0;
        for (int round = 0; round < rounds; round++) {
            final ConcurrentLinkedQueue<WriteAheadLog> winners = new ConcurrentLinkedQueue<>();
            final AtomicInteger refused = new AtomicInteger();
            final ConcurrentLinkedQueue<Throwable> others = new ConcurrentLinkedQueue<>();
            final List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                threads.add(
                        new Thread(
                                () -> {
                                    try {
                                        winners.add(open(context));
                                    } catch (final LogInUseException e) {
                                        refused.incrementAndGet();
                                    } catch (final Throwable t) {
                                        others.add(t);
                                    }
                                }));
            }
            threads.forEach(Thread::start);
            for (final Thread thread : threads) {
                thread.join();
            }

            assertThat(others).isEmpty();
            assertThat(winners).as("round " + round).hasSize(1);
            assertThat(refused).hasValue(7);
            try (WriteAheadLog winner = winners.element()) {
                assertThat(winner.recovered().lastLsn()).isEqualTo(lastLsn);
                assertThat(winner.recovered().generation()).isEqualTo(round + 1);
                appendMany(winner, 5);
                lastLsn += 5;
            }
        }
        assertThat(recover(context)).isEqualTo(entries(1, lastLsn));
    }

    private static EtcdStoreContext cutOff(final EtcdStoreContext context) {
        return EtcdFixture.tampered(context, kv -> new CutKv(kv, context.name()));
    }

    private static void closeQuietly(final WriteAheadLog log) {
        try {
            log.close();
        } catch (final WalException e) {
            assertThat(log.failure()).isNotNull();
        }
    }
}
