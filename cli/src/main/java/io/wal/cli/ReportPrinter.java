package io.wal.cli;

import io.wal.inspect.Damage;
import io.wal.inspect.LogReport;
import io.wal.inspect.SegmentReport;
import java.util.Locale;

/** A report on a log, for people and for programs. */
final class ReportPrinter {
    private static final String FIELD = "%-12s %s%n";

    private ReportPrinter() {}

    static String text(final LogReport report) {
        final StringBuilder text = new StringBuilder();
        field(text, "log", report.location());
        field(
                text,
                "identity",
                report.logId()
                        + ", format "
                        + report.formatVersion()
                        + ", generation "
                        + report.generation());
        field(text, "writer", report.owner() == null ? "none" : report.owner());
        field(text, "segments", report.segments().size() + ", " + Quantity.bytes(report.length()));
        segments(text, report);
        field(text, "entries", entries(report));
        field(text, "durable", "LSN " + report.durableLsn());
        for (final Damage damage : report.damages()) {
            field(text, "damage", place(damage));
        }
        field(text, "verdict", verdict(report));
        return text.toString();
    }

    static String json(final LogReport report) {
        final JsonWriter json = new JsonWriter().beginObject();
        json.field("location", report.location()).field("logId", report.logId());
        json.field("formatVersion", report.formatVersion())
                .field("generation", report.generation());
        json.field("owner", report.owner());
        json.field("firstLsn", report.firstLsn()).field("startLsn", report.startLsn());
        json.field("lastLsn", report.lastLsn()).field("durableLsn", report.durableLsn());
        json.field("length", report.length()).field("verdict", report.verdict().name());
        json.name("segments").beginArray();
        for (final SegmentReport segment : report.segments()) {
            json.beginObject().field("name", segment.name()).field("length", segment.length());
            json.field("generation", segment.generation()).field("firstLsn", segment.firstLsn());
            json.field("lastLsn", segment.lastLsn()).field("state", segment.state()).endObject();
        }
        json.endArray().name("damages").beginArray();
        for (final Damage damage : report.damages()) {
            json.beginObject().field("segment", damage.segment()).field("offset", damage.offset());
            json.field("lsn", damage.lsn()).field("reason", damage.reason()).endObject();
        }
        json.endArray().name("foreign").beginArray();
        report.foreign().forEach(json::value);
        return json.endArray().endObject().take();
    }

    /** Says what is to be said of any report, and gives the exit code. */
    static int conclude(final Console console, final String store, final LogReport report) {
        if (!report.foreign().isEmpty()) {
            console.warn(
                    "not part of the log, and left alone: " + String.join(", ", report.foreign()));
        }
        if (report.verdict() != LogReport.Verdict.DAMAGED) {
            return ExitCode.SOUND;
        }
        console.warn(
                store
                        + " is damaged in "
                        + Quantity.of(report.damages().size(), "place", "places")
                        + "; keep a copy; 'wal dump' prints what can be read");
        return ExitCode.DAMAGE;
    }

    static String line(final Damage damage) {
        return "damage: " + place(damage);
    }

    static String place(final Damage damage) {
        return damage.segment()
                + " at offset "
                + damage.offset()
                + (damage.lsn() == 0 ? "" : ", LSN " + damage.lsn())
                + ": "
                + damage.reason();
    }

    private static void segments(final StringBuilder text, final LogReport report) {
        if (report.segments().isEmpty()) {
            return;
        }
        final int nameLength =
                report.segments().stream().mapToInt(s -> s.name().length()).max().orElse(0);
        final String row =
                "             %-" + Math.max(nameLength, 4) + "s  %-9s %20s %20s %10s %12s%n";
        text.append(
                String.format(
                        Locale.ROOT,
                        row,
                        "NAME",
                        "STATE",
                        "FIRST LSN",
                        "LAST LSN",
                        "GENERATION",
                        "LENGTH"));
        for (final SegmentReport segment : report.segments()) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            row,
                            segment.name(),
                            segment.state(),
                            segment.firstLsn() == 0 ? "-" : segment.firstLsn(),
                            segment.lastLsn() < segment.firstLsn() || segment.lastLsn() == 0
                                    ? "-"
                                    : segment.lastLsn(),
                            segment.generation(),
                            segment.length()));
        }
    }

    private static String entries(final LogReport report) {
        if (report.verdict() == LogReport.Verdict.UNCHECKED) {
            return (report.firstLsn() == 0 ? "none known" : "from LSN " + report.firstLsn())
                    + ", not read";
        }
        if (report.lastLsn() == 0 || report.firstLsn() == 0) {
            return "none";
        }
        return Quantity.lsnRange(report.firstLsn(), report.lastLsn())
                + "; recovery begins at LSN "
                + report.startLsn();
    }

    private static String verdict(final LogReport report) {
        return switch (report.verdict()) {
            case UNCHECKED -> "not checked; 'wal verify' does it";
            case SOUND -> "sound, and closed";
            case SOUND_UNCLOSED ->
                    "sound; not closed: it is being written, or its writer was killed";
            case SOUND_TORN_TAIL ->
                    "sound; behind the end lie remains of a batch that was never acknowledged, the trace of a crash";
            case DAMAGED -> "DAMAGED in " + Quantity.of(report.damages().size(), "place", "places");
        };
    }

    private static void field(final StringBuilder text, final String name, final String value) {
        text.append(String.format(Locale.ROOT, FIELD, name, value));
    }
}
