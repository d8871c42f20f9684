package io.wal.jmh.journal;

import com.lmax.disruptor.BatchEventProcessor;
import com.lmax.disruptor.BatchEventProcessorBuilder;
import com.lmax.disruptor.EventHandler;
import com.lmax.disruptor.RingBuffer;
import com.lmax.disruptor.Sequence;
import io.wal.store.OwnThreads;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import org.agrona.BitUtil;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The plainest group commit: producers copy payloads into a ring, one thread writes whatever
 * arrived, forces once, and sets a volatile sequence. No checksum, no number, no header, no order
 * but the ring's. Under a floor it is what the medium allows; under a peer without group commit it
 * is what a sensible user would put in front.
 */
public final class RingJournal implements JournalUnderTest {
    private final Medium medium;
    private final JournalSettings settings;
    private final Sequence acknowledged = new Sequence();
    private RingBuffer<Slot> ring;
    private BatchEventProcessor<Slot> processor;
    private Thread thread;
    private volatile long forceCount;
    private volatile boolean trimRequested;
    private volatile Throwable failure;

    /** A payload on its way. */
    private static final class Slot {
        private final UnsafeBuffer buffer;
        private int length;
        private Thread waiter;

        Slot(final int capacity) {
            buffer = new UnsafeBuffer(new byte[capacity]);
        }
    }

    /**
     * Creates a journal.
     *
     * @param medium that the journal's thread writes to.
     * @param settings of the load.
     */
    public RingJournal(final Medium medium, final JournalSettings settings) {
        this.medium = medium;
        this.settings = settings;
    }

    @Override
    public void open(final Path directory) throws Exception {
        medium.open(directory);
        ring =
                RingBuffer.createMultiProducer(
                        () -> new Slot(settings.payloadLength()),
                        BitUtil.findNextPositivePowerOfTwo(Math.max(2, settings.ringSlots())),
                        new ParkingWaitStrategy());
        processor = new BatchEventProcessorBuilder().build(ring, ring.newBarrier(), new Writer());
        ring.addGatingSequences(processor.getSequence());
        thread = new Thread(processor, "journal-writer");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public Producer producer() {
        return new RingProducer();
    }

    @Override
    public void trim() {
        trimRequested = true; // the medium belongs to the writer
    }

    @Override
    public long replay(final PayloadHandler handler) throws Exception {
        return medium.replay(handler);
    }

    @Override
    public long forceCount() {
        return forceCount;
    }

    @Override
    public void close() throws IOException {
        if (processor != null) {
            while (processor.getSequence().get() < ring.getCursor() && thread.isAlive()) {
                LockSupport.parkNanos(100_000);
            }
            processor.halt();
            OwnThreads.join(thread);
        }
        medium.close();
        if (failure != null) {
            throw new IllegalStateException("the journal failed", failure);
        }
    }

    private void checkFailure() {
        final Throwable cause = failure;
        if (cause != null) {
            throw new IllegalStateException("the journal failed", cause);
        }
    }

    /** On the journal's thread. */
    private final class Writer implements EventHandler<Slot> {
        @Override
        public void onEvent(final Slot slot, final long sequence, final boolean endOfBatch) {
            if (failure != null) {
                wake(sequence, sequence);
                return;
            }
            try {
                medium.write(slot.buffer, 0, slot.length);
                if (endOfBatch) {
                    medium.commit(settings.isForced());
                    forceCount = settings.isForced() ? forceCount + 1 : 0;
                    final long before = acknowledged.get();
                    acknowledged.setVolatile(sequence);
                    wake(before + 1, sequence);
                    if (trimRequested) {
                        trimRequested = false;
                        medium.trim();
                    }
                }
            } catch (final Throwable t) { // whatever it is, the run is void and the waiting end
                failure = t;
                wake(acknowledged.get() + 1, sequence);
            }
        }

        private void wake(final long from, final long to) {
            if (settings.isBlocking()) {
                for (long sequence = from; sequence <= to; sequence++) {
                    LockSupport.unpark(ring.get(sequence).waiter);
                }
            }
        }
    }

    private final class RingProducer implements Producer {
        @Override
        public long append(final DirectBuffer buffer, final int offset, final int length) {
            return append(buffer, offset, length, null);
        }

        @Override
        public long acknowledged() {
            checkFailure();
            return acknowledged.get();
        }

        @Override
        public void appendAndAwait(final DirectBuffer buffer, final int offset, final int length) {
            final long ticket = append(buffer, offset, length, Thread.currentThread());
            while (acknowledged.get() < ticket) {
                checkFailure();
                LockSupport.park(this);
            }
        }

        private long append(
                final DirectBuffer buffer,
                final int offset,
                final int length,
                final Thread waiter) {
            final long sequence = ring.next();
            final Slot slot = ring.get(sequence);
            buffer.getBytes(offset, slot.buffer, 0, length);
            slot.length = length;
            slot.waiter = waiter;
            ring.publish(sequence);
            return sequence;
        }
    }
}
