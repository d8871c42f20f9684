package io.wal.cli;

/** Writes JSON text. The caller opens and closes in the right order. */
final class JsonWriter {
    private static final int FIRST_PRINTABLE = 0x20;

    private final StringBuilder text = new StringBuilder();
    private boolean first = true;

    JsonWriter beginObject() {
        return begin('{');
    }

    JsonWriter endObject() {
        return end('}');
    }

    JsonWriter beginArray() {
        return begin('[');
    }

    JsonWriter endArray() {
        return end(']');
    }

    JsonWriter name(final String name) {
        separate();
        quote(name);
        text.append(':');
        first = true; // no comma before the value
        return this;
    }

    /** A string, or null. */
    JsonWriter value(final String value) {
        separate();
        if (value == null) {
            text.append("null");
        } else {
            quote(value);
        }
        return this;
    }

    JsonWriter value(final long value) {
        separate();
        text.append(value);
        return this;
    }

    /** A number as it is; null when there is no such number. */
    JsonWriter value(final double value) {
        separate();
        text.append(Double.isFinite(value) ? Double.toString(value) : "null");
        return this;
    }

    JsonWriter value(final boolean value) {
        separate();
        text.append(value);
        return this;
    }

    JsonWriter field(final String name, final boolean value) {
        return name(name).value(value);
    }

    JsonWriter field(final String name, final String value) {
        return name(name).value(value);
    }

    JsonWriter field(final String name, final long value) {
        return name(name).value(value);
    }

    JsonWriter field(final String name, final double value) {
        return name(name).value(value);
    }

    /** The text so far, and begins anew. */
    String take() {
        final String taken = text.toString();
        text.setLength(0);
        first = true;
        return taken;
    }

    private JsonWriter begin(final char bracket) {
        separate();
        text.append(bracket);
        first = true;
        return this;
    }

    private JsonWriter end(final char bracket) {
        text.append(bracket);
        first = false;
        return this;
    }

    private void separate() {
        if (!first) {
            text.append(',');
        }
        first = false;
    }

    private void quote(final String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            final char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c < FIRST_PRINTABLE || Character.isSurrogate(c) && !isPaired(value, i)) {
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        text.append('"');
    }

    private static boolean isPaired(final String value, final int index) {
        final char c = value.charAt(index);
        return Character.isHighSurrogate(c)
                ? index + 1 < value.length() && Character.isLowSurrogate(value.charAt(index + 1))
                : index > 0 && Character.isHighSurrogate(value.charAt(index - 1));
    }
}
