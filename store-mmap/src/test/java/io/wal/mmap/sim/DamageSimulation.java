package io.wal.mmap.sim;

import io.wal.CorruptLogException;
import io.wal.Durability;
import io.wal.WalException;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.mmap.WriteMode;
import io.wal.record.RecordKind;
import io.wal.store.StoreLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Damages one log, at a place where acknowledged entries are that the log must know to be durable,
 * and sees whether it does. What must be known follows from what was appended and acknowledged, and
 * not from what the log wrote about itself.
 */
final class DamageSimulation {
    private static final int SEGMENT_LENGTH = 2 * CachedFile.PAGE_LENGTH;

    private final SplittableRandom random;
    private final SimulatedDisk disk = new SimulatedDisk();
    private final LogOracle oracle = new LogOracle();
    private final WriteMode writeMode;
    private final DrivenLog log;

    /** The last LSN that was acknowledged when something else was written behind it. */
    private long provenLsn;

    private DamageSimulation(final long seed) {
        random = new SplittableRandom(seed);
        disk.logIds(random::nextLong);
        writeMode = random.nextBoolean() ? WriteMode.MAPPED : WriteMode.DIRECT;
        try {
            disk.createDirectory(CrashSimulation.DIRECTORY.getParent());
            disk.forceDirectory(Path.of("/"));
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
        log = driven(disk, oracle);
    }

    /**
     * Makes a log, damages it, and opens it.
     *
     * @param seed that determines everything.
     * @throws AssertionError when the damage is not noticed, or not where it is.
     */
    static void run(final long seed) {
        try {
            new DamageSimulation(seed).run();
        } catch (final Throwable t) {
            throw new AssertionError("-Dwal.sim.seed=" + seed + ": " + t, t);
        }
    }

    private void run() throws IOException {
        log.open();
        appendBatches(1 + random.nextInt(12));
        if (random.nextBoolean()) {
            log.close();
            log.open();
            appendBatches(2 + random.nextInt(4));
        }
        switch (random.nextInt(4)) {
            case 0 -> replaceByFork();
            case 1 -> swap();
            default -> change();
        }
    }

    /** A bit flips, or a sector loses its content, within an entry that is proven durable. */
    private void change() throws IOException {
        if (random.nextBoolean()) {
            log.close();
            provenLsn = oracle.lastLsn();
        } else {
            log.processCrash();
        }
        final List<SegmentImage> segments = segments(disk);
        final SegmentImage segment = segments.get(random.nextInt(segments.size()));
        final List<SegmentImage.Located> proven =
                segment.records().stream()
                        .filter(r -> r.kind().isEntry() && r.nextEntryLsn() <= provenLsn)
                        .toList();
        if (proven.isEmpty()) {
            return;
        }
        final SegmentImage.Located record = proven.get(random.nextInt(proven.size()));
        final byte[] changed = segment.content().clone();
        changed[record.offset() + random.nextInt(record.end() - record.offset())] ^=
                (byte) (1 << random.nextInt(Byte.SIZE));
        disk.put(segment.path(), changed);
        expectDamage(disk, record.nextEntryLsn(), "a bit in LSN " + record.nextEntryLsn());
    }

    /**
     * A segment is taken from a copy of the log that went on by itself: it is sound, has the right
     * name, log, index and generation, and the wrong entries.
     */
    private void replaceByFork() throws IOException {
        final long last = segments(disk).get(segments(disk).size() - 1).index();
        log.processCrash();
        final SimulatedDisk other = disk.copy();
        final DrivenLog fork = driven(other, oracle.copy());
        appendAfterFork(log);
        fork.oracle().skipIds();
        appendAfterFork(fork);
        for (final SegmentImage segment : segments(other)) {
            final List<SegmentImage> own = segments(disk);
            if (segment.index() > last && segment.index() < own.get(own.size() - 1).index()) {
                final SimulatedDisk mixed = disk.copy();
                mixed.put(segment.path(), segment.content());
                expectDamage(mixed, 0, segment.path() + " of a fork");
            }
        }
    }

    private void appendAfterFork(final DrivenLog forked) {
        forked.open();
        for (int i = 0; i < 8; i++) {
            forked.append(RecordKind.DATA, 1000, Durability.FORCED, true);
        }
        forked.processCrash();
    }

    private void swap() throws IOException {
        log.processCrash();
        final List<SegmentImage> segments = segments(disk);
        if (segments.size() > 1) {
            final int at = random.nextInt(segments.size() - 1);
            final SegmentImage one = segments.get(at);
            final SegmentImage two = segments.get(at + 1);
            disk.put(one.path(), two.content());
            disk.put(two.path(), one.content());
            expectDamage(disk, 0, one.path() + " and its successor swapped");
        }
    }

    private void appendBatches(final int count) {
        for (int i = 0; i < count; i++) {
            provenLsn = oracle.durableLsn();
            final int entryCount = 1 + random.nextInt(3);
            for (int entry = 1; entry <= entryCount; entry++) {
                log.append(
                        RecordKind.DATA,
                        random.nextInt(1500),
                        Durability.FORCED,
                        entry == entryCount);
            }
        }
    }

    private void expectDamage(final SimulatedDisk damaged, final long lsn, final String what) {
        final WalException failure = driven(damaged, oracle.copy()).tryOpen();
        if (!(failure instanceof CorruptLogException corrupt) || lsn != 0 && corrupt.lsn() != lsn) {
            throw new AssertionError("damage was not noticed: " + what + ": " + failure, failure);
        }
    }

    private DrivenLog driven(final SimulatedDisk onDisk, final LogOracle watching) {
        final MmapStoreContext context =
                new MmapStoreContext()
                        .directory(CrashSimulation.DIRECTORY)
                        .disk(onDisk)
                        .segmentLength(SEGMENT_LENGTH)
                        .writeMode(writeMode)
                        .backgroundThread(false);
        return new DrivenLog(
                onDisk, watching, () -> new MmapLogStore(context), StoreLimits.DEFAULT);
    }

    private static List<SegmentImage> segments(final SimulatedDisk disk) {
        final List<SegmentImage> segments = new ArrayList<>();
        for (final Map.Entry<Path, byte[]> file : disk.files().entrySet()) {
            if (LogImage.isSegment(file.getKey())) {
                final SegmentImage segment = SegmentImage.parse(file.getKey(), file.getValue());
                if (segment.isBegun()) {
                    segments.add(segment);
                }
            }
        }
        return segments;
    }
}
