package io.wal.cli;

/** A line is not what its format says; the reader of the line adds which line it is. */
final class MalformedTextException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int column;

    /** The index counts from 0, the column that is shown from 1. */
    MalformedTextException(final int index, final String reason) {
        super(reason, null, false, false);
        this.column = index + 1;
    }

    MalformedTextException(final int index, final byte character, final String expected) {
        this(index, "found " + name(character) + " instead of " + expected);
    }

    int column() {
        return column;
    }

    private static String name(final byte character) {
        if (character == '\r') {
            return "a carriage return (are these DOS line ends?)";
        }
        if (character > ' ' && character < 0x7F) {
            return "'" + (char) character + "'";
        }
        return String.format("byte 0x%02x", character);
    }
}
