package io.wal.metrics;

import com.lmax.disruptor.Sequence;

/**
 * Picks one of every so many, where the interval follows the rate, so that what is picked stays
 * below a number a second. One thread counts; any thread may pick by LSN.
 */
final class Sampler {
    private static final long WINDOW_NS = 10_000_000L;
    private static final int LONGEST_INTERVAL = 1 << 12;
    private static final long SCATTER = 0x9E3779B97F4A7C15L;
    private static final int SCATTER_SHIFT = 40;
    private static final double NS_PER_S = 1e9;

    private final int mostPerSecond;
    private final Sequence shared = new Sequence(0); // padded: producers read it
    private int interval; // a power of two; 0 picks nothing
    private long windowStartNs;
    private long count;
    private int left;

    Sampler(final int mostPerSecond) {
        this.mostPerSecond = mostPerSecond;
    }

    /** Counting thread: on or off. */
    void enable(final boolean enabled) {
        if (enabled != interval > 0) {
            change(enabled ? 1 : 0);
        }
    }

    /** The interval for other threads, on a cache line of its own. */
    Sequence shared() {
        return shared;
    }

    /** Counting thread: how many one that was picked stands for; 0 when nothing is picked. */
    int interval() {
        return interval;
    }

    /**
     * Any thread: whether an LSN is picked. They are scattered, for a fixed stride may fall in step
     * with the batches.
     */
    static boolean picks(final long lsn, final int interval) {
        return interval > 0 && (lsn * SCATTER >>> SCATTER_SHIFT & interval - 1) == 0;
    }

    /** Counting thread: whether this one is picked. */
    boolean picksNext() {
        if (--left >= 0) {
            return false;
        }
        left = interval - 1;
        return interval > 0;
    }

    /** Counting thread: so many came by. */
    void add(final int more) {
        count += more;
    }

    /** Counting thread: adapts the interval when it is time to. */
    void adapt(final long nowNs) {
        final long elapsedNs = nowNs - windowStartNs;
        if (elapsedNs < WINDOW_NS) {
            return;
        }
        final double wanted = count * NS_PER_S / elapsedNs / mostPerSecond;
        if (interval > 0) {
            final int next =
                    wanted <= 1
                            ? 1
                            : Integer.highestOneBit((int) Math.min(2 * wanted, LONGEST_INTERVAL));
            if (next != interval) {
                change(next);
                left = Math.min(left, next);
            }
        }
        windowStartNs = nowNs;
        count = 0;
    }

    private void change(final int next) {
        interval = next;
        shared.setVolatile(next);
    }
}
