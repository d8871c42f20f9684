package io.wal;

import java.util.Arrays;
import java.util.List;

/**
 * The hand-over between producers, store, completion and the closing thread, as a small machine
 * whose every state can be visited. Each thread does one atomic step after another; {@link
 * #explore} tries all orders. What each step stands for is in WriteAheadLog, LogThreads, LogCloser.
 *
 * <p>At the end, whatever the order: no thread is stuck, each append that was refused has no
 * answer, each other has one, and when the log was closed in time and did not fail, it is a good
 * one.
 */
final class HandOverModel extends StateSpace {
    /** Parts of the protocol that can be left out, to see that they are needed. */
    enum Flaw {
        NONE,
        /** A producer does not look at the state again when it has claimed its slot. */
        NO_SECOND_LOOK,
        /**
         * A producer that finds the log closing leaves what comes too late to the closing thread.
         */
        PRODUCERS_TELL_NO_STRAGGLERS,
        /** The closing thread leaves what no stage reaches any more to the producers. */
        CLOSER_TELLS_NO_STRAGGLERS,
        /**
         * The closing thread looks for stragglers first and says afterwards that stages stopped.
         */
        STOPPED_IS_SAID_TOO_LATE,
        /** Who tells a producer does not take its completion from the slot. */
        COMPLETION_IS_NOT_TAKEN
    }

    private static final int CLOSING = 0;
    private static final int CURSOR = 1;
    private static final int STORED = 2;
    private static final int DURABLE = 3;
    private static final int FAILED = 4;
    private static final int COMPLETED = 5;
    private static final int COMPLETION_LIMIT = 6;
    private static final int HALTED = 7;
    private static final int STORE_STOPPED = 8;
    private static final int STAGES_STOPPED = 9;
    private static final int LAST = 10;
    private static final int PROOF = 11;
    private static final int CLOSER = 12;
    private static final int CLOSER_INDEX = 13;
    private static final int SHARED = 14;

    // a slot: whether it is published; whose completion it holds
    private static final int PUBLISHED = 0;
    private static final int COMPLETION = 1;
    private static final int SLOT = 2;

    // a producer: where it is; its slot; where it looks for stragglers; what it was told
    private static final int STEP = 0;
    private static final int SEQUENCE = 1;
    private static final int INDEX = 2;
    private static final int ANSWERS = 3;
    private static final int GOOD = 4;
    private static final int PRODUCER = 5;

    private static final int APPENDED = 10;
    private static final int REFUSED = 11;
    private static final int CLOSED = 10;
    private static final int NO_LAST = 100;

    private final int producers;
    private final int capacity;
    private final boolean storeMayFail;
    private final boolean closeMayTimeOut;
    private final Flaw flaw;

    HandOverModel(
            final int producers,
            final int capacity,
            final boolean storeMayFail,
            final boolean closeMayTimeOut,
            final Flaw flaw) {
        this.producers = producers;
        this.capacity = capacity;
        this.storeMayFail = storeMayFail;
        this.closeMayTimeOut = closeMayTimeOut;
        this.flaw = flaw;
    }

    @Override
    byte[] first() {
        final byte[] first = new byte[SHARED + SLOT * (producers + 2) + PRODUCER * producers];
        first[LAST] = NO_LAST;
        return first;
    }

    @Override
    void addSuccessors(final byte[] now, final List<byte[]> next) {
        for (int p = 0; p < producers; p++) {
            produce(now, p, next);
        }
        store(now, next);
        complete(now, next);
        close(now, next);
    }

    private void produce(final byte[] now, final int producer, final List<byte[]> next) {
        final int at = producer(producer);
        final byte[] then = now.clone();
        final int sequence = now[at + SEQUENCE];
        switch (now[at + STEP]) {
            case 0 -> then[at + STEP] = (byte) (refuses(now) ? REFUSED : 1);
            case 1 -> {
                if (hasSpace(now)) {
                    then[at + SEQUENCE] = ++then[CURSOR];
                    then[slot(then[CURSOR]) + COMPLETION] = (byte) (producer + 1);
                    then[at + STEP] = (byte) (flaw == Flaw.NO_SECOND_LOOK ? 3 : 2);
                } else {
                    then[at + STEP] = 0;
                }
            }
            case 2 -> {
                if (refuses(now)) {
                    then[slot(sequence) + COMPLETION] = 0; // a void
                    then[slot(sequence) + PUBLISHED] = 1;
                    then[at + STEP] = REFUSED;
                } else {
                    then[at + STEP] = 3;
                }
            }
            case 3 -> {
                then[slot(sequence) + PUBLISHED] = 1;
                then[at + STEP] = 4;
            }
            case 4 -> {
                final boolean tells =
                        now[CLOSING] == 1 && flaw != Flaw.PRODUCERS_TELL_NO_STRAGGLERS;
                then[at + STEP] = (byte) (tells ? 5 : APPENDED);
            }
            case 5 -> {
                then[at + STEP] = (byte) (now[STAGES_STOPPED] == 1 ? 6 : APPENDED);
                then[at + INDEX] = (byte) (now[COMPLETED] + 1);
            }
            case 6 -> {
                if (now[at + INDEX] > now[CURSOR]) {
                    then[at + STEP] = APPENDED;
                } else {
                    tell(then, then[at + INDEX]++);
                }
            }
            default -> {
                return;
            }
        }
        next.add(then);
    }

    private void store(final byte[] now, final List<byte[]> next) {
        final int sequence = now[STORED] + 1;
        if (now[STORE_STOPPED] == 1 || !isPublished(now, sequence)) {
            return;
        }
        final byte[] then = now.clone();
        then[STORED]++;
        if (now[FAILED] == 0) {
            then[DURABLE]++;
            if (storeMayFail) {
                final byte[] failed = now.clone();
                failed[STORED]++;
                failed[FAILED] = 1;
                next.add(failed);
            }
        }
        next.add(then);
    }

    private void complete(final byte[] now, final List<byte[]> next) {
        final byte[] then = now.clone();
        if (now[COMPLETION_LIMIT] > now[COMPLETED]) {
            tell(then, ++then[COMPLETED]); // what it was handed it goes through, halted or not
        } else if (now[HALTED] == 0) {
            while (isPublished(now, then[COMPLETION_LIMIT] + 1)
                    && (now[DURABLE] > then[COMPLETION_LIMIT] || now[FAILED] == 1)) {
                then[COMPLETION_LIMIT]++;
            }
        }
        next.add(then);
    }

    private void close(final byte[] now, final List<byte[]> next) {
        final byte[] then = now.clone();
        switch (now[CLOSER]) {
            case 0 -> {
                then[CLOSING] = 1;
                then[CLOSER] = 1;
            }
            case 1 -> {
                if (now[FAILED] == 1) {
                    then[LAST] = now[CURSOR];
                    then[CLOSER] = 3;
                } else if (hasSpace(now)) {
                    then[LAST] = then[CURSOR]++;
                    then[PROOF] = 1;
                    then[CLOSER] = 2;
                }
            }
            case 2 -> {
                then[slot(now[LAST] + 1) + PUBLISHED] = 1;
                then[CLOSER] = 3;
            }
            case 3 -> {
                final boolean done = now[STORED] >= now[LAST] + now[PROOF] || now[FAILED] == 1;
                if (done) {
                    then[CLOSER] = 4;
                } else if (closeMayTimeOut) {
                    then[FAILED] = 1;
                    then[CLOSER] = 4;
                }
            }
            case 4 -> {
                then[STORE_STOPPED] = 1;
                then[CLOSER] = 5;
            }
            case 5 -> {
                final int reached = now[COMPLETED] + 1;
                if (reached > now[LAST] || now[FAILED] == 1 && !isPublished(now, reached)) {
                    then[HALTED] = 1;
                    then[CLOSER] = 6;
                }
            }
            case 6 -> {
                if (now[COMPLETION_LIMIT] == now[COMPLETED]) { // its thread has ended
                    then[STAGES_STOPPED] = (byte) (flaw == Flaw.STOPPED_IS_SAID_TOO_LATE ? 0 : 1);
                    then[CLOSER_INDEX] = (byte) (now[COMPLETED] + 1);
                    then[CLOSER] = (byte) (flaw == Flaw.CLOSER_TELLS_NO_STRAGGLERS ? CLOSED : 7);
                }
            }
            case 7 -> {
                if (now[CLOSER_INDEX] > now[CURSOR]) {
                    then[CLOSER] = 8;
                } else {
                    tell(then, then[CLOSER_INDEX]++);
                }
            }
            case 8 -> {
                then[STAGES_STOPPED] = 1;
                then[CLOSER] = CLOSED;
            }
            default -> {
                return;
            }
        }
        next.add(then);
    }

    /** Answers the entry in a slot, if it is published and nobody has. */
    private void tell(final byte[] state, final int sequence) {
        final int slot = slot(sequence);
        final int whose = state[slot + COMPLETION];
        if (state[slot + PUBLISHED] == 1 && whose > 0) {
            if (flaw != Flaw.COMPLETION_IS_NOT_TAKEN) {
                state[slot + COMPLETION] = 0;
            }
            final int at = producer(whose - 1);
            state[at + ANSWERS]++;
            state[at + GOOD] = (byte) (state[DURABLE] >= sequence ? 1 : 0);
            if (state[at + ANSWERS] > 1) {
                throw new AssertionError("answered twice: " + Arrays.toString(state));
            }
        }
    }

    @Override
    void checkEnd(final byte[] state) {
        boolean good = state[CLOSER] == CLOSED;
        for (int p = 0; p < producers; p++) {
            final int at = producer(p);
            good &=
                    switch (state[at + STEP]) {
                        case REFUSED -> state[at + ANSWERS] == 0;
                        case APPENDED ->
                                state[at + ANSWERS] == 1
                                        && (state[FAILED] == 1 || state[at + GOOD] == 1);
                        default -> false;
                    };
        }
        if (!good) {
            throw new AssertionError("ends badly: " + Arrays.toString(state));
        }
    }

    private static boolean refuses(final byte[] state) {
        return state[CLOSING] == 1 || state[FAILED] == 1;
    }

    private boolean hasSpace(final byte[] state) {
        return state[CURSOR] - Math.min(state[STORED], state[COMPLETED]) < capacity;
    }

    private static boolean isPublished(final byte[] state, final int sequence) {
        return sequence <= state[CURSOR] && state[slot(sequence) + PUBLISHED] == 1;
    }

    private static int slot(final int sequence) {
        return SHARED + SLOT * sequence;
    }

    private int producer(final int number) {
        return SHARED + SLOT * (producers + 2) + PRODUCER * number;
    }
}
