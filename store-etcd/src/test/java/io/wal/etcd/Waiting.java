package io.wal.etcd;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for conditions, with a deadline. */
public final class Waiting {
    private static final long TIMEOUT_NS = 60_000_000_000L;
    private static final long PAUSE_NS = 2_000_000;

    private Waiting() {}

    /** Waits until a condition holds, and fails when it does not come to hold in a minute. */
    public static void until(final String what, final BooleanSupplier condition) {
        until(what, condition, TIMEOUT_NS);
    }

    static void until(final Supplier<String> what, final BooleanSupplier condition) {
        try {
            until("", condition);
        } catch (final AssertionError e) {
            throw new AssertionError(what.get(), e);
        }
    }

    static void until(final String what, final BooleanSupplier condition, final long timeoutNs) {
        final long beginNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - beginNs > timeoutNs) {
                throw new AssertionError("not within " + timeoutNs / 1_000_000 + " ms: " + what);
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
    }

    /** Lets time pass, for what cannot be waited for: that something does not happen. */
    static void pass(final long timeMs) {
        final long endNs = System.nanoTime() + timeMs * 1_000_000;
        while (System.nanoTime() < endNs) {
            LockSupport.parkNanos(endNs - System.nanoTime());
        }
    }
}
