package io.wal.jmh.load;

import com.lmax.disruptor.Sequence;
import io.wal.jmh.journal.JournalUnderTest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * What the threads of a load share: the journal, when to stop, what went wrong, how much was
 * appended. One thread runs the load; it starts the others and joins them.
 */
final class LoadContext {
    private static final long TRIM_POLL_NS = 5_000_000;

    final JournalUnderTest journal;
    final Workload workload;
    final LoadSettings settings;
    final BlockDevice device;
    private final Sequence[] appended;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile boolean stopped;
    private volatile boolean measuring;

    /** The work of one producer. */
    @FunctionalInterface
    interface ProducerTask {
        void run(int producer) throws Exception;
    }

    LoadContext(
            final JournalUnderTest journal,
            final Workload workload,
            final LoadSettings settings,
            final BlockDevice device) {
        this.journal = journal;
        this.workload = workload;
        this.settings = settings;
        this.device = device;
        appended = new Sequence[workload.producers()];
        for (int i = 0; i < appended.length; i++) {
            appended[i] = new Sequence(0);
        }
    }

    boolean isStopped() {
        return stopped;
    }

    boolean isMeasuring() {
        return measuring;
    }

    /** A producer says how much it has appended. */
    void appended(final int producer, final long count) {
        appended[producer].set(count);
    }

    long appended() {
        long sum = 0;
        for (final Sequence count : appended) {
            sum += count.get();
        }
        return sum;
    }

    void start(final ProducerTask task) {
        for (int i = 0; i < workload.producers(); i++) {
            final int producer = i;
            start("producer-" + i, () -> task.run(producer));
        }
        if (settings.trimLength() > 0) {
            start("trimmer", this::trim);
        }
    }

    /** Runs warm-up and measurement, and gives back what was used up during the latter. */
    Result measure() throws InterruptedException {
        if (settings.count() == 0) {
            sleep(settings.warmup().toNanos());
        }
        final Usage before = Usage.before(device, journal.forceCount());
        final long appendedBefore = appended();
        measuring = true;
        if (settings.count() == 0) {
            sleep(settings.measured().toNanos());
        } else {
            while (failure.get() == null && appended() < settings.count() * workload.producers()) {
                LockSupport.parkNanos(1_000_000);
            }
        }
        measuring = false;
        final long appendedAfter = appended();
        final Usage used = Usage.after(device, journal.forceCount()).since(before);
        if (appendedAfter == appendedBefore && failure.get() == null) {
            failure.set(new IllegalStateException("nothing was appended while it was measured"));
        }
        return new Result().usage(used, appendedAfter - appendedBefore, workload.payloadLength());
    }

    void stop() throws Exception {
        stopped = true;
        for (final Thread thread : threads) {
            thread.join();
        }
        final Throwable cause = failure.get();
        if (cause != null) {
            throw new IllegalStateException("the load failed", cause);
        }
    }

    private void sleep(final long durationNs) throws InterruptedException {
        final long endNs = System.nanoTime() + durationNs;
        long remainingNs;
        while (failure.get() == null && (remainingNs = endNs - System.nanoTime()) > 0) {
            Thread.sleep(Math.min(100, remainingNs / 1_000_000 + 1));
        }
    }

    private void trim() throws Exception {
        final long every = Math.max(1, settings.trimLength() / workload.payloadLength());
        long next = every;
        while (!stopped) {
            if (appended() >= next) {
                next = appended() + every;
                journal.trim();
            }
            LockSupport.parkNanos(TRIM_POLL_NS);
        }
    }

    private void start(final String name, final Task task) {
        final Thread thread =
                new Thread(
                        () -> {
                            try {
                                task.run();
                            } catch (final Throwable t) { // the run is void, whatever it was
                                failure.compareAndSet(null, t);
                                stopped = true;
                            }
                        },
                        name);
        threads.add(thread);
        thread.start();
    }

    @FunctionalInterface
    private interface Task {
        void run() throws Exception;
    }
}
