package io.wal.cli.doctor;

import io.wal.WaitMode;
import io.wal.WalContext;
import io.wal.mmap.MmapStoreContext;
import io.wal.mmap.WriteMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Which settings follow from what was found, and why. */
public final class Advice {
    private static final String STORE = "MmapStoreContext";
    private static final String LOG = "WalContext";

    /** A difference that is less than this is noise. */
    private static final double CLEAR = 1.1;

    private static final double MUCH_FASTER = 1.25;
    private static final double KNEE_SHARE = 0.8;
    private static final int MANY_PROCESSORS = 4;
    private static final double FAST_FORCE_US = 50;
    private static final int TOUCH_AHEAD_LENGTH = 4 << 20;
    private static final int LEAST_SEGMENT_LENGTH = 1 << 20;
    private static final int SEGMENTS_PER_SPACE = 16;
    private static final double MOST_PREPARATION_S = 2;
    private static final double STALLS_ABOVE_P99 = 5;
    private static final int STALL_STEP_MS = 100;

    private final Diagnosis diagnosis;
    private final Facts facts;
    private final List<Setting> settings = new ArrayList<>();

    private Advice(final Diagnosis diagnosis) {
        this.diagnosis = diagnosis;
        facts = diagnosis.facts();
    }

    /**
     * Recommends.
     *
     * @param diagnosis to go by.
     * @return the settings that were thought about, those that stay as they are, too.
     */
    public static List<Setting> of(final Diagnosis diagnosis) {
        final Advice advice = new Advice(diagnosis);
        final WriteMode mode = advice.writeMode();
        advice.zeroingLength(mode);
        advice.touchAheadLength(mode);
        advice.segmentLength();
        advice.maxBatchLength(mode);
        advice.waitMode(mode);
        advice.stallThreshold(mode);
        return List.copyOf(advice.settings);
    }

    private WriteMode writeMode() {
        final WriteMode usual = new MmapStoreContext().writeMode();
        final Point mapped = point(WritePath.MAPPED, Diagnosis.SMALL_LENGTH);
        final Point direct = point(WritePath.DIRECT, Diagnosis.SMALL_LENGTH);
        final WriteMode mode;
        final String reason;
        if (direct == null) {
            mode = WriteMode.MAPPED;
            reason = "nothing can be written past the page cache here";
        } else {
            final double sooner = mapped.p50Us() / direct.p50Us();
            final double faster = busyRate(WritePath.DIRECT) / busyRate(WritePath.MAPPED);
            final boolean better =
                    sooner >= 1 / CLEAR && faster >= MUCH_FASTER
                            || sooner >= MUCH_FASTER && faster >= 1 / CLEAR;
            mode = better ? WriteMode.DIRECT : WriteMode.MAPPED;
            reason =
                    String.format(
                            Locale.ROOT,
                            "DIRECT: a small force in %s us, busy %.0f MB/s; MAPPED: %s us, %.0f"
                                    + " MB/s%s",
                            us(direct.p50Us()),
                            busyRate(WritePath.DIRECT) / 1e6,
                            us(mapped.p50Us()),
                            busyRate(WritePath.MAPPED) / 1e6,
                            better ? "; WRITTEN entries cost as much as FORCED ones then" : "");
        }
        add(
                new Setting(
                        STORE,
                        "writeMode",
                        mode.name(),
                        mode.name(),
                        "WriteMode." + mode.name(),
                        mode == usual,
                        reason));
        return mode;
    }

    /** The geometric mean of the rates of batches as a busy log has them; by medians, see there. */
    private double busyRate(final WritePath path) {
        double product = 1;
        int count = 0;
        for (final int length : Diagnosis.BATCH_LENGTHS) {
            if (length >= Diagnosis.BUSY_LENGTH) {
                product *= rate(point(path, length));
                count++;
            }
        }
        return Math.pow(product, 1.0 / count);
    }

    private void zeroingLength(final WriteMode mode) {
        final int usual = MmapStoreContext.ZEROING_LENGTH_DEFAULT;
        int best = usual;
        for (final int length : Diagnosis.ZEROING_LENGTHS) {
            if (zeroingCost(length) < zeroingCost(best) / (best == usual ? CLEAR : 1)) {
                best = length;
            }
        }
        final StringBuilder reason = new StringBuilder("MAPPED, small and 64 KiB forces:");
        for (final int length : Diagnosis.ZEROING_LENGTHS) {
            reason.append(
                    String.format(
                            Locale.ROOT,
                            "%s %s %s and %s us",
                            length == Diagnosis.ZEROING_LENGTHS.get(0) ? "" : ",",
                            kibibytes(length),
                            us(zeroing(length, Diagnosis.SMALL_LENGTH).p50Us()),
                            us(zeroing(length, Diagnosis.BUSY_LENGTH).p50Us())));
        }
        if (mode == WriteMode.DIRECT) {
            reason.append("; DIRECT does not care");
            best = usual;
        }
        addLength(STORE, "zeroingLength", best, usual, reason.toString());
    }

    /** Small forces want little written for each, long batches few page faults: both count. */
    private double zeroingCost(final int zeroingLength) {
        return zeroing(zeroingLength, Diagnosis.SMALL_LENGTH).p50Us()
                * zeroing(zeroingLength, Diagnosis.BUSY_LENGTH).p50Us();
    }

    private Point zeroing(final int zeroingLength, final int batchLength) {
        return diagnosis.point(WritePath.MAPPED, zeroingLength, true, batchLength);
    }

    private void touchAheadLength(final WriteMode mode) {
        final int usual = MmapStoreContext.TOUCH_AHEAD_LENGTH_DEFAULT;
        final double touched = point(WritePath.MAPPED, Diagnosis.BUSY_LENGTH).p50Us();
        final double untouched =
                diagnosis
                        .point(
                                WritePath.MAPPED,
                                Diagnosis.ZEROING_LENGTH,
                                false,
                                Diagnosis.BUSY_LENGTH)
                        .p50Us();
        final String gain =
                String.format(
                        Locale.ROOT,
                        "64 KiB in %s us when its pages were touched ahead, %s when not",
                        us(touched),
                        us(untouched));
        final int length;
        final String reason;
        if (mode == WriteMode.DIRECT) {
            length = usual;
            reason = "DIRECT maps no pages";
        } else if (facts.processorCount() < MANY_PROCESSORS) {
            length = 0;
            reason = gain + "; but touching needs a processor that is idle";
        } else {
            length = untouched > MUCH_FASTER * touched ? TOUCH_AHEAD_LENGTH : 0;
            reason = gain;
        }
        addLength(STORE, "touchAheadLength", length, usual, reason);
    }

    private void segmentLength() {
        final int usual = MmapStoreContext.SEGMENT_LENGTH_DEFAULT;
        final double preparationS = usual / facts.preparedBytesPerSecond();
        int length = usual;
        while (length > LEAST_SEGMENT_LENGTH
                && ((long) length * SEGMENTS_PER_SPACE > facts.usableSpace()
                        || length / facts.preparedBytesPerSecond() > MOST_PREPARATION_S)) {
            length /= 2;
        }
        addLength(
                STORE,
                "segmentLength",
                length,
                usual,
                String.format(
                        Locale.ROOT,
                        "opening a log prepares a segment, 64 MiB in %.2f s here; %s are free",
                        preparationS,
                        space(facts.usableSpace())));
    }

    private void maxBatchLength(final WriteMode mode) {
        final WritePath path = path(mode);
        double most = 0;
        for (final int length : Diagnosis.BATCH_LENGTHS) {
            most = Math.max(most, rate(point(path, length)));
        }
        Point knee = null;
        for (final int length : Diagnosis.BATCH_LENGTHS) {
            final Point point = point(path, length);
            if (knee == null && rate(point) >= KNEE_SHARE * most) {
                knee = point;
            }
        }
        add(
                new Setting(
                        LOG,
                        "maxBatchLength",
                        Integer.toString(Integer.MAX_VALUE),
                        "unlimited",
                        "Integer.MAX_VALUE",
                        true,
                        String.format(
                                Locale.ROOT,
                                "batches grow with the load; those of %s reach %.0f %% of the"
                                        + " best rate, in %s us",
                                kibibytes(knee.batchLength()),
                                100 * rate(knee) / most,
                                us(knee.p50Us()))));
    }

    private void waitMode(final WriteMode mode) {
        final double forceUs = point(path(mode), Diagnosis.SMALL_LENGTH).p50Us();
        final boolean fast = forceUs < FAST_FORCE_US;
        final WaitMode wait =
                fast && facts.processorCount() >= MANY_PROCESSORS ? WaitMode.YIELD : WaitMode.PARK;
        add(
                new Setting(
                        LOG,
                        "waitMode",
                        wait.name(),
                        wait.name(),
                        "WaitMode." + wait.name(),
                        wait == new WalContext().waitMode(),
                        String.format(
                                Locale.ROOT,
                                "a force takes %s us, %s, on %d %s",
                                us(forceUs),
                                fast
                                        ? "about as long as waking a thread"
                                        : "far longer than waking a thread",
                                facts.processorCount(),
                                facts.processorCount() == 1 ? "processor" : "processors")));
    }

    private void stallThreshold(final WriteMode mode) {
        final long usualMs = WalContext.STALL_THRESHOLD_DEFAULT.toMillis();
        final Point small = point(path(mode), Diagnosis.SMALL_LENGTH);
        final double highUs = Double.isNaN(small.p99Us()) ? small.maxUs() : small.p99Us();
        final double wantedMs = STALLS_ABOVE_P99 * highUs / 1e3;
        final long ms =
                wantedMs <= usualMs
                        ? usualMs
                        : (long) Math.ceil(wantedMs / STALL_STEP_MS) * STALL_STEP_MS;
        add(
                new Setting(
                        LOG,
                        "stallThreshold",
                        Long.toString(ms),
                        ms + " ms",
                        "Duration.ofMillis(" + ms + ")",
                        ms == usualMs,
                        String.format(
                                Locale.ROOT,
                                "99 of 100 small forces take less than %.1f ms, the longest took %.1f"
                                        + " ms",
                                highUs / 1e3,
                                small.maxUs() / 1e3)));
    }

    /** Bytes per second of an ordinary force: one that hung for long says nothing of the others. */
    private static double rate(final Point point) {
        return point.batchLength() * 1e6 / point.p50Us();
    }

    private Point point(final WritePath path, final int batchLength) {
        return diagnosis.point(path, batchLength);
    }

    private void addLength(
            final String context,
            final String name,
            final int length,
            final int usual,
            final String reason) {
        add(
                new Setting(
                        context,
                        name,
                        Integer.toString(length),
                        kibibytes(length),
                        length >= 1 << 20 && length % (1 << 20) == 0
                                ? (length >> 20) + " << 20"
                                : length % (1 << 10) == 0 && length > 0
                                        ? (length >> 10) + " << 10"
                                        : Integer.toString(length),
                        length == usual,
                        reason));
    }

    private void add(final Setting setting) {
        settings.add(setting);
    }

    private static WritePath path(final WriteMode mode) {
        return mode == WriteMode.DIRECT ? WritePath.DIRECT : WritePath.MAPPED;
    }

    private static String space(final long length) {
        return length >= 10L << 30 ? (length >> 30) + " GiB" : (length >> 20) + " MiB";
    }

    static String us(final double microseconds) {
        return String.format(Locale.ROOT, microseconds < 10 ? "%.1f" : "%.0f", microseconds);
    }

    private static String kibibytes(final int length) {
        if (length < 1 << 10) {
            return length == 0 ? "0" : length + " B";
        }
        return length < 1 << 20 ? (length >> 10) + " KiB" : (length >> 20) + " MiB";
    }
}
