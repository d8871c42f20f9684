package io.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.store.Eventually;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LogThreadsTest {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final Duration IDLE_TIME = Duration.ofMillis(400);

    /**
     * Far less than a thread that spins takes, even on a machine that is busy with other things.
     */
    private static final long IDLE_CPU_NS = 20_000_000;

    private static final EntryHandler NOTHING = (lsn, kind, buffer, offset, length) -> {};

    /** Lets the log be for a while and asks what its threads did meanwhile. */
    private static void assertIdle() {
        final List<Thread> threads = FakeLog.threads().stream().map(FakeLog::thread).toList();
        threads.forEach(FakeLog::awaitWaiting);
        final long[] before =
                threads.stream().mapToLong(t -> THREADS.getThreadCpuTime(t.getId())).toArray();
        Eventually.within(IDLE_TIME, () -> false);
        for (int i = 0; i < before.length; i++) {
            final Thread thread = threads.get(i);
            assertThat(THREADS.getThreadCpuTime(thread.getId()) - before[i])
                    .as("processor time of " + thread.getName())
                    .isLessThan(IDLE_CPU_NS);
        }
    }

    @Test
    void threadsAreNamedAfterTheirWorkAndTheLogAndDoNotKeepTheProcessAlive() {
        try (FakeLog fake = new FakeLog(context -> context.applyHandler(NOTHING))) {
            fake.append();

            assertThat(FakeLog.threads())
                    .containsExactly("wal-apply-fake", "wal-completion-fake", "wal-store-fake");
            for (final String name : FakeLog.threads()) {
                assertThat(FakeLog.thread(name).isDaemon()).isTrue();
            }
        }
        assertThat(FakeLog.threads()).isEmpty();
    }

    @Test
    void withoutAnApplyHandlerThereIsNoThreadForIt() {
        try (FakeLog fake = new FakeLog()) {
            fake.append();
            assertThat(FakeLog.threads()).containsExactly("wal-completion-fake", "wal-store-fake");
        }
    }

    @Test
    void threadFactoryMakesTheThreads() {
        final List<Thread> made = new CopyOnWriteArrayList<>();
        try (FakeLog fake =
                new FakeLog(
                        context ->
                                context.threadFactory(
                                        task -> {
                                            final Thread thread = new Thread(task);
                                            thread.setDaemon(true);
                                            made.add(thread);
                                            return thread;
                                        }))) {
            fake.append();
            fake.awaitTold(1);
            assertThat(made)
                    .extracting(Thread::getName)
                    .containsExactlyInAnyOrder("wal-store-fake", "wal-completion-fake");
        }
        assertThat(made).noneMatch(Thread::isAlive);
    }

    @Test
    void idleLogCostsNoProcessorTime() {
        try (FakeLog fake = new FakeLog(context -> context.applyHandler(NOTHING))) {
            fake.append();
            fake.awaitTold(1);

            assertIdle();
        }
    }

    @Test
    void claimThatIsNotEndedCostsNoProcessorTime() {
        try (FakeLog fake = new FakeLog(context -> context.applyHandler(NOTHING))) {
            final AppendClaim claim = new AppendClaim();
            fake.log.tryClaim(8, Durability.FORCED, null, claim);
            fake.append();

            assertIdle();
            claim.commit();
            fake.awaitTold(1);
        }
    }

    @Test
    void failedLogCostsNoProcessorTimeThoughAClaimIsNotEnded() {
        try (FakeLog fake = new FakeLog(context -> context.applyHandler(NOTHING))) {
            final AppendClaim claim = new AppendClaim();
            fake.log.tryClaim(8, Durability.FORCED, null, claim);
            fake.append();
            fake.store.fail(new IOException("gone"));
            Eventually.isTrue("it has failed", () -> fake.log.failure() != null);

            assertIdle();
            claim.abort();
        }
    }

    @Test
    void interruptedThreadsOfTheLogDoNotSpin() {
        try (FakeLog fake = new FakeLog(context -> context.applyHandler(NOTHING))) {
            fake.append();
            fake.awaitTold(1);
            for (final String name : FakeLog.threads()) {
                FakeLog.thread(name).interrupt();
            }

            assertIdle();
            fake.append();
            fake.awaitTold(2);
        }
    }

    @Test
    void storeThatHangsKeepsNobodySpinning() throws Exception {
        try (FakeLog fake = new FakeLog()) {
            fake.appendAndHang();
            final Thread waiting = new Thread(fake.log::flush, "wal-flush-fake");
            waiting.start();

            assertIdle();
            fake.store.goOn();
            waiting.join();
        }
    }

    @Test
    void everyWaitModeWorks() {
        for (final WaitMode mode : WaitMode.values()) {
            try (FakeLog fake =
                    new FakeLog(context -> context.waitMode(mode).applyHandler(NOTHING))) {
                for (int i = 0; i < 100; i++) {
                    fake.append();
                }
                fake.log.flush();
                fake.log.append(fake.payload, 0, 8, Durability.WRITTEN, null);
                fake.log.flush();
                fake.awaitTold(100);
            }
            assertThat(FakeLog.threads()).isEmpty();
        }
    }

    @Test
    void storeIsCalledWhenItsTimeHasComeThoughEntriesNeverEnd() {
        for (final WaitMode mode : WaitMode.values()) {
            try (FakeLog fake = new FakeLog(context -> context.waitMode(mode))) {
                fake.store.idleDeadlineNs = System.nanoTime();
                Eventually.isTrue(
                        "it is called, and entries are still taken",
                        () -> {
                            for (int i = 0; i < 100; i++) {
                                fake.log.append(fake.payload, 0, 8, Durability.WRITTEN, null);
                            }
                            return fake.store.idleWorks.get() > 10
                                    && fake.store.writes.get() > 1000;
                        });
            }
        }
    }

    @Test
    void writtenEntriesAreForcedInTimeThoughMoreNeverEnd() {
        try (FakeLog fake = new FakeLog(context -> context.forceInterval(Duration.ofMillis(10)))) {
            Eventually.isTrue(
                    "it is forced now and then",
                    () -> {
                        for (int i = 0; i < 100; i++) {
                            fake.log.append(fake.payload, 0, 8, Durability.WRITTEN, null);
                        }
                        return fake.store.forces.get() >= 5;
                    });
        }
    }
}
