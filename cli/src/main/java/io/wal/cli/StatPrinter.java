package io.wal.cli;

import io.wal.inspect.CounterReport;
import io.wal.metrics.LogCounter;
import io.wal.metrics.Stall;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** The counters of a log, for people and for programs. */
final class StatPrinter {
    private static final String FIELD = "%-12s %s%n";
    private static final String ROW = "%8s %11s %7s %9s %9s %9s %15s %9s %6s  %s";
    private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

    private StatPrinter() {}

    static String text(final StatSample sample) {
        final CounterReport report = sample.report();
        final StringBuilder text = new StringBuilder();
        field(text, "log", report.location() + ", generation " + report.generation());
        field(text, "writer", writer(sample));
        field(text, "state", state(sample));
        field(text, "last", "LSN " + report.value(LogCounter.LAST_LSN));
        field(
                text,
                "durable",
                "LSN " + report.value(LogCounter.DURABLE_LSN) + ", " + lag(report) + " behind");
        field(text, "entries", entries(report));
        field(text, "forces", forces(report));
        field(
                text,
                "segments",
                report.value(LogCounter.SEGMENTS)
                        + " hold records; "
                        + Quantity.of(report.value(LogCounter.ROLLS), "roll", "rolls"));
        field(text, "checkpoints", report.value(LogCounter.CHECKPOINTS) + " finalized");
        field(
                text,
                "full queue",
                "met by "
                        + Quantity.of(report.value(LogCounter.BACK_PRESSURE), "append", "appends"));
        field(text, "stalls", stalls(sample));
        return text.toString();
    }

    static String head() {
        return String.format(
                Locale.ROOT,
                ROW,
                "time",
                "entries/s",
                "MB/s",
                "forces/s",
                "per force",
                "force us",
                "durable LSN",
                "behind",
                "stalls",
                "state");
    }

    static String row(final StatSample sample, final StatRates rates) {
        final CounterReport report = sample.report();
        return String.format(
                Locale.ROOT,
                ROW,
                CLOCK.format(sample.readAt().atZone(ZoneId.systemDefault())),
                figure("%.0f", rates.entries()),
                figure("%.1f", rates.bytes() / 1e6),
                figure("%.0f", rates.forces()),
                figure("%.1f", rates.entriesPerForce()),
                figure("%.0f", rates.meanForceUs()),
                report.value(LogCounter.DURABLE_LSN),
                lag(report),
                report.value(LogCounter.STALLS),
                state(sample));
    }

    /** One object; the rates are null when there was no look before. */
    static String json(final StatSample sample, final StatRates rates) {
        final CounterReport report = sample.report();
        final JsonWriter json = new JsonWriter().beginObject();
        json.field("location", report.location()).field("readAt", sample.readAt().toString());
        json.field("generation", report.generation()).field("processId", report.processId());
        json.field("writer", report.writer().name());
        json.field("openedAt", report.openedAt().toString());
        json.field("changedAt", report.changedAt().toString());
        json.field("durableLag", lag(report));
        json.name("counters").beginObject();
        for (final LogCounter counter : LogCounter.ALL) {
            final Long value = report.values().get(counter);
            if (value == null) { // the writer is older, and does not know it
                json.field(name(counter), null);
            } else {
                json.field(name(counter), value);
            }
        }
        json.endObject().name("lastStall");
        stall(json, report);
        json.name("rates");
        if (rates == null) {
            json.value(null);
        } else {
            json.beginObject().field("seconds", rates.seconds());
            json.field("entriesPerSecond", rates.entries()).field("bytesPerSecond", rates.bytes());
            json.field("forcesPerSecond", rates.forces());
            json.field("entriesPerForce", rates.entriesPerForce());
            json.field("meanForceUs", rates.meanForceUs()).endObject();
        }
        return json.endObject().take();
    }

    private static void stall(final JsonWriter json, final CounterReport report) {
        final Stall stall = report.lastStall();
        if (stall == null) {
            json.value(null);
            return;
        }
        json.beginObject().field("cause", stall.cause().name());
        json.field("durationNs", stall.durationNs());
        json.field("firstLsn", stall.firstLsn()).field("lastLsn", stall.lastLsn());
        json.field("endedAt", stallEnd(report).toString()).endObject();
    }

    private static String writer(final StatSample sample) {
        final CounterReport report = sample.report();
        final String process = "process " + report.processId();
        final String opened =
                "; opened " + seconds(report.openedAt()) + ", " + ago(sample, report.openedAt());
        return switch (report.writer()) {
            case RUNNING -> process + ", alive" + opened;
            case CLOSED -> process + ", which closed the log" + opened;
            case GONE -> process + ", gone without closing the log" + opened;
        };
    }

    private static String state(final StatSample sample) {
        final CounterReport report = sample.report();
        if (report.value(LogCounter.FAILED) != 0) {
            return "failed";
        }
        if (report.writer() != CounterReport.Writer.RUNNING) {
            return report.writer() == CounterReport.Writer.CLOSED ? "closed" : "gone";
        }
        if (report.value(LogCounter.STALLED) != 0) {
            return "waits for space";
        }
        final long sinceMs = report.value(LogCounter.FORCING_SINCE_MS);
        final long forcingMs = sample.readAt().toEpochMilli() - sinceMs;
        return sinceMs != 0 && forcingMs >= 1_000 // it may have been published long ago
                ? String.format(Locale.ROOT, "open; a force takes %.1f s so far", forcingMs / 1e3)
                : "open";
    }

    private static String entries(final CounterReport report) {
        final long count = report.value(LogCounter.ENTRIES);
        final long batches = report.value(LogCounter.BATCHES);
        return Quantity.entries(count)
                + ", "
                + Quantity.bytes(report.value(LogCounter.BYTES))
                + ", in "
                + Quantity.of(batches, "batch", "batches")
                + (batches == 0
                        ? ""
                        : String.format(Locale.ROOT, " of %.1f", (double) count / batches));
    }

    private static String forces(final CounterReport report) {
        final long count = report.value(LogCounter.FORCES);
        return count == 0
                ? "none"
                : String.format(
                        Locale.ROOT,
                        "%d, %.1f entries each; %.0f us in the mean, %.1f ms the longest",
                        count,
                        (double) report.value(LogCounter.ENTRIES) / count,
                        report.value(LogCounter.FORCE_TIME_NS) / 1e3 / count,
                        report.value(LogCounter.LONGEST_FORCE_NS) / 1e6);
    }

    private static String stalls(final StatSample sample) {
        final CounterReport report = sample.report();
        final long count = report.value(LogCounter.STALLS);
        final Stall last = report.lastStall();
        if (last == null) {
            return count == 0 ? "none" : Long.toString(count);
        }
        return count + "; the last: " + last + ", " + ago(sample, stallEnd(report));
    }

    private static Instant stallEnd(final CounterReport report) {
        return Instant.ofEpochMilli(report.value(LogCounter.LAST_STALL_MS));
    }

    private static long lag(final CounterReport report) {
        return Math.max(
                0, report.value(LogCounter.LAST_LSN) - report.value(LogCounter.DURABLE_LSN));
    }

    private static String ago(final StatSample sample, final Instant then) {
        final Duration age = Duration.between(then, sample.readAt());
        if (age.compareTo(Duration.ofMinutes(2)) < 0) {
            return Math.max(0, age.toSeconds()) + " s ago";
        }
        return age.compareTo(Duration.ofHours(2)) < 0
                ? age.toMinutes() + " min ago"
                : age.toHours() + " h ago";
    }

    private static String seconds(final Instant instant) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** The constant's name in the style of the other fields: lastLsn. */
    private static String name(final LogCounter counter) {
        final StringBuilder name = new StringBuilder();
        for (final String word : counter.name().toLowerCase(Locale.ROOT).split("_")) {
            name.append(
                    name.isEmpty()
                            ? word
                            : word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1));
        }
        return name.toString();
    }

    private static String figure(final String format, final double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
    }

    private static void field(final StringBuilder text, final String name, final String value) {
        text.append(String.format(Locale.ROOT, FIELD, name, value));
    }
}
