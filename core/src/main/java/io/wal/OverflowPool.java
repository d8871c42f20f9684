package io.wal;

import java.util.concurrent.atomic.AtomicLong;
import org.agrona.BitUtil;
import org.agrona.concurrent.ManyToManyConcurrentArrayQueue;

/**
 * Arrays for frames that do not fit their slot, reused by size and bounded in total. Any thread.
 *
 * <p>Sizes step by a quarter of a power of two, so that at most a fifth of an array is wasted.
 * Arrays in use and idle ones share one limit; when it is reached, idle arrays of other sizes make
 * room.
 */
final class OverflowPool {
    private static final int STEPS_PER_DOUBLING = 4;
    private static final int SMALLEST_SHIFT = 8;
    private static final int MOST_IDLE_PER_SIZE = 1 << 13;

    private final long limit;
    private final AtomicLong allocated = new AtomicLong();
    private final ManyToManyConcurrentArrayQueue<byte[]>[] idleBySize;

    @SuppressWarnings({"unchecked", "rawtypes"})
    OverflowPool(final long limit, final int maxFrameLength) {
        this.limit =
                Math.max(
                        limit,
                        sizeOf(sizeIndex(maxFrameLength))); // so that a largest frame ever gets
        // through
        idleBySize = new ManyToManyConcurrentArrayQueue[sizeIndex(maxFrameLength) + 1];
        for (int i = 0; i < idleBySize.length; i++) {
            final long mostIdle = Math.min(MOST_IDLE_PER_SIZE, Math.max(2, limit / sizeOf(i)));
            idleBySize[i] =
                    new ManyToManyConcurrentArrayQueue<>(
                            BitUtil.findNextPositivePowerOfTwo((int) mostIdle));
        }
    }

    /** An array of at least the length, or null when the limit is reached. */
    byte[] acquire(final int frameLength) {
        final int index = sizeIndex(frameLength);
        final byte[] idle = idleBySize[index].poll();
        if (idle != null) {
            return idle;
        }
        final int size = sizeOf(index);
        while (allocated.addAndGet(size) > limit) {
            allocated.addAndGet(-size);
            if (!discardIdle()) {
                return null;
            }
        }
        try {
            return new byte[size];
        } catch (final OutOfMemoryError e) {
            allocated.addAndGet(-size);
            throw e;
        }
    }

    void release(final byte[] array) {
        if (!idleBySize[sizeIndex(array.length)].offer(array)) {
            allocated.addAndGet(-array.length);
        }
    }

    private boolean discardIdle() {
        for (int i = idleBySize.length - 1; i >= 0; i--) {
            final byte[] idle = idleBySize[i].poll();
            if (idle != null) {
                allocated.addAndGet(-idle.length);
                return true;
            }
        }
        return false;
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
