package io.wal.mmap.sim;

import java.util.Arrays;

/**
 * How far each producer has come, by the count that it keeps itself. The payload of an entry tells
 * whose it is and the how manieth; LSNs decide nothing here.
 */
final class ProducerProgress {
    static final int MAX_PRODUCERS = 4;

    private final long[] ids = new long[MAX_PRODUCERS];
    private final long[] lsns = new long[MAX_PRODUCERS];

    /** The id of an entry. */
    static long id(final int producer, final long number) {
        return number * MAX_PRODUCERS + producer;
    }

    static int producer(final long id) {
        return (int) Long.remainderUnsigned(id, MAX_PRODUCERS);
    }

    /**
     * The next entry of some producer.
     *
     * @return false when it is not later, in the order of its producer, than all that came before.
     */
    boolean add(final long id, final long lsn) {
        final int producer = producer(id);
        final boolean later = id > ids[producer];
        ids[producer] = id;
        lsns[producer] = lsn;
        return later;
    }

    void clear() {
        Arrays.fill(ids, 0);
        Arrays.fill(lsns, 0);
    }

    void set(final ProducerProgress other) {
        System.arraycopy(other.ids, 0, ids, 0, MAX_PRODUCERS);
        System.arraycopy(other.lsns, 0, lsns, 0, MAX_PRODUCERS);
    }

    /**
     * A producer that has not come as far as in another progress, where that ended at or behind an
     * LSN.
     *
     * @return the producer; -1 for none.
     */
    int behind(final ProducerProgress other, final long fromLsn) {
        for (int producer = 0; producer < MAX_PRODUCERS; producer++) {
            if (other.lsns[producer] >= fromLsn && ids[producer] < other.ids[producer]) {
                return producer;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return Arrays.toString(Arrays.stream(ids).map(id -> id / MAX_PRODUCERS).toArray());
    }
}
