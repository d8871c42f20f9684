package io.wal.jmh.peers;

import io.wal.jmh.journal.JournalUnderTest.Producer;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.agrona.DirectBuffer;

/**
 * A producer for a journal that acknowledges by a callback, in order. Its tickets count its own
 * payloads.
 */
abstract class CallbackProducer implements Producer {
    private final AtomicLong completed = new AtomicLong();
    private long count;
    private volatile Thread waiter;
    private volatile String failure;

    /** Hands a copy of the payload to the journal, which is to call one of the two below. */
    abstract void submit(DirectBuffer buffer, int offset, int length);

    final void completed() {
        completed.incrementAndGet();
        wake();
    }

    final void failed(final String message) {
        failure = message;
        wake();
    }

    @Override
    public final long append(final DirectBuffer buffer, final int offset, final int length) {
        submit(buffer, offset, length);
        return ++count;
    }

    @Override
    public final long acknowledged() {
        if (failure != null) {
            throw new IllegalStateException("the journal failed: " + failure);
        }
        return completed.get();
    }

    @Override
    public final void appendAndAwait(
            final DirectBuffer buffer, final int offset, final int length) {
        waiter = Thread.currentThread();
        final long ticket = append(buffer, offset, length);
        while (acknowledged() < ticket) {
            LockSupport.park(this);
        }
    }

    private void wake() {
        final Thread thread = waiter;
        if (thread != null) {
            LockSupport.unpark(thread);
        }
    }
}
