package io.wal.mmap.sim;

import io.wal.LogNotFoundException;
import io.wal.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/** Damages one log at random and repairs it, undisturbed or cut by a crash. */
final class RepairSimulation {
    private static final int OPERATIONS = 60;

    private final SplittableRandom random;
    private final LogImage image;
    private final SimulatedDisk disk;

    /** Made once: they are the same each time. */
    private static final class Images {
        static final List<LogImage> ALL = LogImages.all();
    }

    private RepairSimulation(final long seed) {
        random = new SplittableRandom(seed);
        image = Images.ALL.get(random.nextInt(Images.ALL.size()));
        disk = image.newDisk();
        try {
            for (final Map.Entry<Path, byte[]> file : image.files().entrySet()) {
                disk.put(file.getKey(), file.getValue()); // a crash must not damage it any more
            }
        } catch (final IOException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Damages and repairs.
     *
     * @param seed that determines everything.
     * @throws AssertionError when something intact is lost, something damaged kept, or more is done
     *     than was asked for.
     */
    static void run(final long seed) {
        final RepairSimulation simulation = new RepairSimulation(seed);
        try {
            simulation.run();
        } catch (final LogNotFoundException e) {
            if (simulation.image.begunSegments().stream().anyMatch(s -> !s.records().isEmpty())) {
                throw new AssertionError("-Dwal.sim.seed=" + seed + ": " + e, e);
            }
        } catch (final AssertionError | StorageException e) { // a promise, or no repair at all
            throw new AssertionError(
                    "-Dwal.sim.seed=" + seed + ", " + simulation.image + ": " + e,
                    new AssertionError(e.getMessage(), e));
        } catch (final Throwable t) {
            throw new AssertionError("-Dwal.sim.seed=" + seed + ": " + t, t);
        }
    }

    private void run() throws IOException {
        final Set<Long> intact = damage();
        if (random.nextInt(3) > 0) {
            new RepairCheck(image).check(disk, intact);
        } else {
            disk.junk(random.nextBoolean());
            new InterruptedRepair(image, disk, random)
                    .check(1 + random.nextInt(OPERATIONS), random.nextInt(4) == 0);
        }
    }

    /** Returns the LSNs of the acknowledged entries that are as they were. */
    private Set<Long> damage() throws IOException {
        final List<Map.Entry<Path, byte[]>> files = new ArrayList<>(image.files().entrySet());
        if (random.nextInt(4) > 0) {
            files.removeIf(file -> !LogImage.isSegment(file.getKey()));
        }
        final Map.Entry<Path, byte[]> file = files.get(random.nextInt(files.size()));
        final byte[] content = file.getValue().clone();
        if (content.length == 0) {
            return image.intact(file.getKey(), content);
        }
        final int at = random.nextInt(content.length);
        final int sector = at & -CachedFile.SECTOR_LENGTH;
        final int sectorEnd = Math.min(content.length, sector + CachedFile.SECTOR_LENGTH);
        switch (random.nextInt(4)) {
            case 0 -> content[at] ^= (byte) (1 << random.nextInt(Byte.SIZE));
            case 1 -> Arrays.fill(content, sector, sectorEnd, (byte) 0);
            case 2 -> {
                final byte[] cut = Arrays.copyOf(content, at);
                disk.put(file.getKey(), cut);
                return image.intact(file.getKey(), cut);
            }
            default -> {
                disk.delete(file.getKey());
                disk.forceDirectory(CrashSimulation.DIRECTORY);
                return image.intact(file.getKey(), new byte[0]);
            }
        }
        disk.put(file.getKey(), content);
        return image.intact(file.getKey(), content);
    }
}
