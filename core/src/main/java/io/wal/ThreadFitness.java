package io.wal;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/** Whether the current thread may do the work of one of the log's own. */
final class ThreadFitness {
    /** Some 15 to 20 KiB of stack: several times what a commit takes. */
    private static final int DEPTH = 200;

    private static final MethodHandle IS_VIRTUAL = isVirtualHandle();

    private ThreadFitness() {}

    /**
     * Throws a {@link StackOverflowError} when too little is left of the stack. A commit that ran
     * out of it would fail the log for everybody, so it is tried where nothing can go wrong yet;
     * that takes less than a microsecond.
     */
    static void requireStack() {
        descend(DEPTH, 1, 2, 3, 4);
    }

    /**
     * Whether the thread is a virtual one. While it parks, another may run in its place, and keep
     * it from going on; so it must not have what others wait for.
     */
    static boolean isVirtual() {
        try {
            return (boolean) IS_VIRTUAL.invokeExact(Thread.currentThread());
        } catch (final Throwable t) { // it throws nothing
            throw new IllegalStateException(t);
        }
    }

    private static long descend(
            final int depth, final long a, final long b, final long c, final long d) {
        return depth == 0 ? a | b | c | d : descend(depth - 1, b, c, d, a) | a;
    }

    private static MethodHandle isVirtualHandle() {
        try {
            return MethodHandles.publicLookup()
                    .findVirtual(Thread.class, "isVirtual", MethodType.methodType(boolean.class));
        } catch (final ReflectiveOperationException e) { // before Java 21 there are none
            return MethodHandles.dropArguments(
                    MethodHandles.constant(boolean.class, false), 0, Thread.class);
        }
    }
}
