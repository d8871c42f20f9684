package io.wal;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Buffers over arrays, for frames that do not fit their slot, reused by size and bounded in total.
 * Any thread.
 *
 * <p>Sizes step by a quarter of a power of two, so that at most a fifth of a buffer is wasted.
 * Those in use and idle ones share one limit; when it is reached, idle ones of other sizes make
 * room. The lock is held for some instructions only, nothing against copying such a payload, so who
 * finds it taken spins, and never parks; a lock-free queue can look empty while another thread is
 * about to put something in, and each look would then cost another buffer.
 */
final class OverflowPool {
    private static final int STEPS_PER_DOUBLING = 4;
    private static final int SMALLEST_SHIFT = 8;
    private static final int SPINS_BEFORE_YIELD = 100;

    private final long limit;
    private final AtomicBoolean locked = new AtomicBoolean();
    private final ArrayDeque<UnsafeBuffer>[] idleBySize; // guarded by the lock, as all that follows
    private long allocated; // in use or idle
    private long idleLength;

    @SuppressWarnings({"unchecked", "rawtypes"}) // there are no arrays of generic types
    OverflowPool(final long limit, final int maxFrameLength) {
        final int largest = sizeIndex(maxFrameLength);
        this.limit = Math.max(limit, sizeOf(largest)); // so that a largest frame ever gets through
        idleBySize = new ArrayDeque[largest + 1];
        for (int i = 0; i < idleBySize.length; i++) {
            idleBySize[i] = new ArrayDeque<>();
        }
    }

    /** A buffer of at least the length, or null when the limit is reached. */
    UnsafeBuffer acquire(final int frameLength) {
        final int index = sizeIndex(frameLength);
        final int size = sizeOf(index);
        lock();
        try {
            final UnsafeBuffer idle = idleBySize[index].pollLast();
            if (idle != null) {
                idleLength -= size;
                return idle;
            }
            if (allocated - idleLength + size > limit) {
                return null;
            }
            makeRoom(size);
            allocated += size;
        } finally {
            unlock();
        }
        try {
            return new UnsafeBuffer(new byte[size]);
        } catch (final OutOfMemoryError e) {
            lock();
            allocated -= size;
            unlock();
            throw e;
        }
    }

    void release(final UnsafeBuffer buffer) {
        final int size = buffer.capacity();
        lock();
        try {
            idleBySize[sizeIndex(size)].addLast(buffer);
            idleLength += size;
        } catch (final OutOfMemoryError e) { // the list could not grow; one buffer less, then
            allocated -= size;
        } finally {
            unlock();
        }
    }

    private void lock() {
        int tries = 0;
        while (!locked.compareAndSet(false, true)) {
            if (tries++ < SPINS_BEFORE_YIELD) {
                Thread.onSpinWait();
            } else {
                Thread.yield(); // whoever has it may have lost its processor
            }
        }
    }

    private void unlock() {
        locked.set(false);
    }

    private void makeRoom(final int size) {
        for (int i = idleBySize.length - 1; i >= 0 && allocated + size > limit; i--) {
            while (allocated + size > limit && !idleBySize[i].isEmpty()) {
                final int length = idleBySize[i].pollLast().capacity();
                allocated -= length;
                idleLength -= length;
            }
        }
    }

    private static int sizeIndex(final int length) {
        int index = 0;
        while (sizeOf(index) < length) {
            index++;
        }
        return index;
    }

    private static int sizeOf(final int index) {
        final int shift = SMALLEST_SHIFT + index / STEPS_PER_DOUBLING;
        final long size = (1L << shift) + (long) (index % STEPS_PER_DOUBLING) * (1L << (shift - 2));
        return (int) Math.min(size, Integer.MAX_VALUE - 16);
    }
}
