package io.wal.cli;

import io.wal.Durability;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;

/** How durabilities are written on the command line. */
final class DurabilityNames implements Iterable<String> {
    DurabilityNames() {}

    static String of(final Durability durability) {
        return durability.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Iterator<String> iterator() {
        return Arrays.stream(Durability.values()).map(DurabilityNames::of).iterator();
    }
}
