package io.wal.cli;

import io.wal.cli.doctor.Advice;
import io.wal.cli.doctor.Check;
import io.wal.cli.doctor.Checks;
import io.wal.cli.doctor.Device;
import io.wal.cli.doctor.Diagnosis;
import io.wal.cli.doctor.Facts;
import io.wal.cli.doctor.Point;
import io.wal.cli.doctor.Setting;
import io.wal.cli.doctor.WritePath;
import java.util.List;
import java.util.Locale;

/** What an examination found, for people. */
final class DoctorReport {
    private static final int WIDTH = 98;
    private static final String INDENT = "  ";

    private final StringBuilder text = new StringBuilder();
    private final Diagnosis diagnosis;

    private DoctorReport(final Diagnosis diagnosis) {
        this.diagnosis = diagnosis;
    }

    static String of(final String directory, final double seconds, final Diagnosis diagnosis) {
        final DoctorReport report = new DoctorReport(diagnosis);
        report.place(directory, seconds);
        report.checks();
        report.forces();
        report.zeroing();
        report.settings(directory);
        return report.text.toString();
    }

    private void place(final String directory, final double seconds) {
        final Facts facts = diagnosis.facts();
        line("%s", directory);
        line(
                "%s on %s%s, %s, Java %s",
                facts.mount().fileSystem(),
                facts.mount().source(),
                device(facts.device()),
                Quantity.of(facts.processorCount(), "processor", "processors"),
                facts.javaFeature());
        line("measured for %.1f s; of what was written nothing is left", seconds);
    }

    private static String device(final Device device) {
        if (device == null) {
            return "";
        }
        final String model = device.model().isEmpty() ? "" : ", " + device.model();
        return " (disk " + device.name() + model + (device.isVirtual() ? ", virtual)" : ")");
    }

    private void checks() {
        head("CHECKS");
        for (final Check check : Checks.of(diagnosis)) {
            final String verdict =
                    switch (check.verdict()) {
                        case OK -> "ok";
                        case NOTE -> "note";
                        case WARNING -> "WARNING";
                    };
            wrapped(String.format(Locale.ROOT, "%-9s%-15s", verdict, check.name()), check.text());
        }
    }

    private void forces() {
        head("FORCES");
        line("%12s%s", "", "        MAPPED                  DIRECT              write + fdatasync");
        line("%12s%s", "bytes each", "   p50 us   p99 us   MB/s".repeat(WritePath.values().length));
        for (final int length : Diagnosis.BATCH_LENGTHS) {
            final StringBuilder row = new StringBuilder();
            for (final WritePath path : WritePath.values()) {
                row.append(cells(diagnosis.point(path, length)));
            }
            line("%12s%s", length(length), row);
        }
        final StringBuilder device = new StringBuilder();
        for (final WritePath path : WritePath.values()) {
            final Point point = diagnosis.point(path, Diagnosis.SMALL_LENGTH);
            if (point != null && !Double.isNaN(point.deviceBytes())) {
                device.append(device.isEmpty() ? "" : ", ")
                        .append(
                                String.format(
                                        Locale.ROOT,
                                        "%s %.1f KiB and %s",
                                        name(path),
                                        point.deviceBytes() / 1024,
                                        figure("%.1f flushes", point.deviceFlushes())));
            }
        }
        if (!device.isEmpty()) {
            wrapped(
                    "",
                    "At the device, for each force of "
                            + length(Diagnosis.SMALL_LENGTH)
                            + ": "
                            + device
                            + ".");
        }
    }

    private static String cells(final Point point) {
        if (point == null) {
            return String.format("%9s%9s%7s", "-", "-", "-");
        }
        return String.format(
                Locale.ROOT,
                "%9s%9s%7s",
                us(point.p50Us()),
                us(point.p99Us()),
                figure(
                        point.bytesPerSecond() < 1e7 ? "%.1f" : "%.0f",
                        point.bytesPerSecond() / 1e6));
    }

    private void zeroing() {
        head("BLOCKS FOR MAPPED SEGMENTS");
        line("%12s%s", "zeroed by", "   p50 us of 256 B   p50 us of 64 KiB   KiB at the device");
        for (final int zeroingLength : Diagnosis.ZEROING_LENGTHS) {
            final Point small = zeroing(zeroingLength, Diagnosis.SMALL_LENGTH);
            final Point busy = zeroing(zeroingLength, Diagnosis.BUSY_LENGTH);
            line(
                    "%12s%18s%19s%20s",
                    length(zeroingLength),
                    us(small.p50Us()),
                    us(busy.p50Us()),
                    figure("%.1f", small.deviceBytes() / 1024));
        }
    }

    private Point zeroing(final int zeroingLength, final int batchLength) {
        return diagnosis.point(WritePath.MAPPED, zeroingLength, true, batchLength);
    }

    private void settings(final String directory) {
        head("RECOMMENDED");
        final List<Setting> settings = Advice.of(diagnosis);
        String context = "";
        for (final Setting setting : settings) {
            if (!setting.context().equals(context)) {
                context = setting.context();
                line("%s", context);
            }
            wrapped(
                    String.format(
                            Locale.ROOT,
                            "%s %-17s%-11s",
                            setting.usual() ? " " : "*",
                            setting.name(),
                            setting.words()),
                    setting.reason());
        }
        if (settings.stream().allMatch(Setting::usual)) {
            text.append('\n');
            line("The defaults are right here.");
            return;
        }
        line("* is not the default");
        text.append('\n');
        code(settings, "MmapStoreContext", ".directory(Path.of(\"" + directory + "\"))");
        code(settings, "WalContext", ".store(store)");
    }

    /** The settings that are not the defaults, to be copied. */
    private void code(final List<Setting> settings, final String context, final String first) {
        final StringBuilder calls = new StringBuilder();
        for (final Setting setting : settings) {
            if (setting.context().equals(context) && !setting.usual()) {
                calls.append('.').append(setting.name()).append('(').append(setting.code());
                calls.append(')');
            }
        }
        if (!calls.isEmpty()) {
            line("%s", "new " + context + "()" + first + calls);
        }
    }

    private void head(final String title) {
        text.append('\n').append(title).append('\n');
    }

    private void line(final String format, final Object... values) {
        text.append(INDENT).append(String.format(Locale.ROOT, format, values)).append('\n');
    }

    /** Words behind a label, on as many lines as they need. */
    private void wrapped(final String label, final String words) {
        final StringBuilder row = new StringBuilder(INDENT).append(label);
        final String margin = " ".repeat(row.length());
        boolean begun = false;
        for (final String word : words.split(" ")) {
            if (begun && row.length() + 1 + word.length() > WIDTH) {
                text.append(row).append('\n');
                row.setLength(0);
                row.append(margin);
                begun = false;
            }
            row.append(begun ? " " : "").append(word);
            begun = true;
        }
        text.append(row).append('\n');
    }

    private static String name(final WritePath path) {
        return path == WritePath.POSITIONAL ? "fdatasync" : path.name();
    }

    private static String length(final int length) {
        return length < 1024
                ? length + " B"
                : length < 1 << 20 ? (length >> 10) + " KiB" : (length >> 20) + " MiB";
    }

    private static String us(final double microseconds) {
        return figure(microseconds < 10 ? "%.1f" : "%.0f", microseconds);
    }

    private static String figure(final String format, final double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
    }
}
