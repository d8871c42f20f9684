package io.wal.cli;

import java.util.Locale;

/**
 * What became of an input.
 *
 * @param what was done to the entries, as a participle.
 * @param firstLsn of the first entry.
 * @param lastLsn of the last entry; before the first when there is none.
 * @param acknowledgedLsn of the last entry that was acknowledged.
 * @param byteCount of payloads.
 * @param seconds that it took.
 * @param forceCount how often the store forced meanwhile; -1 when it does not count.
 */
record IngestionSummary(
        String what,
        long firstLsn,
        long lastLsn,
        long acknowledgedLsn,
        long byteCount,
        double seconds,
        long forceCount) {

    long entryCount() {
        return lastLsn - firstLsn + 1;
    }

    long acknowledgedCount() {
        return acknowledgedLsn - firstLsn + 1;
    }

    String text() {
        final StringBuilder text =
                new StringBuilder(what).append(' ').append(Quantity.entries(entryCount()));
        if (acknowledgedCount() < entryCount()) {
            text.append(", acknowledged ").append(acknowledgedCount());
        }
        text.append(", ").append(Quantity.lsnRange(firstLsn, lastLsn));
        text.append(", ").append(Quantity.of(byteCount, "byte", "bytes"));
        text.append(", ").append(Quantity.seconds(seconds));
        text.append(String.format(Locale.ROOT, ", %.0f entries/s", rate()));
        if (forceCount >= 0) {
            text.append(", ").append(Quantity.of(forceCount, "force", "forces"));
        }
        return text.toString();
    }

    String json() {
        final JsonWriter json = new JsonWriter().beginObject();
        json.field("entries", entryCount()).field("acknowledged", acknowledgedCount());
        json.field("firstLsn", entryCount() == 0 ? 0 : firstLsn)
                .field("lastLsn", entryCount() == 0 ? 0 : lastLsn);
        json.field("bytes", byteCount).field("seconds", seconds).field("entriesPerSecond", rate());
        if (forceCount >= 0) {
            json.field("forces", forceCount);
        }
        return json.endObject().take();
    }

    private double rate() {
        return seconds > 0 ? entryCount() / seconds : 0;
    }
}
