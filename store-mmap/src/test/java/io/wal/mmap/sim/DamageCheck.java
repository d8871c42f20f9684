package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.wal.CorruptLogException;
import io.wal.WalException;
import io.wal.inspect.Damage;
import io.wal.inspect.LogReport;
import io.wal.inspect.LogReport.Verdict;
import io.wal.inspect.RecordVisitor;
import io.wal.mmap.MmapLogInspector;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.store.StoreLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Looks at a damaged log in every way there is, and compares the answers with what is expected. */
final class DamageCheck {
    private final LogImage image;
    private final LogOracle known;

    DamageCheck(final LogImage image) {
        this.image = image;
        known = image.newOracle();
    }

    /** What the answer must be. */
    sealed interface Expected {
        /** Nothing that was acknowledged is damaged: the log ends with this LSN. */
        record Sound(long lastLsn) implements Expected {}

        /** A refusal, or the log ends with this LSN or a later one. */
        record RefusedOrAtLeast(long lastLsn) implements Expected {}

        /** Damage just there. */
        record Damaged(Path segment, long offset, long lsn) implements Expected {}

        /** Damage somewhere. */
        record DamagedSomewhere() implements Expected {}

        /** A refusal, or everything that was acknowledged is there. */
        record Any() implements Expected {}
    }

    /** Does harm to a log. */
    @FunctionalInterface
    interface Damaging {
        void damage(SimulatedDisk disk) throws IOException;
    }

    /** What an in-place change of a file must lead to. */
    Expected expectedAfterChange(final Path path, final byte[] before, final byte[] after) {
        if (path.endsWith("control.wal")) {
            return new Expected.Any(); // there are two slots
        }
        long lastLsn = lastLsn();
        SegmentImage changed = null;
        boolean begunLater = false;
        for (final SegmentImage segment : image.begunSegments()) {
            begunLater |= changed != null;
            if (segment.path().equals(path)) {
                changed = segment;
            }
        }
        if (changed == null) {
            return new Expected.Sound(lastLsn);
        }
        if (isChanged(before, after, 0, SegmentImage.HEADER_LENGTH)) {
            return changed.records().isEmpty() && !begunLater
                    ? new Expected.Any()
                    : new Expected.DamagedSomewhere();
        }
        SegmentImage.Located broken = null;
        long evidencedLsn = ControlImage.durableLsn(image.file("control.wal"));
        for (final SegmentImage.Located record : changed.records()) {
            if (!isChanged(before, after, record.offset(), record.end())) {
                evidencedLsn = Math.max(evidencedLsn, record.durableLsn());
            } else if (broken == null) {
                broken = record;
            }
        }
        if (broken == null) {
            return new Expected.Sound(lastLsn);
        }
        if (begunLater || evidencedLsn >= broken.nextEntryLsn()) {
            return new Expected.Damaged(path, broken.offset(), broken.nextEntryLsn());
        }
        lastLsn = broken.nextEntryLsn() - 1;
        return new Expected.Sound(lastLsn);
    }

    /** The last LSN of the undamaged log. */
    long lastLsn() {
        long lastLsn = ControlImage.startLsn(image.file("control.wal")) - 1;
        for (final SegmentImage segment : image.begunSegments()) {
            lastLsn = Math.max(lastLsn, segment.firstLsn() - 1);
            for (final SegmentImage.Located record : segment.records()) {
                lastLsn = record.nextEntryLsn() - (record.kind().isEntry() ? 0 : 1);
            }
        }
        return lastLsn;
    }

    /** Damages a copy of the log, and looks at it in every way. */
    void check(final Damaging damaging, final Expected expected, final String what)
            throws IOException {
        final SimulatedDisk disk = image.newDisk();
        damaging.damage(disk);
        try {
            check(disk, expected);
        } catch (final Throwable t) {
            throw new AssertionError(image + ": " + what + ", expected " + expected + ": " + t, t);
        }
    }

    /** Opens, verifies, visits and reads. The disk is left as it was. */
    void check(final SimulatedDisk damaged, final Expected expected) {
        final Map<Path, byte[]> before = damaged.files();
        final long operationCount = damaged.writerOperationCount();
        LogReport report = null;
        WalException refusal = null;
        try (MmapLogInspector inspector =
                new MmapLogInspector(damaged, CrashSimulation.DIRECTORY)) {
            inspector.info();
            report = inspector.verify(bytes -> {});
            inspector.visit(1, Long.MAX_VALUE, genuineOnly());
        } catch (final WalException e) {
            refusal = e;
        }
        assertThat(damaged.writerOperationCount()).as("only read").isEqualTo(operationCount);
        assertSameFiles(before, damaged.files());

        final SimulatedDisk opened = damaged.copy();
        final LogOracle oracle = image.newOracle();
        if (expected instanceof Expected.Sound sound) {
            oracle.damaged(sound.lastLsn(), sound.lastLsn());
        } else if (expected instanceof Expected.RefusedOrAtLeast sound) {
            oracle.damaged(sound.lastLsn(), lastLsn());
        }
        final DrivenLog log = log(opened, oracle);
        final WalException failure = log.tryOpen();
        if (failure == null) {
            log.read(oracle.startLsn());
            log.close();
        } else {
            assertSameFiles(before, opened.files());
        }
        compare(expected, failure);
        compare(failure, refusal, report);
    }

    private static void compare(final Expected expected, final WalException failure) {
        if (expected instanceof Expected.Sound) {
            assertThat(failure).as("nothing that was acknowledged is damaged").isNull();
        } else if (expected instanceof Expected.DamagedSomewhere) {
            assertThat(failure).as("damage").isInstanceOf(CorruptLogException.class);
        } else if (expected instanceof Expected.Damaged place) {
            assertThat(failure).as("damage").isInstanceOf(CorruptLogException.class);
            final CorruptLogException damage = (CorruptLogException) failure;
            assertThat(
                            new Expected.Damaged(
                                    Path.of(damage.segment()), damage.offset(), damage.lsn()))
                    .isEqualTo(place);
        }
    }

    /** Opening and looking must come to the same. */
    private static void compare(
            final WalException failure, final WalException refusal, final LogReport report) {
        if (refusal != null) {
            assertThat(failure).as("as the inspector says: " + refusal).hasSameClassAs(refusal);
        } else if (failure instanceof CorruptLogException damage) {
            assertThat(report.verdict()).as(damage.getMessage()).isEqualTo(Verdict.DAMAGED);
            final Damage first = report.damages().get(0);
            assertThat(Path.of(first.segment())).isEqualTo(Path.of(damage.segment()));
            assertThat(first.offset()).isEqualTo(damage.offset());
            assertThat(first.lsn()).isEqualTo(damage.lsn());
        } else if (failure == null) {
            assertThat(report.verdict()).as(report.toString()).isNotEqualTo(Verdict.DAMAGED);
        } else {
            fail("refused as " + failure + ", and the inspector says " + report);
        }
    }

    private RecordVisitor genuineOnly() {
        return (segment, segmentOffset, lsn, kind, buffer, offset, length) -> {
            if (kind.isEntry()) {
                if (!known.isGenuine(lsn, kind, buffer, offset, length)) {
                    fail("LSN " + lsn + ", " + kind + ", has other content");
                }
            }
        };
    }

    private static DrivenLog log(final SimulatedDisk disk, final LogOracle oracle) {
        final MmapStoreContext context =
                new MmapStoreContext()
                        .directory(CrashSimulation.DIRECTORY)
                        .disk(disk)
                        .segmentLength(2 * CachedFile.PAGE_LENGTH)
                        .backgroundThread(false);
        return new DrivenLog(disk, oracle, () -> new MmapLogStore(context), StoreLimits.DEFAULT);
    }

    /** The same, but for who has or had the log open. */
    private static void assertSameFiles(
            final Map<Path, byte[]> before, final Map<Path, byte[]> after) {
        final Map<Path, byte[]> left = new HashMap<>(before);
        final Map<Path, byte[]> right = new HashMap<>(after);
        for (final String name : new String[] {"owner", "lock"}) {
            left.remove(CrashSimulation.DIRECTORY.resolve(name));
            right.remove(CrashSimulation.DIRECTORY.resolve(name));
        }
        assertThat(right.keySet()).isEqualTo(left.keySet());
        left.forEach(
                (path, content) -> {
                    if (!Arrays.equals(content, right.get(path))) {
                        fail(path + " was changed");
                    }
                });
    }

    private static boolean isChanged(
            final byte[] before, final byte[] after, final int from, final int to) {
        for (int i = from; i < to; i++) {
            if (before[i] != after[i]) {
                return true;
            }
        }
        return false;
    }
}
