package io.wal.cli;

import io.wal.Durability;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import picocli.CommandLine.TypeConversionException;

/** How durabilities are written on the command line. */
final class DurabilityNames implements Iterable<String> {
    DurabilityNames() {}

    static String of(final Durability durability) {
        return durability.name().toLowerCase(Locale.ROOT);
    }

    /** The durability of a name, in any case of letters. */
    static Durability parse(final String name) {
        for (final Durability durability : Durability.values()) {
            if (durability.name().equalsIgnoreCase(name)) {
                return durability;
            }
        }
        throw new TypeConversionException("'" + name + "' is not one of forced, written");
    }

    @Override
    public Iterator<String> iterator() {
        return Arrays.stream(Durability.values()).map(DurabilityNames::of).iterator();
    }
}
