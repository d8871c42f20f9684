package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.WalContext;
import io.wal.WriteAheadLog;
import io.wal.inspect.Damage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a scan makes of a log that goes on while it is being read. */
class LogScanBesideWriterTest {
    private static final int SEGMENT_LENGTH = 16 << 10;

    @TempDir Path directory;

    @Test
    void segmentsThatCameAfterTheListingAreNotMissing() throws IOException {
        try (WriteAheadLog log = open()) {
            append(log, 10);
            final List<Damage> damages = new ArrayList<>();
            try (LogScan scan = new LogScan(new LogDirectory(Disk.REAL, directory), damages::add)) {
                append(log, 2000); // several segments, and the one that was last is sealed now

                scan.run();

                assertThat(damages).isEmpty();
                assertThat(scan.lastLsn()).isBetween(10L, 2010L);
                assertThat(scan.isTorn()).isFalse();
            }
        }
    }

    private WriteAheadLog open() {
        return WriteAheadLog.open(
                new WalContext()
                        .store(
                                new MmapLogStore(
                                        new MmapStoreContext()
                                                .directory(directory)
                                                .segmentLength(SEGMENT_LENGTH))));
    }

    private static void append(final WriteAheadLog log, final int count) {
        final UnsafeBuffer payload = new UnsafeBuffer(new byte[100]);
        for (int i = 0; i < count; i++) {
            log.append(payload, 0, payload.capacity());
        }
        log.flush();
    }
}
