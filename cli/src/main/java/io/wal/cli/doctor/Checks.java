package io.wal.cli.doctor;

import io.wal.cli.doctor.Check.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Looks at what was found for what endangers a log. */
public final class Checks {
    private static final Set<String> SOUND = Set.of("ext4", "ext3", "xfs", "apfs");
    private static final Set<String> MEMORY = Set.of("tmpfs", "ramfs", "devtmpfs", "rootfs");
    private static final Set<String> LAYERED = Set.of("overlay", "overlayfs", "aufs");
    private static final Set<String> COPYING = Set.of("btrfs", "zfs", "bcachefs");
    private static final Set<String> DISTANT =
            Set.of(
                    "nfs",
                    "nfs4",
                    "cifs",
                    "smb3",
                    "smbfs",
                    "9p",
                    "virtiofs",
                    "ceph",
                    "glusterfs",
                    "lustre",
                    "vboxsf",
                    "vmhgfs",
                    "afs",
                    "prl_fs");

    /** Sooner than this no device that keeps data without power answers, in microseconds. */
    private static final double TOO_FAST_US = 8;

    /** A disk of 15,000 turns a minute needs 2,000 for half a turn. */
    private static final double TOO_FAST_TO_TURN_US = 1_000;

    private static final double FEW_FLUSHES = 0.2;
    private static final double UNEVEN = 10;
    private static final int FEW_FORCES = 50;
    private static final long LITTLE_SPACE = 1L << 30;
    private static final int FEATURE_WITH_EARLY_FAULTS = 25;

    private final Diagnosis diagnosis;
    private final Facts facts;
    private final List<Check> checks = new ArrayList<>();

    private Checks(final Diagnosis diagnosis) {
        this.diagnosis = diagnosis;
        facts = diagnosis.facts();
    }

    /**
     * Looks.
     *
     * @param diagnosis to look at.
     * @return what is to be said, good or bad.
     */
    public static List<Check> of(final Diagnosis diagnosis) {
        final Checks checks = new Checks(diagnosis);
        checks.fileSystem();
        checks.mountOptions();
        checks.blocks();
        checks.space();
        checks.directWrites();
        checks.deviceCache();
        checks.forceTime();
        checks.figures();
        checks.java();
        return List.copyOf(checks.checks);
    }

    private void fileSystem() {
        final String type = facts.mount().fileSystem().toLowerCase(Locale.ROOT);
        if (SOUND.contains(type)) {
            add(Verdict.OK, "file system", type + " maps, locks, and keeps what was forced");
        } else if (MEMORY.contains(type)) {
            add(
                    Verdict.WARNING,
                    "file system",
                    type + " is memory: nothing survives a restart of the machine, forced or not");
        } else if (LAYERED.contains(type)) {
            add(
                    Verdict.WARNING,
                    "file system",
                    type
                            + " is the layer of a container, and goes when it is removed; put the log"
                            + " on a volume");
        } else if (COPYING.contains(type)) {
            add(
                    Verdict.WARNING,
                    "file system",
                    type
                            + " writes copies: overwriting blocks that a segment has can still run"
                            + " out of space, which ends the log with a failed force; leave room, and"
                            + " turn copying off for the directory if you can (btrfs: chattr +C)");
        } else if (DISTANT.contains(type) || type.startsWith("fuse")) {
            add(
                    Verdict.WARNING,
                    "file system",
                    type
                            + " is shared or on a network: locks and mappings are often not what they"
                            + " seem there; do not put a log on it");
        } else {
            add(Verdict.NOTE, "file system", type + " is not one that the log is tested on");
        }
    }

    private void mountOptions() {
        final Mount mount = facts.mount();
        if (mount.hasOption("nobarrier") || mount.hasOption("barrier=0")) {
            add(
                    Verdict.WARNING,
                    "mount options",
                    "mounted without barriers: forces do not flush the device's cache");
        }
        if (mount.hasOption("data=journal")) {
            add(
                    Verdict.NOTE,
                    "mount options",
                    "data=journal writes everything twice, and no write passes the page cache");
        }
    }

    private void blocks() {
        final long length = facts.preparedLength();
        final long allocated = facts.allocatedLength();
        if (allocated < 0) {
            add(Verdict.NOTE, "blocks", "whether prepared segments get blocks cannot be told here");
        } else if (allocated >= length) {
            add(
                    Verdict.OK,
                    "blocks",
                    "a prepared segment has all its blocks: a full disk is noticed before it hurts");
        } else {
            add(
                    Verdict.WARNING,
                    "blocks",
                    String.format(
                            Locale.ROOT,
                            "a prepared segment has %.0f %% of its blocks, for zeroes are compressed"
                                    + " or left out here: a full disk shows as a failed force, which"
                                    + " ends the log",
                            100.0 * allocated / length));
        }
    }

    private void space() {
        if (facts.usableSpace() < LITTLE_SPACE) {
            add(
                    Verdict.WARNING,
                    "space",
                    (facts.usableSpace() >> 20)
                            + " MiB are left; a log of 64 MiB segments takes two of them at once, and"
                            + " keeps up to eight spare ones");
        }
    }

    private void directWrites() {
        if (facts.directRefusal() == null) {
            add(Verdict.OK, "direct writes", "writing past the page cache works");
        } else {
            add(
                    Verdict.NOTE,
                    "direct writes",
                    "no write passes the page cache here: " + facts.directRefusal());
        }
    }

    private void deviceCache() {
        final Device device = facts.device();
        if (device == null || device.writeCache().isEmpty()) {
            add(Verdict.NOTE, "device cache", "what the device does with writes cannot be told");
            return;
        }
        final String host =
                device.isVirtual() ? "; the disk is virtual, so its host has the last word" : "";
        if (device.writeCache().equals("write through")) {
            add(
                    Verdict.OK,
                    "device cache",
                    device.name() + " says that it keeps what it has taken (write through)" + host);
            return;
        }
        final Point small = diagnosis.point(WritePath.MAPPED, Diagnosis.SMALL_LENGTH);
        final double flushes = small == null ? Double.NaN : small.deviceFlushes();
        if (flushes < FEW_FLUSHES) {
            add(
                    Verdict.WARNING,
                    "device cache",
                    String.format(
                            Locale.ROOT,
                            "the cache of %s forgets without power (%s), and forces do not flush it:"
                                    + " %.1f flushes each",
                            device.name(),
                            device.writeCache(),
                            flushes));
        } else {
            add(
                    Verdict.OK,
                    "device cache",
                    String.format(
                            Locale.ROOT,
                            "the cache of %s forgets without power (%s)%s%s",
                            device.name(),
                            device.writeCache(),
                            Double.isNaN(flushes)
                                    ? ", and Linux flushes it"
                                    : String.format(
                                            Locale.ROOT,
                                            ", and each force flushes it (%.1f times)",
                                            flushes),
                            host));
        }
    }

    private void forceTime() {
        final Point small = diagnosis.point(WritePath.MAPPED, Diagnosis.SMALL_LENGTH);
        if (small == null || Double.isNaN(small.p50Us())) {
            return;
        }
        final Device device = facts.device();
        final String took = "a small force takes " + Advice.us(small.p50Us()) + " us";
        if (small.p50Us() < TOO_FAST_US) {
            add(
                    Verdict.WARNING,
                    "force time",
                    took + ", too fast to be true: only memory answers that soon");
        } else if (device != null
                && device.rotational()
                && !device.isVirtual()
                && small.p50Us() < TOO_FAST_TO_TURN_US) {
            add(
                    Verdict.WARNING,
                    "force time",
                    took
                            + ", less than a disk needs to turn: a controller with a battery answers,"
                            + " or a cache that forgets");
        } else if (small.p99Us() > UNEVEN * small.p50Us()) {
            add(
                    Verdict.NOTE,
                    "force time",
                    took
                            + String.format(
                                    Locale.ROOT,
                                    ", but one of a hundred %.0f us: others use the device, or it"
                                            + " tidies up",
                                    small.p99Us()));
        } else {
            add(Verdict.OK, "force time", took + ", as long as a device may need");
        }
    }

    private void figures() {
        long fewest = Long.MAX_VALUE;
        for (final Point point : diagnosis.points()) {
            fewest = Math.min(fewest, point.forceCount());
        }
        if (fewest < FEW_FORCES) {
            add(
                    Verdict.NOTE,
                    "figures",
                    "of some forces only "
                            + fewest
                            + " were measured, so that small differences say nothing: take more time"
                            + " (--seconds)");
        }
    }

    private void java() {
        if (facts.javaFeature() >= FEATURE_WITH_EARLY_FAULTS) {
            add(
                    Verdict.OK,
                    "Java",
                    facts.javaFeature() + " tells a fault of a mapped page at once");
        } else {
            add(
                    Verdict.NOTE,
                    "Java",
                    facts.javaFeature()
                            + " may tell a fault of a mapped page late, even after a force;"
                            + " segments have their blocks, so it takes a failing device to meet"
                            + " one; Java 25 tells at once, and WriteMode.DIRECT writes no mapped"
                            + " pages");
        }
    }

    private void add(final Verdict verdict, final String name, final String text) {
        checks.add(new Check(name, verdict, text));
    }
}
