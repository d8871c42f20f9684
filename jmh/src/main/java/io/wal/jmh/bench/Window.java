package io.wal.jmh.bench;

import io.wal.jmh.journal.JournalUnderTest.Producer;
import io.wal.jmh.load.Payload;
import org.agrona.BitUtil;
import org.agrona.concurrent.BackoffIdleStrategy;

/**
 * One producer that goes on while no more than so many of its payloads are unacknowledged, and that
 * leaves none behind: every acknowledgement is waited for.
 */
final class Window {
    private final Producer producer;
    private final Payload payload;
    private final int payloadLength;
    private final long[] tickets;
    private final BackoffIdleStrategy idle = new BackoffIdleStrategy(50, 10, 5_000, 100_000);
    private long count;

    Window(final Producer producer, final int number, final int payloadLength, final int length) {
        this.producer = producer;
        payload = new Payload(payloadLength, number);
        this.payloadLength = payloadLength;
        tickets = new long[BitUtil.findNextPositivePowerOfTwo(Math.max(1, length))];
    }

    long append() {
        final int slot = (int) count & tickets.length - 1;
        if (count >= tickets.length) {
            await(tickets[slot]);
        }
        final long ticket = producer.append(payload.number(count++), 0, payloadLength);
        tickets[slot] = ticket;
        return ticket;
    }

    void awaitAll() {
        if (count > 0) {
            await(tickets[(int) (count - 1) & tickets.length - 1]);
        }
    }

    private void await(final long ticket) {
        if (producer.acknowledged() < ticket) {
            idle.reset();
            while (producer.acknowledged() < ticket) {
                idle.idle();
            }
        }
    }
}
