package io.wal.mmap.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/** A directory whose names are volatile until it is forced. */
final class CachedDirectory implements DiskNode {
    private final List<NameChange> unforced = new ArrayList<>();
    private TreeMap<String, DiskNode> names = new TreeMap<>();
    private TreeMap<String, DiskNode> durableNames = new TreeMap<>();

    /**
     * A node got a name ({@code from} is null), lost its name ({@code to} is null), or changed it.
     */
    private record NameChange(String from, String to, DiskNode node) {}

    Map<String, DiskNode> names() {
        return names;
    }

    void put(final String name, final DiskNode node) {
        names.put(name, node);
        unforced.add(new NameChange(null, name, node));
    }

    void remove(final String name) {
        unforced.add(new NameChange(name, null, names.remove(name)));
    }

    /** The node that had the new name before, or null. */
    DiskNode rename(final String from, final String to) {
        final DiskNode node = names.remove(from);
        unforced.add(new NameChange(from, to, node));
        return names.put(to, node);
    }

    void force() {
        durableNames = new TreeMap<>(names);
        unforced.clear();
    }

    /**
     * Keeps some of the changes and forgets the others, each by itself, in no order. A rename is
     * kept or forgotten as a whole. What gave a name to something else can only have reached the
     * disk after the name was free.
     */
    void loseUnforced(final RandomGenerator random) {
        final boolean[] done = new boolean[unforced.size()];
        final double keepChance = Chance.draw(random);
        for (int i = 0; i < done.length; i++) {
            if (random.nextDouble() < keepChance) {
                apply(i, done);
            }
        }
        settle();
    }

    /** Takes what is seen now for durable. */
    void settle() {
        names = new TreeMap<>(durableNames);
        unforced.clear();
    }

    private void apply(final int index, final boolean[] done) {
        if (done[index]) {
            return;
        }
        done[index] = true;
        final NameChange change = unforced.get(index);
        for (int i = 0; i < index && change.to != null; i++) {
            if (change.to.equals(unforced.get(i).from)) {
                apply(i, done);
            }
        }
        if (change.to == null) {
            durableNames.remove(change.from, change.node);
        } else {
            durableNames
                    .values()
                    .removeIf(node -> node == change.node); // never two names, when one was skipped
            durableNames.put(change.to, change.node);
        }
    }

    CachedDirectory copy(final UnaryOperator<DiskNode> copier) {
        final CachedDirectory copy = new CachedDirectory();
        names.forEach((name, node) -> copy.names.put(name, copier.apply(node)));
        durableNames.forEach((name, node) -> copy.durableNames.put(name, copier.apply(node)));
        for (final NameChange change : unforced) {
            copy.unforced.add(new NameChange(change.from, change.to, copier.apply(change.node)));
        }
        return copy;
    }
}
