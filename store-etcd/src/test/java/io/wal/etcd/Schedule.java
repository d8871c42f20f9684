package io.wal.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.WalException;
import io.wal.inspect.LogReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * One simulated history of a log, all of it decided by a seed: several writers over time, killed,
 * paused, cut off, stealing the log from each other, readers beside them, and a network that is
 * bad. In the end a last writer opens the log over a good network, and the oracle has its say.
 */
final class Schedule {
    private static final long SECOND_NS = TimeUnit.SECONDS.toNanos(1);

    private final long seed;
    private final Random random;
    private final SimScheduler scheduler;
    private final ModelEtcd etcd;
    private final SimKv.Network network;
    private final LogOracle oracle = new LogOracle();
    private final BiFunction<EtcdKv, Timing, EtcdKv> variant;
    private final boolean steals;
    private final List<SimWriter> writers = new ArrayList<>();
    private SimReader reader;
    private int writerCount;
    private boolean ending;

    /**
     * Creates a history.
     *
     * @param seed that decides it.
     * @param variant what is put between the writers and etcd, to break the protocol.
     * @param steals whether writers may steal the log from those that live.
     */
    Schedule(
            final long seed,
            final BiFunction<EtcdKv, Timing, EtcdKv> variant,
            final boolean steals) {
        this.seed = seed;
        this.variant = variant;
        this.steals = steals;
        random = new Random(seed);
        scheduler = new SimScheduler(random);
        etcd = new ModelEtcd(scheduler::nowNs);
        network = new SimKv.Network(random.nextInt(4) == 0 ? 0 : random.nextDouble() * 0.5);
    }

    LogOracle run() {
        final long endNs = scheduler.nowNs() + (20 + random.nextInt(60)) * SECOND_NS;
        final int generations = 2 + random.nextInt(5);
        for (int i = 0; i < generations; i++) {
            final long atNs = (long) (random.nextDouble() * (endNs - scheduler.nowNs()));
            scheduler.schedule(
                    i == 0 || random.nextInt(4) == 0 ? 0 : atNs, null, this::startWriter);
        }
        if (random.nextBoolean()) {
            final SimScheduler.Process process = new SimScheduler.Process("reader");
            reader = new SimReader(scheduler, process, context(process, 0), oracle, endNs);
            scheduler.schedule(SECOND_NS, null, () -> scheduler.start(process, reader));
        }
        if (random.nextInt(4) == 0) {
            fillServers(endNs);
        }
        scheduler.run(endNs);
        network.faults(0);
        network.full(false);
        ending = true;
        scheduler.schedule(20 * SECOND_NS, null, () -> {}); // what is late arrives
        scheduler.run(endNs + 20 * SECOND_NS);
        scheduler.killAll();
        finish();
        return oracle;
    }

    /** Servers run out of space for a while. */
    private void fillServers(final long endNs) {
        final long fromNs = (long) (random.nextDouble() * (endNs - scheduler.nowNs()));
        final long lengthNs = random.nextInt(15_000) * 1_000_000L;
        scheduler.schedule(fromNs, null, () -> network.full(!ending));
        scheduler.schedule(fromNs + lengthNs, null, () -> network.full(false));
    }

    private void finish() {
        final SimWriter last = lastWriter("last");
        scheduler.runToEnd(scheduler.nowNs() + 300 * SECOND_NS);
        assertThat(last.openFailure()).isNull();
        assertThat(last.isClosed()).isTrue();
        final SimWriter again = lastWriter("again");
        scheduler.runToEnd(scheduler.nowNs() + 300 * SECOND_NS);
        assertThat(again.openFailure()).isNull();
        oracle.onEnd(again.recovered().startLsn(), again.recoveredEntries());
        final SimScheduler.Process process = new SimScheduler.Process("inspector");
        scheduler.start(
                process,
                () -> {
                    try (EtcdLogInspector inspector = new EtcdLogInspector(context(process, 0))) {
                        final LogReport report = inspector.verify(length -> {});
                        assertThat(report.damages()).isEmpty();
                        assertThat(report.verdict()).isEqualTo(LogReport.Verdict.SOUND);
                        assertThat(report.lastLsn()).isEqualTo(again.recovered().lastLsn());
                    }
                });
        scheduler.runToEnd(scheduler.nowNs() + 300 * SECOND_NS);
        scheduler.killAll();
    }

    private SimWriter lastWriter(final String name) {
        final SimScheduler.Process process = new SimScheduler.Process(name);
        final SimWriter writer =
                new SimWriter(
                        scheduler,
                        process,
                        context(process, 0).acquirePolicy(EtcdStoreContext.AcquirePolicy.STEAL),
                        oracle,
                        0);
        scheduler.start(process, writer);
        return writer;
    }

    private void startWriter() {
        if (ending) {
            return;
        }
        final SimScheduler.Process process = new SimScheduler.Process("w" + ++writerCount);
        final EtcdStoreContext.AcquirePolicy[] policies = EtcdStoreContext.AcquirePolicy.values();
        final EtcdStoreContext context =
                context(process, 1)
                        .acquirePolicy(policies[random.nextInt(policies.length - (steals ? 0 : 1))])
                        .compactAfterTrim(random.nextBoolean())
                        .window(1 + random.nextInt(6))
                        .hedgeAfter(
                                Duration.ofMillis(
                                        random.nextInt(3) == 0 ? 0 : 50 + random.nextInt(500)));
        final SimWriter writer =
                new SimWriter(scheduler, process, context, oracle, 10 + random.nextInt(200));
        writers.add(writer);
        scheduler.start(process, writer);
        plague(process);
        if (random.nextInt(3) > 0) {
            scheduler.schedule(random.nextInt(30_000) * 1_000_000L, null, this::startWriter);
        }
    }

    /** What befalls a process. */
    private void plague(final SimScheduler.Process process) {
        if (writerCount > 12) {
            return;
        }
        final long atNs = random.nextInt(20_000) * 1_000_000L;
        final long lengthNs = random.nextInt(15_000) * 1_000_000L;
        switch (random.nextInt(4)) {
            case 0 -> scheduler.schedule(atNs, null, () -> scheduler.kill(process));
            case 1 -> scheduler.schedule(atNs, null, () -> scheduler.pause(process, lengthNs));
            case 2 ->
                    scheduler.schedule(
                            atNs,
                            null,
                            () -> {
                                network.cut(process, true);
                                scheduler.schedule(
                                        lengthNs, null, () -> network.cut(process, false));
                            });
            default -> {}
        }
    }

    private EtcdStoreContext context(final SimScheduler.Process process, final int broken) {
        final EtcdClientContext client =
                new EtcdClientContext()
                        .connector(
                                () -> {
                                    final EtcdKv kv = new SimKv(scheduler, process, etcd, network);
                                    return broken == 0
                                            ? kv
                                            : variant.apply(kv, new SimTiming(scheduler, process));
                                });
        return new EtcdStoreContext()
                .clientContext(client)
                .name("log")
                .maxBatchLength(1024)
                .pageLength(64 << 10)
                .giveUpAfter(Duration.ofSeconds(30))
                .warningHandler(message -> {})
                .timing(() -> new SimTiming(scheduler, process))
                .incarnations(() -> process + "-" + random.nextLong());
    }

    @Override
    public String toString() {
        final StringBuilder text = new StringBuilder("seed " + seed);
        for (final SimWriter writer : writers) {
            final WalException failure =
                    writer.openFailure() == null ? writer.failure() : writer.openFailure();
            text.append("\n  ").append(writer).append(": ").append(failure);
        }
        return text.toString();
    }
}
