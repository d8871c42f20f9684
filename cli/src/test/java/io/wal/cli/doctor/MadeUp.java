package io.wal.cli.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Examinations that nobody made. */
public final class MadeUp {
    private Mount mount =
            new Mount("/data", "ext4", "/dev/sda1", "rw,relatime,rw,errors=remount-ro", "8:1");
    private Device device = new Device("sda", "SSD 9000", "write back", false, Path.of("/none"));
    private long usableSpace = 100L << 30;
    private long allocatedLength = 16 << 20;
    private double preparedBytesPerSecond = 500e6;
    private String directRefusal;
    private int processorCount = 8;
    private int javaFeature = 25;
    private double deviceFlushes = 1;
    private double mappedUs = 100;
    private double directUs = 80;
    private double p99Factor = 2;
    private double untouchedFactor = 1;
    private double coarseZeroingFactor = 2;
    private double fineZeroingFactor = 1.5;
    private long forceCount = 1_000;

    /** An SSD under ext4. */
    public MadeUp() {}

    MadeUp fileSystem(final String type, final String options) {
        mount = new Mount(mount.point(), type, mount.source(), options, mount.deviceNumber());
        return this;
    }

    MadeUp device(final Device other) {
        device = other;
        return this;
    }

    MadeUp usableSpace(final long length) {
        usableSpace = length;
        return this;
    }

    MadeUp allocatedLength(final long length) {
        allocatedLength = length;
        return this;
    }

    MadeUp preparedBytesPerSecond(final double rate) {
        preparedBytesPerSecond = rate;
        return this;
    }

    MadeUp directRefusal(final String reason) {
        directRefusal = reason;
        return this;
    }

    MadeUp processorCount(final int count) {
        processorCount = count;
        return this;
    }

    MadeUp javaFeature(final int feature) {
        javaFeature = feature;
        return this;
    }

    MadeUp deviceFlushes(final double count) {
        deviceFlushes = count;
        return this;
    }

    /** Of a small force. */
    MadeUp forceTimes(final double ofMappedUs, final double ofDirectUs) {
        mappedUs = ofMappedUs;
        directUs = ofDirectUs;
        return this;
    }

    MadeUp p99Factor(final double factor) {
        p99Factor = factor;
        return this;
    }

    MadeUp untouchedFactor(final double factor) {
        untouchedFactor = factor;
        return this;
    }

    /** How much longer forces take where blocks were made with 4 and with 64 KiB. */
    MadeUp zeroingFactors(final double fine, final double coarse) {
        fineZeroingFactor = fine;
        coarseZeroingFactor = coarse;
        return this;
    }

    MadeUp forceCount(final long count) {
        forceCount = count;
        return this;
    }

    /** The examination. */
    public Diagnosis diagnosis() {
        final List<Point> points = new ArrayList<>();
        for (final int length : Diagnosis.BATCH_LENGTHS) {
            final double grown = 1 + length / 65_536.0;
            points.add(
                    point(
                            WritePath.MAPPED,
                            Diagnosis.ZEROING_LENGTH,
                            true,
                            length,
                            mappedUs * grown));
            points.add(
                    point(
                            WritePath.MAPPED,
                            Diagnosis.ZEROING_LENGTH,
                            false,
                            length,
                            mappedUs * grown * untouchedFactor));
            points.add(
                    point(
                            WritePath.MAPPED,
                            4 << 10,
                            true,
                            length,
                            mappedUs * grown * fineZeroingFactor));
            points.add(
                    point(
                            WritePath.MAPPED,
                            64 << 10,
                            true,
                            length,
                            mappedUs * grown * coarseZeroingFactor));
            points.add(
                    point(
                            WritePath.POSITIONAL,
                            Diagnosis.ZEROING_LENGTH,
                            true,
                            length,
                            mappedUs * grown));
            if (directRefusal == null) {
                points.add(
                        point(
                                WritePath.DIRECT,
                                Diagnosis.ZEROING_LENGTH,
                                true,
                                length,
                                directUs * grown));
            }
        }
        return new Diagnosis(
                new Facts(
                        mount,
                        device,
                        usableSpace,
                        16 << 20,
                        allocatedLength,
                        preparedBytesPerSecond,
                        directRefusal,
                        processorCount,
                        javaFeature),
                points);
    }

    private Point point(
            final WritePath path,
            final int zeroingLength,
            final boolean touched,
            final int length,
            final double us) {
        return new Point(
                path,
                zeroingLength,
                touched,
                length,
                forceCount,
                us,
                us * p99Factor,
                us * p99Factor * 2,
                length * 1e6 / us,
                Math.max(4096, length),
                deviceFlushes);
    }
}
