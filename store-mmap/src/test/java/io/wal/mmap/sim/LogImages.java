package io.wal.mmap.sim;

import io.wal.Durability;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.record.RecordKind;
import io.wal.store.StoreLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** Makes logs of all kinds, small enough to damage every byte of them. */
final class LogImages {
    private static final int SEGMENT_LENGTH = 2 * CachedFile.PAGE_LENGTH;
    private static final int LARGE_LENGTH = 1200;

    private final SimulatedDisk disk = new SimulatedDisk();
    private final LogOracle oracle = new LogOracle();
    private final List<Map<Path, byte[]>> olderFiles = new ArrayList<>();
    private final SplittableRandom random = new SplittableRandom(1);
    private final DrivenLog log;

    private LogImages() {
        disk.logIds(new SplittableRandom(2)::nextLong); // they are the same each time
        try {
            disk.createDirectory(CrashSimulation.DIRECTORY.getParent());
            disk.forceDirectory(Path.of("/"));
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
        final MmapStoreContext context =
                new MmapStoreContext()
                        .directory(CrashSimulation.DIRECTORY)
                        .disk(disk)
                        .segmentLength(SEGMENT_LENGTH)
                        .maxSpareSegments(2)
                        .backgroundThread(false);
        log =
                new DrivenLog(
                        disk,
                        oracle,
                        () -> new MmapLogStore(context),
                        new StoreLimits(Integer.MAX_VALUE, Integer.MAX_VALUE, 0, 1L << 61));
        log.open();
    }

    static List<LogImage> all() {
        return List.of(
                empty(),
                oneSegmentClosed(),
                oneSegmentCrashed(),
                manySegmentsClosed(),
                manySegmentsCrashed(),
                justRolled(),
                recycledWithCheckpoint(),
                checkpointFinalizedLast(),
                tornTail(),
                unforcedTail(),
                openedAgain());
    }

    private static LogImage empty() {
        return new LogImages().crashed("empty");
    }

    private static LogImage oneSegmentClosed() {
        final LogImages images = new LogImages();
        images.appendSmall(6);
        return images.closed("one segment, closed");
    }

    private static LogImage oneSegmentCrashed() {
        final LogImages images = new LogImages();
        images.appendSmall(6);
        return images.crashed("one segment, crashed");
    }

    private static LogImage manySegmentsClosed() {
        final LogImages images = new LogImages();
        images.appendLarge(10);
        images.appendSmall(2);
        return images.closed("many segments, closed");
    }

    private static LogImage manySegmentsCrashed() {
        final LogImages images = new LogImages();
        images.appendSmall(2);
        images.appendLarge(8);
        return images.crashed("many segments, crashed");
    }

    private static LogImage justRolled() {
        final LogImages images = new LogImages();
        int segmentCount = 1;
        while (segmentCount < 3) {
            images.append(RecordKind.DATA, 500);
            segmentCount = images.image("").begunSegments().size();
        }
        return images.crashed("just rolled");
    }

    private static LogImage recycledWithCheckpoint() {
        final LogImages images = new LogImages();
        images.appendLarge(9);
        images.checkpoint();
        images.appendLarge(9);
        images.checkpoint();
        images.appendSmall(3);
        return images.crashed("recycled, with a checkpoint");
    }

    private static LogImage checkpointFinalizedLast() {
        final LogImages images = new LogImages();
        images.appendLarge(4);
        images.checkpoint();
        return images.crashed("with a checkpoint at the end");
    }

    private static LogImage tornTail() {
        final LogImages images = new LogImages();
        images.appendLarge(4);
        images.appendSmall(3);
        for (int i = 0; i < 5; i++) {
            images.log.append(RecordKind.DATA, 300, Durability.FORCED, false);
        }
        images.log.powerCut(new SplittableRandom(5)); // chosen to leave a hole
        return images.image("torn tail");
    }

    private static LogImage unforcedTail() {
        final LogImages images = new LogImages();
        images.appendLarge(4);
        images.log.append(RecordKind.DATA, 100, Durability.WRITTEN, true);
        images.log.append(RecordKind.DATA, 200, Durability.WRITTEN, true);
        images.log.append(RecordKind.DATA, 300, Durability.FORCED, false);
        return images.crashed("with an unforced tail");
    }

    private static LogImage openedAgain() {
        final LogImages images = new LogImages();
        for (int i = 0; i < 3; i++) {
            images.appendSmall(2);
            images.log.close();
            images.log.open();
            images.appendSmall(1);
            images.log.processCrash();
            images.log.open();
        }
        return images.crashed("opened again and again");
    }

    private LogImage closed(final String name) {
        log.close();
        log.powerCut(random);
        return image(name);
    }

    private LogImage crashed(final String name) {
        log.processCrash();
        return image(name);
    }

    private LogImage image(final String name) {
        return new LogImage(name, disk, oracle, olderFiles);
    }

    private void appendSmall(final int count) {
        for (int i = 0; i < count; i++) {
            append(RecordKind.DATA, random.nextInt(100));
        }
    }

    private void appendLarge(final int count) {
        for (int i = 0; i < count; i++) {
            append(RecordKind.DATA, LARGE_LENGTH + random.nextInt(100));
        }
    }

    private void append(final RecordKind kind, final int length) {
        if (random.nextInt(3) == 0) {
            olderFiles.add(disk.files());
        }
        log.append(kind, length, Durability.FORCED, true);
    }

    private void checkpoint() {
        log.startCheckpoint();
        append(RecordKind.CHECKPOINT, 100);
        append(RecordKind.DATA, 50);
        append(RecordKind.CHECKPOINT, 10);
        log.requestFinalize();
        log.onTimeout();
    }
}
