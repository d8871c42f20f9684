package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.CorruptLogException;
import io.wal.Durability;
import io.wal.RecoveredLog;
import io.wal.WalException;
import io.wal.mmap.MmapLogCatalog;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.record.RecordKind;
import io.wal.store.CommitProgress;
import io.wal.store.StoreLimits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A crash at every operation of removing a log: afterwards it is there as a whole, or gone as a
 * whole, and the next log in its place knows nothing of it. {@code -Dwal.sim.seed=N} replays.
 */
class RemovalSweepTest {
    private static final int OUTCOME_COUNT = 8;
    private static final String NAME = CrashSimulation.DIRECTORY.getFileName().toString();

    private final long seed = Long.getLong("wal.sim.seed", System.nanoTime());
    private final SplittableRandom random = new SplittableRandom(seed);

    private final SimulatedDisk disk = new SimulatedDisk();
    private final LogOracle oracle = new LogOracle();

    @BeforeEach
    void setUp() throws IOException {
        disk.createDirectory(CrashSimulation.DIRECTORY.getParent());
        disk.forceDirectory(Path.of("/"));
        final DrivenLog log =
                new DrivenLog(disk, oracle, () -> newStore(disk), StoreLimits.DEFAULT);
        log.open();
        for (int i = 0; i < 8; i++) {
            log.append(RecordKind.DATA, 1000, Durability.FORCED, true);
        }
        log.processCrash();
    }

    @Test
    void aRemovalThatWasCutIsFinishedOrNeverWas() {
        long cut = 0;
        boolean whole = false;
        while (!whole) {
            cut++;
            for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
                // when
                final SimulatedDisk removed = disk.copy();
                final boolean gone = remove(removed, cut);
                whole = removed.isOn();
                crash(removed, outcome);

                // then
                final long lastLsn = openAgain(removed);
                assertThat(lastLsn)
                        .as("seed %d, cut at operation %d, outcome %d", seed, cut, outcome)
                        .isIn(gone ? new Long[] {0L} : new Long[] {0L, oracle.lastLsn()});
            }
        }
        assertThat(cut).isGreaterThan(10);
    }

    @Test
    void aRemovalThatDiedIsFinishedOrNeverWasWhenTheOpeningThatFinishesItIsCut() {
        boolean hasDied = true;
        for (long death = 1; hasDied; death++) {
            // given
            final SimulatedDisk begun = disk.copy();
            remove(begun, death);
            hasDied = !begun.isOn();
            begun.processCrash();
            begun.clearFaults();
            boolean whole = false;
            for (long cut = 1; !whole; cut++) {
                for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
                    // when
                    final SimulatedDisk opened = begun.copy();
                    final long foundLsn = open(opened, cut);
                    whole = opened.isOn();
                    crash(opened, outcome);

                    // then
                    assertThat(openAgain(opened))
                            .as("seed %d, died at %d, cut at %d, %d", seed, death, cut, outcome)
                            .isIn(
                                    whole
                                            ? new Long[] {foundLsn}
                                            : new Long[] {0L, oracle.lastLsn()});
                }
            }
        }
    }

    /** Such a log cannot be opened, and the next opening must not take a part of it for one. */
    @Test
    void aLogWithoutControlFileIsThereAsAWholeOrGone() throws IOException {
        disk.delete(CrashSimulation.DIRECTORY.resolve("control.wal")); // and it may come back
        final Map<Path, byte[]> segments = segments(disk);
        boolean whole = false;
        for (long cut = 1; !whole; cut++) {
            for (int outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
                // when
                final SimulatedDisk removed = disk.copy();
                removed.cutPowerAt(cut);
                try {
                    catalog(removed).remove(NAME);
                } catch (final PowerLoss e) {
                    // seen by the state of the disk
                }
                whole = removed.isOn();
                crash(removed, outcome);

                // then
                try {
                    assertThat(openAgain(removed))
                            .as("seed %d, cut at operation %d, outcome %d", seed, cut, outcome)
                            .isIn(whole ? new Long[] {0L} : new Long[] {0L, oracle.lastLsn()});
                } catch (final CorruptLogException e) {
                    assertThat(whole).isFalse();
                    assertThat(segments(removed))
                            .as("seed %d, cut at operation %d, outcome %d", seed, cut, outcome)
                            .containsExactlyEntriesOf(segments);
                }
            }
        }
    }

    private static Map<Path, byte[]> segments(final SimulatedDisk disk) {
        final Map<Path, byte[]> segments = new TreeMap<>(disk.files());
        segments.keySet().removeIf(path -> !LogImage.isSegment(path));
        return segments;
    }

    private static MmapLogCatalog catalog(final SimulatedDisk disk) {
        return new MmapLogCatalog(
                CrashSimulation.DIRECTORY.getParent(),
                path -> new MmapStoreContext().directory(path).disk(disk));
    }

    private void crash(final SimulatedDisk crashed, final int outcome) {
        if (outcome == 0) {
            crashed.processCrash();
        } else {
            crashed.powerCut(random);
        }
        crashed.clearFaults();
    }

    /** Opens the log until the power goes off; says how far it goes when that did not happen. */
    private static long open(final SimulatedDisk disk, final long cut) {
        disk.cutPowerAt(cut);
        try {
            return open(newStore(disk)).lastLsn();
        } catch (final PowerLoss e) {
            return -1;
        }
    }

    /** Opens the log with the power on, and removes it until the power goes off. */
    private static boolean remove(final SimulatedDisk disk, final long cut) {
        final MmapLogStore store = newStore(disk);
        open(store);
        disk.cutPowerAt(cut);
        try {
            store.remove();
            return true;
        } catch (final PowerLoss e) {
            return false;
        }
    }

    /** Opens what is there, twice, and says how far it goes. */
    private static long openAgain(final SimulatedDisk disk) {
        long lastLsn = 0;
        for (int i = 0; i < 2; i++) {
            final MmapLogStore store = newStore(disk);
            lastLsn = open(store).lastLsn();
            store.replay((lsn, kind, buffer, offset, length) -> {});
            store.close();
        }
        assertThat(disk.files())
                .doesNotContainKey(CrashSimulation.DIRECTORY.resolve("removed.wal"));
        return lastLsn;
    }

    private static RecoveredLog open(final MmapLogStore store) {
        return store.open(new Nobody(), StoreLimits.DEFAULT);
    }

    private static MmapLogStore newStore(final SimulatedDisk disk) {
        return new MmapLogStore(
                new MmapStoreContext()
                        .directory(CrashSimulation.DIRECTORY)
                        .disk(disk)
                        .segmentLength(2 * CachedFile.PAGE_LENGTH)
                        .backgroundThread(false));
    }

    /** Hears nothing: nothing is appended. */
    private static final class Nobody implements CommitProgress {
        @Override
        public void written(final long lsn) {}

        @Override
        public void durable(final long lsn) {}

        @Override
        public void failed(final WalException cause) {}

        @Override
        public void stalled(final WalException cause) {}

        @Override
        public void wake() {}
    }
}
