package io.wal.cli;

import java.util.Locale;

/** The figures of the benchmark, for people and for programs. */
final class BenchTable {
    private BenchTable() {}

    static String floorLine(final BenchPhase floor) {
        return String.format(
                Locale.ROOT,
                "floor of the device (one %d-byte write at a position, then FileChannel.force(false)): "
                        + "p50 %.0f us, p99 %.0f us, max %.0f us, %.0f/s",
                DeviceFloor.BLOCK_LENGTH,
                floor.microseconds(50),
                floor.microseconds(99),
                floor.microseconds(100),
                floor.rate());
    }

    static String head() {
        return String.format(
                Locale.ROOT,
                "%-30s  %-41s  %s%n%9s %8s %-11s  %10s %9s %9s %10s  %11s %8s %9s %9s %9s",
                "",
                "each producer waits for each entry",
                "as many as the queue takes",
                "producers",
                "payload",
                "durability",
                "entries/s",
                "p50 us",
                "p99 us",
                "p99.9 us",
                "entries/s",
                "MB/s",
                "p50 us",
                "p99 us",
                "per force");
    }

    static String row(
            final BenchCase benchCase, final BenchPhase waiting, final BenchPhase streaming) {
        return String.format(
                Locale.ROOT,
                "%9d %8d %-11s  %10.0f %9s %9s %10s  %11.0f %8.1f %9s %9s %9s",
                benchCase.producerCount(),
                benchCase.payloadLength(),
                DurabilityNames.of(benchCase.durability()),
                waiting.rate(),
                figure("%.1f", waiting.microseconds(50)),
                figure("%.1f", waiting.microseconds(99)),
                figure("%.1f", waiting.microseconds(99.9)),
                streaming.rate(),
                streaming.rate() * benchCase.payloadLength() / 1e6,
                figure("%.0f", streaming.microseconds(50)),
                figure("%.0f", streaming.microseconds(99)),
                figure("%.0f", streaming.entriesPerForce()));
    }

    static void json(
            final JsonWriter json,
            final BenchCase benchCase,
            final BenchPhase waiting,
            final BenchPhase streaming) {
        json.beginObject().field("producers", benchCase.producerCount());
        json.field("payloadLength", benchCase.payloadLength());
        json.field("durability", DurabilityNames.of(benchCase.durability()));
        json.name("waiting");
        json(json, waiting);
        json.name("streaming");
        json(json, streaming);
        json.endObject();
    }

    static void json(final JsonWriter json, final BenchPhase phase) {
        json.beginObject().field("entriesPerSecond", phase.rate());
        json.field("entries", phase.entryCount()).field("seconds", phase.seconds());
        json.field("p50Us", phase.microseconds(50)).field("p90Us", phase.microseconds(90));
        json.field("p99Us", phase.microseconds(99)).field("p999Us", phase.microseconds(99.9));
        json.field("maxUs", phase.microseconds(100));
        if (phase.forceCount() >= 0) {
            json.field("forces", phase.forceCount());
        }
        json.endObject();
    }

    private static String figure(final String format, final double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
    }
}
