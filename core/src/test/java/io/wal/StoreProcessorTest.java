package io.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.metrics.BatchReport;
import io.wal.metrics.CommitListener;
import io.wal.store.Eventually;
import io.wal.store.FakeStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

@Timeout(60)
class StoreProcessorTest {
    private static final long SMALL_STACK = 256 << 10;

    private FakeLog fake;
    private Thread storeThread;

    private void open(final UnaryOperator<WalContext> settings) {
        fake = new FakeLog(settings);
        storeThread = storeThread();
        awaitParked();
    }

    @AfterEach
    void close() {
        fake.store.goOn();
        fake.close();
        assertThat(FakeLog.threads()).isEmpty();
    }

    @Test
    void callerThatWaitsCommitsItsEntryItself() {
        open(context -> context);

        assertThat(appendAndAwait()).isOne();

        assertThat(fake.store.committer).isSameAs(Thread.currentThread());
        assertThat(fake.log.durableLsn()).isOne();
    }

    @Test
    void callerThatDoesNotWaitLeavesItToTheStoresThread() {
        open(context -> context);

        fake.append();

        fake.awaitTold(1);
        assertThat(fake.store.committer).isSameAs(storeThread());
    }

    @Test
    void storesThreadCommitsWhenToldSoAndWhenTheStoreWantsIt() {
        open(context -> context.commitOnCaller(false));
        appendAndAwait();
        assertThat(fake.store.committer).isSameAs(storeThread());
        fake.close();
        fake = new FakeLog(new FakeStore().leavesCallersAlone(), context -> context);
        awaitParked();
        appendAndAwait();
        assertThat(fake.store.committer).isSameAs(storeThread());
    }

    @Test
    void entriesOfOthersThatCameMeanwhileAreCommittedAtOnce() throws Exception {
        open(context -> context);
        final CompletableFuture<Long> caller = hangingCaller();

        for (int i = 0; i < 3; i++) {
            fake.append();
        }
        final CompletableFuture<Long> other = FakeLog.supply(this::appendAndAwait);
        Eventually.isTrue("it is appended", () -> fake.log.lastLsn() == 5);
        assertThat(fake.log.durableLsn()).isZero();
        fake.store.goOn();

        assertThat(caller.join()).isOne();
        assertThat(other.join()).isEqualTo(5);
        assertThat(fake.store.committer).isSameAs(storeThread());
    }

    @Test
    void entryBehindAnUnpublishedOneWaitsForIt() {
        open(context -> context);
        final AppendClaim claim = new AppendClaim();
        fake.log.tryClaim(8, Durability.FORCED, null, claim);
        final CompletableFuture<Long> caller = FakeLog.supply(this::appendAndAwait);
        Eventually.isTrue("it is appended", () -> fake.log.lastLsn() == 2);
        awaitParked();
        assertThat(fake.store.writes).hasValue(0);

        claim.commit();

        assertThat(caller.join()).isEqualTo(2);
    }

    @Test
    void whatIsAskedWhileACallerCommitsIsDoneAfterwards() throws Exception {
        open(context -> context);
        final CompletableFuture<Long> caller = hangingCaller();
        fake.log.append(fake.payload, 0, 8, Durability.WRITTEN, null);
        final CompletableFuture<Long> flush = FakeLog.supply(fake.log::flush);
        final CompletableFuture<Void> checkpoint =
                FakeLog.run(
                        () -> {
                            fake.log.startCheckpoint();
                            fake.log.finalizeCheckpoint();
                        });

        fake.store.goOn();

        assertThat(flush.join()).isEqualTo(2);
        checkpoint.join();
        caller.join();
    }

    @Test
    void deadlineThatACallerSetsIsKept() {
        open(context -> context.forceInterval(Duration.ofMillis(20)));

        fake.log.appendAndAwait(fake.payload, 0, 8, Durability.WRITTEN);

        Eventually.isTrue("it is forced in time", () -> fake.log.durableLsn() == 1);
        assertThat(fake.store.committer).isSameAs(storeThread());
    }

    @Test
    void deadlineComesThoughCallersNeverStop() {
        open(context -> context);
        fake.store.idleDeadlineNs = System.nanoTime();
        final long before = fake.store.idleWorks.get();

        Eventually.isTrue(
                "the store is called when its time has come",
                () -> {
                    for (int i = 0; i < 100; i++) {
                        appendAndAwait();
                    }
                    return fake.store.idleWorks.get() > before + 10;
                });
    }

    @Test
    void closeWaitsForTheCaller() throws Exception {
        open(context -> context);
        final CompletableFuture<Long> caller = hangingCaller();
        final CompletableFuture<Void> close = FakeLog.run(fake.log::close);
        awaitParked();
        assertThat(close).isNotDone();
        assertThat(fake.store.closes).hasValue(0);

        fake.store.goOn();

        close.join();
        assertThat(caller.join()).isOne();
        assertThat(fake.store.closedCleanly).isTrue();
        assertThat(fake.store.closes).hasValue(1);
    }

    @Test
    void storeIsNotLetGoOfWhileACallerHangsInIt() throws Exception {
        open(context -> context.closeTimeout(FakeLog.CLOSE_TIMEOUT));
        final CompletableFuture<Long> caller = hangingCaller();

        assertThatThrownBy(fake.log::close)
                .isInstanceOf(LogFailedException.class)
                .hasMessageContaining("closing took longer than");
        assertThat(fake.store.closes).hasValue(0);
        assertThat(caller).isNotDone();

        fake.store.goOn();

        assertThatThrownBy(caller::join).hasCauseInstanceOf(LogFailedException.class);
        Eventually.isTrue("it is let go of", () -> fake.store.closes.get() == 1);
    }

    @Test
    void failureOnACallersThreadEndsTheLog() {
        open(context -> context);
        fake.store.failNextCommit.set(new AssertionError("even so"));

        assertThatThrownBy(this::appendAndAwait)
                .isInstanceOf(LogFailedException.class)
                .hasStackTraceContaining("even so");

        assertThatThrownBy(this::appendAndAwait).isInstanceOf(LogFailedException.class);
        assertThat(fake.log.failure()).isNotNull();
        assertThatThrownBy(fake.log::close).isInstanceOf(LogFailedException.class);
        fake = new FakeLog();
    }

    @Test
    void interruptOfTheCallerIsKeptFromTheStore() {
        final List<Boolean> seen = new CopyOnWriteArrayList<>();
        open(
                context ->
                        context.commitListener(
                                new CommitListener() {
                                    @Override
                                    public void onBatch(final BatchReport batch, final int weight) {
                                        seen.add(Thread.currentThread().isInterrupted());
                                    }
                                }));
        Thread.currentThread().interrupt();

        appendAndAwait();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(seen).containsOnly(false);
        assertThat(fake.store.committer).isSameAs(Thread.currentThread());
    }

    @Test
    void listenerThatWouldWaitForItselfIsRefused() {
        final List<Throwable> refusals = new CopyOnWriteArrayList<>();
        open(
                context ->
                        context.commitListener(
                                new CommitListener() {
                                    @Override
                                    public void onForce(
                                            final long firstLsn,
                                            final long lastLsn,
                                            final long durationNs) {
                                        try {
                                            appendAndAwait();
                                        } catch (final IllegalStateException e) {
                                            refusals.add(e);
                                        }
                                    }
                                }));

        appendAndAwait();

        assertThat(refusals).singleElement().asString().contains("would wait for itself");
    }

    @Test
    void callerWithoutStackHarmsNobodyElse() throws Exception {
        open(context -> context);
        final Thread deep =
                new Thread(
                        null,
                        () -> {
                            try {
                                appendDeeperAndDeeper();
                            } catch (final StackOverflowError expected) {
                                // in the caller, and nowhere else
                            }
                        },
                        "deep",
                        SMALL_STACK);
        deep.start();
        deep.join();
        final long lastLsn = fake.log.lastLsn();

        assertThat(FakeLog.supply(this::appendAndAwait).get(20, TimeUnit.SECONDS))
                .isEqualTo(lastLsn + 1)
                .isGreaterThan(100);

        assertThat(fake.log.failure()).isNull();
    }

    @Test
    @EnabledForJreRange(min = JRE.JAVA_21)
    void virtualThreadLeavesItToTheStoresThread() throws Exception {
        open(context -> context);
        final CompletableFuture<Long> caller = new CompletableFuture<>();
        final Runnable task = () -> caller.complete(appendAndAwait());

        Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);

        assertThat(caller.get(20, TimeUnit.SECONDS)).isOne();
        assertThat(fake.store.committer).isSameAs(storeThread());
    }

    private void appendDeeperAndDeeper() {
        while (storeThread.getState() == Thread.State.RUNNABLE) {
            Thread.onSpinWait();
        }
        appendAndAwait();
        appendDeeperAndDeeper();
    }

    private CompletableFuture<Long> hangingCaller() throws InterruptedException {
        fake.store.hang();
        final CompletableFuture<Long> caller = FakeLog.supply(this::appendAndAwait);
        fake.store.awaitHanging();
        assertThat(fake.store.committer).isNotSameAs(storeThread());
        return caller;
    }

    private long appendAndAwait() {
        return fake.log.appendAndAwait(fake.payload, 0, 8, Durability.FORCED);
    }

    private static Thread storeThread() {
        return FakeLog.thread("wal-store-fake");
    }

    /** Until the store's thread has parked, it keeps the store. */
    private static void awaitParked() {
        LockSupport.parkNanos(1_000_000);
        FakeLog.awaitWaiting(storeThread());
    }
}
