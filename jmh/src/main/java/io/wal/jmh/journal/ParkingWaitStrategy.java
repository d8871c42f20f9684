package io.wal.jmh.journal;

import com.lmax.disruptor.AlertException;
import com.lmax.disruptor.Sequence;
import com.lmax.disruptor.SequenceBarrier;
import com.lmax.disruptor.WaitStrategy;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;

/**
 * Spins briefly, then parks: what a single consumer on a small machine should do. The strategies
 * that come with the Disruptor take a lock at each publish, or keep a core busy.
 */
final class ParkingWaitStrategy implements WaitStrategy {
    private static final int SPINS = 200;

    private final AtomicReference<Thread> parked = new AtomicReference<>();

    @Override
    public long waitFor(
            final long sequence,
            final Sequence cursor,
            final Sequence dependent,
            final SequenceBarrier barrier)
            throws AlertException {
        int spins = 0;
        long available;
        while ((available = dependent.get()) < sequence) {
            barrier.checkAlert();
            if (spins++ < SPINS) {
                Thread.onSpinWait();
            } else {
                parked.set(Thread.currentThread());
                if (dependent.get() < sequence && !barrier.isAlerted()) {
                    LockSupport.park(this);
                }
                parked.set(null);
            }
        }
        return available;
    }

    @Override
    public void signalAllWhenBlocking() {
        final Thread thread = parked.get();
        if (thread != null && parked.compareAndSet(thread, null)) {
            LockSupport.unpark(thread);
        }
    }
}
