package io.wal;

import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Arrays for frames that do not fit their slot, reused by size and bounded in total. Any thread.
 *
 * <p>Sizes step by a quarter of a power of two, so that at most a fifth of an array is wasted.
 * Arrays in use and idle ones share one limit; when it is reached, idle arrays of other sizes make
 * room. The lock is held for some instructions only, nothing against copying such a payload, so who
 * finds it taken spins, and never parks; a lock-free queue can look empty while another thread is
 * about to put something in, and each look would then cost another array.
 */
final class OverflowPool {
    private static final int STEPS_PER_DOUBLING = 4;
    private static final int SMALLEST_SHIFT = 8;
    private static final int SPINS_BEFORE_YIELD = 100;

    private final long limit;
    private final AtomicBoolean locked = new AtomicBoolean();
    private final ArrayDeque<byte[]>[] idleBySize; // guarded by the lock, as all that follows
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

    /** An array of at least the length, or null when the limit is reached. */
    byte[] acquire(final int frameLength) {
        final int index = sizeIndex(frameLength);
        final int size = sizeOf(index);
        lock();
        try {
            final byte[] idle = idleBySize[index].pollLast();
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
            return new byte[size];
        } catch (final OutOfMemoryError e) {
            lock();
            allocated -= size;
            unlock();
            throw e;
        }
    }

    void release(final byte[] array) {
        lock();
        try {
            idleBySize[sizeIndex(array.length)].addLast(array);
            idleLength += array.length;
        } catch (final OutOfMemoryError e) { // the list could not grow; one array less, then
            allocated -= array.length;
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
                final int length = idleBySize[i].pollLast().length;
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
