package io.wal.cli;

import io.wal.inspect.Damage;
import io.wal.mmap.RepairReport;
import io.wal.mmap.RepairReport.Cut;
import io.wal.mmap.RepairReport.Kept;
import io.wal.mmap.RepairReport.LsnRange;
import java.util.Locale;

/** A report on a repair, for people and for programs. */
final class RepairPrinter {
    private static final String FIELD = "%-12s %s%n";

    private RepairPrinter() {}

    static String text(final RepairReport report) {
        final StringBuilder text = new StringBuilder();
        field(text, "log", report.location());
        for (final Damage damage : report.damages()) {
            field(text, "damage", ReportPrinter.place(damage));
        }
        field(text, "verdict", verdict(report));
        field(text, "repair", action(report));
        for (final Cut cut : report.cuts()) {
            field(
                    text,
                    "cut",
                    cut.segment()
                            + " from offset "
                            + cut.offset()
                            + " on, behind LSN "
                            + cut.lastLsn());
        }
        for (final Kept kept : report.kept()) {
            field(
                    text,
                    "kept",
                    Quantity.lsnRange(kept.firstLsn(), kept.lastLsn())
                            + ", from "
                            + kept.segment()
                            + " at offset "
                            + kept.offset());
        }
        for (final LsnRange range : report.lost()) {
            field(text, "lost", Quantity.lsnRange(range.firstLsn(), range.lastLsn()));
        }
        for (final String note : report.notes()) {
            field(text, "note", note);
        }
        field(
                text,
                "then",
                "recovery begins at LSN "
                        + report.startLsn()
                        + ", the next append gets LSN "
                        + report.nextLsn());
        if (report.attic() != null) {
            field(text, "originals", report.attic());
        }
        return text.toString();
    }

    static String json(final RepairReport report) {
        final JsonWriter json = new JsonWriter().beginObject();
        json.field("location", report.location()).field("verdict", report.verdict().name());
        json.field("action", report.action().name()).field("applied", report.isApplied());
        json.field("firstLsn", report.firstLsn()).field("startLsn", report.startLsn());
        json.field("nextLsn", report.nextLsn());
        json.field("keptEntries", report.keptEntryCount()).field("lostLsns", report.lostCount());
        json.field("checkpointLost", report.isCheckpointLost());
        json.field("attic", report.attic()).name("damages").beginArray();
        for (final Damage damage : report.damages()) {
            json.beginObject().field("segment", damage.segment()).field("offset", damage.offset());
            json.field("lsn", damage.lsn()).field("reason", damage.reason()).endObject();
        }
        json.endArray().name("cuts").beginArray();
        for (final Cut cut : report.cuts()) {
            json.beginObject().field("segment", cut.segment()).field("offset", cut.offset());
            json.field("lastLsn", cut.lastLsn()).endObject();
        }
        json.endArray().name("kept").beginArray();
        for (final Kept kept : report.kept()) {
            json.beginObject().field("segment", kept.segment()).field("offset", kept.offset());
            json.field("length", kept.length()).field("firstLsn", kept.firstLsn());
            json.field("lastLsn", kept.lastLsn()).endObject();
        }
        json.endArray().name("lost").beginArray();
        for (final LsnRange range : report.lost()) {
            json.beginObject().field("firstLsn", range.firstLsn());
            json.field("lastLsn", range.lastLsn()).endObject();
        }
        json.endArray().name("notes").beginArray();
        report.notes().forEach(json::value);
        return json.endArray().endObject().take();
    }

    private static String verdict(final RepairReport report) {
        return switch (report.verdict()) {
            case DAMAGED -> "DAMAGED in " + Quantity.of(report.damages().size(), "place", "places");
            case SOUND_TORN_TAIL -> "sound, with a torn tail";
            case SOUND, SOUND_UNCLOSED, UNCHECKED -> "sound";
        };
    }

    private static String action(final RepairReport report) {
        final String done = report.isApplied() ? "" : "would: ";
        return switch (report.action()) {
            case NONE -> "nothing to do";
            case REFUSED -> "refused; --salvage keeps what is intact";
            case CUT -> done + "cut the torn tail off; nothing that was acknowledged is lost";
            case SALVAGE ->
                    done
                            + "keep "
                            + Quantity.entries(report.keptEntryCount())
                            + ", lose "
                            + Quantity.of(report.lostCount(), "LSN", "LSNs");
        };
    }

    private static void field(final StringBuilder text, final String name, final String value) {
        text.append(String.format(Locale.ROOT, FIELD, name, value));
    }
}
