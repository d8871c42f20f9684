package io.wal.cli;

import java.util.Locale;
import picocli.CommandLine.TypeConversionException;

/** What a command does about a log that has an owner. */
enum AcquireMode {
    /** Wait for the owner to go. */
    WAIT,
    /** Give up at once. */
    FAIL,
    /** Take the log. */
    STEAL;

    /** The mode of a name, in any case of letters. */
    static AcquireMode parse(final String name) {
        for (final AcquireMode mode : values()) {
            if (mode.name().equalsIgnoreCase(name)) {
                return mode;
            }
        }
        throw new TypeConversionException("'" + name + "' is not one of wait, fail, steal");
    }

    /** Lower case, as options are written. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
