package io.wal;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A small machine of several threads, whose every state is visited. */
abstract class StateSpace {
    /** Where it begins. */
    abstract byte[] first();

    /** Adds what one step of each thread may lead to; a step to the same state leads nowhere. */
    abstract void addSuccessors(byte[] now, List<byte[]> next);

    /** Throws when a state in which no thread can do anything is not a good end. */
    abstract void checkEnd(byte[] state);

    /** Visits every state; the number of them. Throws when one breaks a promise. */
    final int explore() {
        final byte[] first = first();
        final Set<ByteBuffer> seen = new HashSet<>();
        final ArrayDeque<byte[]> left = new ArrayDeque<>();
        seen.add(ByteBuffer.wrap(first));
        left.push(first);
        while (!left.isEmpty()) {
            final byte[] now = left.pop();
            final List<byte[]> next = new ArrayList<>();
            addSuccessors(now, next);
            next.removeIf(state -> Arrays.equals(state, now));
            if (next.isEmpty()) {
                checkEnd(now);
            }
            for (final byte[] state : next) {
                if (seen.add(ByteBuffer.wrap(state))) {
                    left.push(state);
                }
            }
        }
        return seen.size();
    }
}
