package io.wal;

import io.wal.store.Eventually;
import io.wal.store.FakeStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.agrona.concurrent.UnsafeBuffer;

/** A log over a {@link FakeStore}, and what its completions and its error handler were told. */
final class FakeLog implements AutoCloseable {
    /** What a close takes that does not get what it waits for. */
    static final Duration CLOSE_TIMEOUT = Duration.ofMillis(500);

    /** Longer than any close takes that gets what it waits for. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    final FakeStore store;
    final WriteAheadLog log;
    final List<Throwable> errors = new CopyOnWriteArrayList<>();
    final List<String> told = new CopyOnWriteArrayList<>();
    final UnsafeBuffer payload = new UnsafeBuffer(new byte[64 << 10]);

    /** Notes LSN and kind of failure. */
    final Completion noting =
            (lsn, failure) ->
                    told.add(
                            lsn
                                    + (failure == null
                                            ? ""
                                            : " " + failure.getClass().getSimpleName()));

    FakeLog() {
        this(new FakeStore(), context -> context);
    }

    FakeLog(final UnaryOperator<WalContext> settings) {
        this(new FakeStore(), settings);
    }

    FakeLog(final FakeStore store, final UnaryOperator<WalContext> settings) {
        this.store = store;
        log =
                WriteAheadLog.open(
                        settings.apply(
                                new WalContext()
                                        .store(store)
                                        .ringCapacity(16)
                                        .slotLength(128)
                                        .forceInterval(Duration.ofHours(1))
                                        .closeTimeout(PATIENCE)
                                        .errorHandler(errors::add)));
    }

    long append() {
        return log.append(payload, 0, 64, Durability.FORCED, noting);
    }

    /** Appends, and waits until the store hangs in the commit of it. */
    long appendAndHang() throws InterruptedException {
        store.hang();
        final long lsn = append();
        store.awaitHanging();
        return lsn;
    }

    long tryAppend() {
        return log.tryAppend(payload, 0, 64, Durability.FORCED, noting);
    }

    void awaitTold(final int count) {
        Eventually.isTrue(() -> count + " are told: " + told, () -> told.size() >= count);
    }

    /** On a thread of its own: the common pool may have just one, on which tasks wait in turn. */
    static <T> CompletableFuture<T> supply(final Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, runnable -> new Thread(runnable).start());
    }

    /** On a thread of its own. */
    static CompletableFuture<Void> run(final Runnable task) {
        return CompletableFuture.runAsync(task, runnable -> new Thread(runnable).start());
    }

    /** Threads of this log that are alive. */
    static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("wal-") && name.endsWith("-fake"))
                .sorted()
                .toList();
    }

    static void awaitNoThreads() {
        Eventually.isTrue(() -> "threads end: " + threads(), () -> threads().isEmpty());
    }

    static Thread thread(final String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals(name))
                .findAny()
                .orElseThrow();
    }

    /** Waits until a thread waits for something. */
    static void awaitWaiting(final Thread thread) {
        Eventually.isTrue(
                () -> thread + " waits: " + thread.getState(),
                () ->
                        thread.getState() == Thread.State.WAITING
                                || thread.getState() == Thread.State.TIMED_WAITING);
    }

    /** Closes, whatever has happened before. */
    @Override
    public void close() {
        store.goOn();
        try {
            log.close();
        } catch (final WalException expected) {
            // many tests break their log
        }
        awaitNoThreads();
    }
}
