package io.wal.mmap.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.mmap.Disk;
import io.wal.mmap.DiskFile;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A seed that failed is worth something only if it does the same again: each operation on the disk
 * in the same order, with the same arguments and contents, and the same loss in each crash.
 */
@ExtendWith(QuietLog.class)
class CrashReplayTest {
    private static final int SEED_COUNT = 8;

    private final long firstSeed = System.nanoTime();

    @Test
    void aSeedDoesTheSameEachTime() {
        for (long seed = firstSeed; seed < firstSeed + SEED_COUNT; seed++) {
            // when
            final List<String> once = CrashSimulation.trace(seed);
            final List<String> again = CrashSimulation.trace(seed);

            // then
            assertThat(again).as("seed %d", seed).isEqualTo(once);
            assertThat(once).as("seed %d", seed).hasSizeGreaterThan(100);
        }
    }

    @Test
    void eachSeedDoesSomethingElse() {
        // when
        final Set<List<String>> traces = new HashSet<>();
        for (long seed = firstSeed; seed < firstSeed + SEED_COUNT; seed++) {
            traces.add(CrashSimulation.trace(seed));
        }

        // then
        assertThat(traces).as("from seed %d on", firstSeed).hasSize(SEED_COUNT);
    }

    /** A byte that is written, a name, or what a crash leaves: the trace shows each. */
    @Test
    void theTraceShowsWhatDiffers() throws Exception {
        assertThat(trace("/a", 1, false))
                .isEqualTo(trace("/a", 1, false))
                .isNotEqualTo(trace("/b", 1, false))
                .isNotEqualTo(trace("/a", 2, false))
                .isNotEqualTo(trace("/a", 1, true));
    }

    private static List<String> trace(final String name, final int value, final boolean forced)
            throws Exception {
        final SimulatedDisk disk = new SimulatedDisk();
        final DiskTrace trace = new DiskTrace();
        disk.trace(trace);
        try (DiskFile file = disk.open(Path.of(name), Disk.OpenMode.CREATE)) {
            file.write(ByteBuffer.wrap(new byte[] {(byte) value}), 0);
        }
        if (forced) {
            disk.forceDirectory(Path.of("/"));
        }
        disk.processCrash();
        return trace.lines();
    }
}
