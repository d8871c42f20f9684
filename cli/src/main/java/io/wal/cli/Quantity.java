package io.wal.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Numbers as people write them. */
final class Quantity {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");

    private Quantity() {}

    /** A number of bytes in a unit that suits it. */
    static String bytes(final long count) {
        if (count < 1024) {
            return count + " B";
        }
        final int unit = (63 - Long.numberOfLeadingZeros(count)) / 10;
        return String.format(
                Locale.ROOT, "%.1f %s", count / (double) (1L << 10 * unit), UNITS[unit]);
    }

    /** A number and what it counts, in the right form. */
    static String of(final long count, final String one, final String many) {
        return count + " " + (count == 1 ? one : many);
    }

    static String entries(final long count) {
        return of(count, "entry", "entries");
    }

    /** A range of LSNs; it is empty when the last is before the first. */
    static String lsnRange(final long first, final long last) {
        return last < first ? "no LSN" : "LSN " + first + " to " + last;
    }

    /** Such as 15 s or 300 ms. */
    static String duration(final Duration time) {
        final long timeMs = time.toMillis();
        return timeMs % 1000 == 0 ? timeMs / 1000 + " s" : timeMs + " ms";
    }

    static String seconds(final double seconds) {
        return String.format(Locale.ROOT, "%.3f s", seconds);
    }

    /** A length such as 4096, 64k, 16m or 1g; the units are powers of 1024. */
    static long parseBytes(final String text) {
        final String lower = text.toLowerCase(Locale.ROOT);
        final int unit = lower.isEmpty() ? -1 : "kmg".indexOf(lower.charAt(lower.length() - 1));
        final String digits = unit < 0 ? lower : lower.substring(0, lower.length() - 1);
        if (digits.isEmpty()
                || digits.length() > 15
                || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new UsageException(
                    "not a length in bytes: '" + text + "'; write it as 4096, 64k, 16m or 1g");
        }
        return Math.multiplyExact(Long.parseLong(digits), 1L << 10 * (unit + 1));
    }

    /** A time such as 500ms, 1s, 2m or 1h. */
    static Duration parseDuration(final String option, final String text) {
        final Matcher matcher = DURATION.matcher(text.toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw new UsageException(
                    option + " is not a time: '" + text + "'; write it as 500ms, 1s, 2m or 1h");
        }
        final long number = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(number);
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            default -> Duration.ofHours(number);
        };
    }
}
