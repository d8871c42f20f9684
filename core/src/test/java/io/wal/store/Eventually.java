package io.wal.store;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for what other threads are about to do, with a deadline. */
public final class Eventually {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final long PAUSE_NS = 200_000;

    private Eventually() {}

    /**
     * Waits until a condition holds.
     *
     * @param what is waited for, for the message.
     * @param condition to hold.
     * @throws AssertionError when it does not within 30 seconds.
     */
    public static void isTrue(final String what, final BooleanSupplier condition) {
        isTrue(() -> what, condition);
    }

    /**
     * Waits until a condition holds.
     *
     * @param what is waited for, for the message.
     * @param condition to hold.
     * @throws AssertionError when it does not within 30 seconds.
     */
    public static void isTrue(final Supplier<String> what, final BooleanSupplier condition) {
        if (!within(PATIENCE, condition)) {
            throw new AssertionError("not within " + PATIENCE + ": " + what.get());
        }
    }

    /**
     * Waits until a condition holds or the time is over.
     *
     * @param time to wait.
     * @param condition to hold.
     * @return whether it holds.
     */
    public static boolean within(final Duration time, final BooleanSupplier condition) {
        final long deadlineNs = System.nanoTime() + time.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                return condition.getAsBoolean();
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
        return true;
    }
}
