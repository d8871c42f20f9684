package io.wal.etcd;

import io.wal.CorruptLogException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The text of the small values: {@code name=value} pairs, parted by spaces, to be read with etcdctl
 * as well. A reader passes over names it does not know.
 */
final class Facts {
    private final String key;
    private final Map<String, String> values = new LinkedHashMap<>();

    private Facts(final String key) {
        this.key = key;
    }

    static Facts empty() {
        return new Facts("");
    }

    /** Reads the facts that an entry holds. */
    static Facts of(final KvEntry entry) {
        final Facts facts = new Facts(entry.key());
        for (final String pair : new String(entry.value(), StandardCharsets.US_ASCII).split(" ")) {
            final int equals = pair.indexOf('=');
            if (equals <= 0) {
                throw facts.damaged("cannot read '" + pair + "'");
            }
            facts.values.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return facts;
    }

    Facts with(final String name, final long number) {
        values.put(name, Long.toString(number));
        return this;
    }

    Facts withHex(final String name, final long number) {
        values.put(name, Long.toHexString(number));
        return this;
    }

    Facts with(final String name, final String text) {
        values.put(name, URLEncoder.encode(text, StandardCharsets.UTF_8));
        return this;
    }

    /** A number that is not negative. */
    long number(final String name) {
        try {
            final long number = Long.parseLong(value(name));
            if (number >= 0) {
                return number;
            }
        } catch (final NumberFormatException e) {
            // told below
        }
        throw damaged("no number is '" + name + '=' + value(name) + "'");
    }

    /** As {@link #number(String)}, for one that may be missing. */
    long number(final String name, final long otherwise) {
        return values.containsKey(name) ? number(name) : otherwise;
    }

    long hex(final String name) {
        try {
            return Long.parseUnsignedLong(value(name), 16);
        } catch (final NumberFormatException e) {
            throw damaged("no hex number is '" + name + '=' + value(name) + "'");
        }
    }

    String text(final String name) {
        try {
            return URLDecoder.decode(value(name), StandardCharsets.UTF_8);
        } catch (final IllegalArgumentException e) {
            throw damaged("cannot read '" + name + '=' + value(name) + "'");
        }
    }

    byte[] encode() {
        final StringBuilder text = new StringBuilder();
        values.forEach(
                (name, value) ->
                        text.append(text.isEmpty() ? "" : " ")
                                .append(name)
                                .append('=')
                                .append(value));
        return text.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private String value(final String name) {
        final String value = values.get(name);
        if (value == null) {
            throw damaged("'" + name + "' is missing");
        }
        return value;
    }

    private CorruptLogException damaged(final String reason) {
        return new CorruptLogException(key, 0, 0, reason);
    }
}
