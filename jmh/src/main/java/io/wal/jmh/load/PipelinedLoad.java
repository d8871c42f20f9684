package io.wal.jmh.load;

import io.wal.jmh.journal.JournalUnderTest.Producer;
import org.agrona.BitUtil;
import org.agrona.concurrent.BackoffIdleStrategy;

/** Producers that go on while no more than a window of their payloads is unacknowledged. */
final class PipelinedLoad {
    private PipelinedLoad() {}

    static Result run(final LoadContext context) throws Exception {
        context.start(producer -> append(context, producer, Long.MAX_VALUE));
        final Result result = context.measure();
        context.stop();
        return result;
    }

    /** Appends until told to stop, or so many; returns when all of it is acknowledged. */
    static void append(final LoadContext context, final int number, final long last) {
        final Producer producer = context.journal.producer();
        final int length = context.workload.payloadLength();
        final Payload payload = new Payload(length, number);
        final int window =
                BitUtil.findNextPositivePowerOfTwo(
                        Math.max(1, Workload.OUTSTANDING / context.workload.producers()));
        final long[] tickets = new long[window];
        final Acknowledged acknowledged = new Acknowledged(producer);
        long count = 0;
        while (!context.isStopped() && count < last) {
            final int slot = (int) count & window - 1;
            if (count >= window) {
                acknowledged.await(tickets[slot]);
            }
            tickets[slot] = producer.append(payload.number(count), 0, length);
            context.appended(number, ++count);
        }
        if (count > 0) {
            acknowledged.await(tickets[(int) (count - 1) & window - 1]);
        }
    }

    /** Waits for a ticket, asking the journal only when what it said last is not enough. */
    private static final class Acknowledged {
        private static final int SPINS = 50;
        private static final int YIELDS = 10;
        private static final long LEAST_PARK_NS = 5_000;
        private static final long MOST_PARK_NS = 100_000;

        private final Producer producer;
        private final BackoffIdleStrategy idle =
                new BackoffIdleStrategy(SPINS, YIELDS, LEAST_PARK_NS, MOST_PARK_NS);
        private long known = Long.MIN_VALUE;

        Acknowledged(final Producer producer) {
            this.producer = producer;
        }

        void await(final long ticket) {
            if (known < ticket && (known = producer.acknowledged()) < ticket) {
                idle.reset();
                while ((known = producer.acknowledged()) < ticket) {
                    idle.idle();
                }
            }
        }
    }
}
