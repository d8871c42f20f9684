package io.wal.example;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.WalContext;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import io.wal.mmap.sim.PowerLoss;
import io.wal.mmap.sim.SimulatedDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** The example of the simulation's package description: how users crash-test what they build. */
class CrashTestOfYourOwnTest {
    private static final int ROUND_COUNT = 50;

    private final SimulatedDisk disk = new SimulatedDisk();
    private final List<Integer> acknowledged = new ArrayList<>();
    private final List<Integer> recovered = new ArrayList<>();

    @Test
    void noOrderIsForgotten() {
        final long seed = System.nanoTime();
        final SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < ROUND_COUNT; round++) {
            disk.cutPowerAt(1 + random.nextInt(100));
            try {
                takeOrders();
            } catch (final WalException | PowerLoss e) {
                // the power went off
            }
            disk.powerCut(random); // loses some of what was not forced, and boots again
            disk.clearFaults();
        }
        takeOrders(3);

        assertThat(acknowledged).as("seed %d", seed).hasSizeGreaterThan(ROUND_COUNT);
    }

    @Test
    void theSimulationsDescriptionShowsWhatTheBuildCompiles() throws Exception {
        final String example = Files.readString(source("example/CrashTestOfYourOwnTest.java"));
        final String description = Files.readString(source("mmap/sim/package-info.java"));

        assertThat(squeeze(example)).contains(squeeze(shown(description)));
    }

    private void takeOrders() {
        takeOrders(Integer.MAX_VALUE);
    }

    private void takeOrders(final int count) {
        final MmapLogStore store =
                new MmapLogStore(
                        new MmapStoreContext()
                                .disk(disk)
                                .directory(Path.of("/orders"))
                                .segmentLength(8192)
                                .countersFile(false));
        try (WriteAheadLog log = WriteAheadLog.open(new WalContext().store(store))) {
            recovered.clear();
            log.recover(
                    (lsn, kind, buffer, offset, length) -> recovered.add(buffer.getInt(offset)));
            assertThat(recovered).containsAll(acknowledged).doesNotHaveDuplicates();
            final UnsafeBuffer order = new UnsafeBuffer(new byte[Integer.BYTES]);
            for (int i = 0; i < count; i++) {
                final int number = recovered.size() + i;
                order.putInt(0, number);
                log.awaitDurable(log.append(order, 0, Integer.BYTES));
                acknowledged.add(number);
            }
        }
    }

    private static Path source(final String name) {
        return Path.of("src/test/java/io/wal").resolve(name);
    }

    /** What stands between the markers of a code block. */
    private static String shown(final String description) {
        final String begin = "<pre>{@code";
        final int at = description.indexOf(begin) + begin.length();
        return description
                .substring(at, description.indexOf("}</pre>"))
                .replaceAll("(?m)^ \\*", "");
    }

    private static String squeeze(final String source) {
        return source.replaceAll("\\s+", " ").strip();
    }
}
