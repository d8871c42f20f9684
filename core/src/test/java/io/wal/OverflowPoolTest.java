package io.wal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class OverflowPoolTest {
    @Test
    void bufferIsLongEnoughAndNotMuchLonger() {
        final OverflowPool pool = new OverflowPool(1L << 40, 1 << 24);
        for (int length = 1; length < 1 << 24; length += 1 + length / 7) {
            final UnsafeBuffer buffer = pool.acquire(length);
            assertThat(buffer.capacity())
                    .isGreaterThanOrEqualTo(length)
                    .isLessThanOrEqualTo(Math.max(256, length + length / 4 + 1));
            pool.release(buffer);
        }
    }

    @Test
    void releasedBufferIsUsedAgain() {
        final OverflowPool pool = new OverflowPool(1 << 20, 1 << 16);

        final UnsafeBuffer buffer = pool.acquire(5000);
        pool.release(buffer);

        assertThat(pool.acquire(4900)).as("of the same size step").isSameAs(buffer);
        assertThat(pool.acquire(5000)).isNotSameAs(buffer);
    }

    @Test
    void nothingIsHandedOutBeyondTheLimit() {
        final OverflowPool pool = new OverflowPool(4096, 1024);
        final List<UnsafeBuffer> held = new ArrayList<>();
        for (UnsafeBuffer buffer = pool.acquire(1000);
                buffer != null;
                buffer = pool.acquire(1000)) {
            held.add(buffer);
        }

        assertThat(held).hasSize(4);
        assertThat(pool.acquire(1)).isNull();
        pool.release(held.remove(0));
        assertThat(pool.acquire(1000)).isNotNull();
        assertThat(pool.acquire(1000)).isNull();
    }

    @Test
    void idleBuffersOfOtherSizesMakeRoom() {
        final OverflowPool pool = new OverflowPool(4096, 4096);
        final List<UnsafeBuffer> small = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            small.add(pool.acquire(256));
        }
        assertThat(pool.acquire(4096)).isNull();

        small.forEach(pool::release);

        final UnsafeBuffer large = pool.acquire(4096);
        assertThat(large.capacity()).isEqualTo(4096);
        assertThat(pool.acquire(256)).isNull();
        pool.release(large);
        assertThat(pool.acquire(256).capacity()).isEqualTo(256);
    }

    @Test
    void idleBuffersStayWhenEvenAllOfThemWouldNotMakeRoom() {
        final OverflowPool pool = new OverflowPool(4096, 4096);
        final UnsafeBuffer idle = pool.acquire(256);
        pool.acquire(1024);
        pool.release(idle);

        assertThat(pool.acquire(4096)).isNull();

        assertThat(pool.acquire(256)).isSameAs(idle);
    }

    @Test
    void largestFrameGetsThroughWhateverTheLimit() {
        final OverflowPool pool = new OverflowPool(240, 200);

        final UnsafeBuffer buffer = pool.acquire(200);
        assertThat(buffer).isNotNull();
        assertThat(pool.acquire(200)).isNull();
        pool.release(buffer);

        assertThat(pool.acquire(200)).isNotNull();
    }

    @Test
    void boundHoldsUnderConcurrentUse() throws Exception {
        final long limit = 64 << 10;
        final OverflowPool pool = new OverflowPool(limit, 16 << 10);
        final AtomicLong inUse = new AtomicLong();
        final AtomicLong worst = new AtomicLong();
        final AtomicLong acquired = new AtomicLong();
        final List<Thread> threads = new ArrayList<>();

        for (int t = 0; t < 4; t++) {
            final SplittableRandom random = new SplittableRandom(t);
            threads.add(
                    new Thread(
                            () -> {
                                final List<UnsafeBuffer> held = new ArrayList<>();
                                for (int i = 0; i < 30_000; i++) {
                                    final int length = 1 + random.nextInt(16 << 10);
                                    final UnsafeBuffer buffer = pool.acquire(length);
                                    if (buffer != null) {
                                        final long now = inUse.addAndGet(buffer.capacity());
                                        worst.accumulateAndGet(now, Math::max);
                                        acquired.incrementAndGet();
                                        held.add(buffer);
                                    }
                                    if (buffer == null || held.size() > random.nextInt(5)) {
                                        while (!held.isEmpty()) {
                                            final UnsafeBuffer released = held.remove(0);
                                            inUse.addAndGet(-released.capacity());
                                            pool.release(released);
                                        }
                                    }
                                }
                                held.forEach(
                                        buffer -> {
                                            inUse.addAndGet(-buffer.capacity());
                                            pool.release(buffer);
                                        });
                            }));
        }
        threads.forEach(Thread::start);
        for (final Thread thread : threads) {
            thread.join();
        }

        assertThat(worst.get()).isLessThanOrEqualTo(limit);
        assertThat(acquired.get()).isGreaterThan(10_000);
        final List<UnsafeBuffer> held = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            held.add(pool.acquire(16 << 10));
        }
        assertThat(held).as("nothing of the limit was lost").doesNotContainNull();
    }
}
