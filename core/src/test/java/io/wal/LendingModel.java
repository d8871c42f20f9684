package io.wal;

import java.util.Arrays;
import java.util.List;

/**
 * How the store's thread, callers that wait, and producers that do not, pass the store to one
 * another, as a small machine whose every state can be visited. What each step stands for is in
 * StoreProcessor. Publishing goes through a buffer of the publishing thread, as stores do on a
 * processor, and reaches the others at any later time, or with the next fence.
 *
 * <p>Whatever the order: two threads never have the store at once, each entry is handled once, and
 * at the end all are, though the store's thread then sleeps for ever.
 */
final class LendingModel extends StateSpace {
    /** Parts of the protocol that can be left out, to see that they are needed. */
    enum Flaw {
        NONE,
        /** The first park of the store's thread is as long as any other. */
        NO_SHORT_PARK,
        /** A producer that sees a caller have the store does not look again behind a fence. */
        NO_SECOND_LOOK,
        /** A caller gives the store back and does not look for what came meanwhile. */
        NO_LOOK_AFTERWARDS,
        /** A caller looks for what came meanwhile, and only then gives the store back. */
        LOOKS_TOO_EARLY,
        /** A caller sees the store's thread parked and takes the store without comparing. */
        TAKES_UNSEEN,
        /** The store's thread wakes by itself and goes on though a caller has the store. */
        WAKES_REGARDLESS
    }

    private static final int RUNNING = 0;
    private static final int PARKED = 1;
    private static final int LENT = 2;

    private static final int STATE = 0;
    private static final int PERMIT = 1;
    private static final int SETTLING = 2;
    private static final int CURSOR = 3;
    private static final int HANDLED = 4;
    private static final int STORE_STEP = 5;
    private static final int INSIDE = 6; // who is in the store, by number + 1
    private static final int SHARED = 7;

    // a producer: where it is; its entry; whether that is in its buffer; whether it has the store
    private static final int STEP = 0;
    private static final int ENTRY = 1;
    private static final int BUFFERED = 2;
    private static final int BORROWED = 3;
    private static final int LEFT = 4;
    private static final int PRODUCER = 5;

    // steps of the store's thread
    private static final int LOOK = 0;
    private static final int LEAVE = 1;
    private static final int ANNOUNCE = 2;
    private static final int CHECK = 3;
    private static final int RETAKE = 4;
    private static final int SLEEP = 5;

    // steps of a producer
    private static final int BEGIN = 0;
    private static final int BORROW = 1;
    private static final int PUBLISH = 2;
    private static final int SEE = 3;
    private static final int TAKE = 4;
    private static final int UNPARK = 5;
    private static final int FENCE = 6;
    private static final int SEE_AGAIN = 7;
    private static final int ENTER = 8;
    private static final int EXIT = 9;
    private static final int GIVE_BACK = 10;
    private static final int LOOK_FOR_MORE = 11;
    private static final int AWAIT = 12;
    private static final int END = 13;

    private final int callers;
    private final int producers;
    private final int appends;
    private final Flaw flaw;

    LendingModel(final int callers, final int others, final int appends, final Flaw flaw) {
        this.callers = callers;
        producers = callers + others;
        this.appends = appends;
        this.flaw = flaw;
    }

    @Override
    byte[] first() {
        final byte[] first = new byte[SHARED + PRODUCER * producers + producers * appends + 2];
        for (int p = 0; p < producers; p++) {
            first[at(p) + LEFT] = (byte) appends;
        }
        return first;
    }

    @Override
    void addSuccessors(final byte[] now, final List<byte[]> next) {
        store(now, next);
        for (int p = 0; p < producers; p++) {
            drain(now, p, next);
            produce(now, p, next);
        }
    }

    private void store(final byte[] now, final List<byte[]> next) {
        final byte[] then = now.clone();
        switch (now[STORE_STEP]) {
            case LOOK -> {
                final boolean work = isPublished(now, now[HANDLED] + 1);
                if (work) {
                    enter(then, producers);
                }
                then[STORE_STEP] = (byte) (work ? LEAVE : ANNOUNCE);
            }
            case LEAVE -> {
                handle(then, -1);
                then[STORE_STEP] = LOOK;
            }
            case ANNOUNCE -> {
                then[STATE] = PARKED;
                then[SETTLING] = (byte) (flaw == Flaw.NO_SHORT_PARK ? 0 : 1);
                then[STORE_STEP] = CHECK;
            }
            case CHECK -> {
                if (now[STATE] == RUNNING) {
                    then[STORE_STEP] = LOOK;
                } else if (isPublished(now, now[HANDLED] + 1)) {
                    then[STORE_STEP] = RETAKE;
                } else {
                    then[STORE_STEP] = SLEEP;
                }
            }
            case RETAKE -> {
                if (now[STATE] == PARKED || flaw == Flaw.WAKES_REGARDLESS) {
                    then[STATE] = RUNNING;
                    then[STORE_STEP] = LOOK;
                } else {
                    then[STORE_STEP] = (byte) (now[STATE] == LENT ? SLEEP : CHECK);
                }
            }
            case SLEEP -> {
                if (now[PERMIT] == 1) {
                    then[PERMIT] = 0;
                } else if (now[SETTLING] == 1 && areBuffersEmpty(now)) {
                    then[SETTLING] = 0; // so long no store stays in a buffer
                } else {
                    return;
                }
                then[STORE_STEP] = CHECK;
            }
            default -> throw new IllegalStateException();
        }
        next.add(then);
    }

    private void drain(final byte[] now, final int producer, final List<byte[]> next) {
        if (now[at(producer) + BUFFERED] == 1) {
            final byte[] then = now.clone();
            fence(then, producer);
            next.add(then);
        }
    }

    private void produce(final byte[] now, final int producer, final List<byte[]> next) {
        final int at = at(producer);
        final byte[] then = now.clone();
        switch (now[at + STEP]) {
            case BEGIN -> {
                if (now[at + LEFT] == 0) {
                    then[at + STEP] = END;
                } else {
                    fence(then, producer); // claiming a slot is a fence
                    then[at + LEFT]--;
                    then[at + ENTRY] = ++then[CURSOR];
                    then[at + STEP] =
                            (byte) (isCaller(producer) && now[STATE] == PARKED ? BORROW : PUBLISH);
                }
            }
            case BORROW -> {
                if (now[STATE] == PARKED || flaw == Flaw.TAKES_UNSEEN) {
                    then[STATE] = LENT;
                    then[at + BORROWED] = 1;
                }
                then[at + STEP] = PUBLISH;
            }
            case PUBLISH -> {
                then[at + BUFFERED] = 1;
                then[at + STEP] = SEE;
            }
            case SEE -> {
                final boolean lentIsEnough = flaw == Flaw.NO_SECOND_LOOK && now[STATE] == LENT;
                if (now[STATE] == RUNNING || lentIsEnough) {
                    then[at + STEP] = signalled(now, at);
                } else {
                    then[at + STEP] = (byte) (now[STATE] == PARKED ? TAKE : FENCE);
                }
            }
            case TAKE -> {
                if (now[STATE] == PARKED) {
                    then[STATE] = RUNNING;
                    fence(then, producer);
                    then[at + STEP] = UNPARK;
                } else {
                    then[at + STEP] = FENCE;
                }
            }
            case UNPARK -> {
                then[PERMIT] = 1;
                then[at + STEP] = signalled(now, at);
            }
            case FENCE -> {
                fence(then, producer);
                then[at + STEP] = SEE_AGAIN;
            }
            case SEE_AGAIN -> then[at + STEP] = now[STATE] == PARKED ? TAKE : signalled(now, at);
            case ENTER -> {
                fence(then, producer);
                if (isPublished(then, now[HANDLED] + 1)) {
                    enter(then, producer);
                    then[at + STEP] = EXIT;
                } else {
                    then[at + STEP] = afterwards();
                }
            }
            case EXIT -> {
                handle(then, producer);
                then[at + STEP] = afterwards();
            }
            case GIVE_BACK -> {
                then[STATE] = PARKED;
                then[at + BORROWED] = 0;
                then[at + STEP] =
                        (byte)
                                (flaw == Flaw.NO_LOOK_AFTERWARDS || flaw == Flaw.LOOKS_TOO_EARLY
                                        ? AWAIT
                                        : LOOK_FOR_MORE);
            }
            case LOOK_FOR_MORE -> {
                final boolean work = isPublished(now, now[HANDLED] + 1);
                if (flaw == Flaw.LOOKS_TOO_EARLY) {
                    then[at + STEP] = GIVE_BACK; // a signal would find the store lent
                } else {
                    then[at + STEP] = (byte) (work ? SEE_AGAIN : AWAIT);
                }
            }
            case AWAIT -> {
                if (isCaller(producer) && now[HANDLED] < now[at + ENTRY]) {
                    return;
                }
                then[at + STEP] = BEGIN;
            }
            default -> {
                return;
            }
        }
        next.add(then);
    }

    private byte afterwards() {
        return (byte) (flaw == Flaw.LOOKS_TOO_EARLY ? LOOK_FOR_MORE : GIVE_BACK);
    }

    private static byte signalled(final byte[] now, final int at) {
        return (byte) (now[at + BORROWED] == 1 ? ENTER : AWAIT);
    }

    private static void enter(final byte[] state, final int who) {
        if (state[INSIDE] != 0) {
            throw new AssertionError("two have the store: " + Arrays.toString(state));
        }
        state[INSIDE] = (byte) (who + 1);
    }

    /** Everything published by now, at once. */
    private void handle(final byte[] state, final int who) {
        if (state[INSIDE] != (who < 0 ? producers : who) + 1) {
            throw new AssertionError("the store was taken away: " + Arrays.toString(state));
        }
        while (isPublished(state, state[HANDLED] + 1)) {
            state[HANDLED]++;
        }
        state[INSIDE] = 0;
    }

    private void fence(final byte[] state, final int producer) {
        final int at = at(producer);
        if (state[at + BUFFERED] == 1) {
            state[at + BUFFERED] = 0;
            state[published(state[at + ENTRY])] = 1;
        }
    }

    @Override
    void checkEnd(final byte[] state) {
        boolean good = state[HANDLED] == producers * appends;
        for (int p = 0; p < producers; p++) {
            good &= state[at(p) + STEP] == END;
        }
        if (!good) {
            throw new AssertionError("sleeps though there is work: " + Arrays.toString(state));
        }
    }

    private boolean areBuffersEmpty(final byte[] state) {
        for (int p = 0; p < producers; p++) {
            if (state[at(p) + BUFFERED] == 1) {
                return false;
            }
        }
        return true;
    }

    private boolean isCaller(final int producer) {
        return producer < callers;
    }

    private boolean isPublished(final byte[] state, final int entry) {
        return state[published(entry)] == 1;
    }

    private int published(final int entry) {
        return SHARED + PRODUCER * producers + entry;
    }

    private static int at(final int producer) {
        return SHARED + PRODUCER * producer;
    }
}
