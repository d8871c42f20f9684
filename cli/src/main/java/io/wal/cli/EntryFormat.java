package io.wal.cli;

import java.util.Locale;

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

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
