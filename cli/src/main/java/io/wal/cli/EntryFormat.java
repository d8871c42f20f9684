package io.wal.cli;

import java.util.Locale;
import picocli.CommandLine.TypeConversionException;

/** How payloads look on standard input and output. */
enum EntryFormat {
    /** The bytes of a line. */
    LINES,
    /** Two hexadecimal digits for each byte, one payload per line. */
    HEX,
    /** Base64 with padding, one payload per line. */
    BASE64,
    /** Binary, with the length before the bytes. */
    FRAMED;

    /** The format of a name, in any case of letters. */
    static EntryFormat parse(final String name) {
        for (final EntryFormat format : values()) {
            if (format.name().equalsIgnoreCase(name)) {
                return format;
            }
        }
        throw new TypeConversionException(
                "'" + name + "' is not one of lines, hex, base64, framed");
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
