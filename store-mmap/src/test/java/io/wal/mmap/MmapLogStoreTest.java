package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.Checkpoint;
import io.wal.Durability;
import io.wal.RecoveredLog;
import io.wal.WalContext;
import io.wal.WriteAheadLog;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MmapLogStoreTest {
    private static final int SEGMENT_LENGTH = 16 << 10;

    @TempDir Path directory;

    @Test
    void recoversWhatWasAcknowledgedAfterClose() {
        try (WriteAheadLog log = open()) {
            assertThat(log.recovered().isEmpty()).isTrue();
            for (int i = 1; i <= 1000; i++) {
                assertThat(append(log, "entry " + i)).isEqualTo(i);
            }
            assertThat(log.flush()).isEqualTo(1000);
        }
        try (WriteAheadLog log = open()) {
            final List<String> entries = recover(log);
            assertThat(entries)
                    .hasSize(1000)
                    .startsWith("1 DATA entry 1")
                    .endsWith("1000 DATA entry 1000");
            assertThat(log.recovered().tail()).isEqualTo(RecoveredLog.Tail.CLOSED);
            assertThat(append(log, "more")).isEqualTo(1001);
        }
        try (WriteAheadLog log = open()) {
            assertThat(recover(log)).hasSize(1001).endsWith("1001 DATA more");
        }
    }

    @Test
    void recoversFromTheLastFinalizedCheckpoint() {
        try (WriteAheadLog log = open()) {
            for (int i = 1; i <= 2000; i++) {
                append(log, "before " + i);
            }
            final Checkpoint checkpoint = log.startCheckpoint();
            final UnsafeBuffer state = new UnsafeBuffer("state".getBytes(StandardCharsets.UTF_8));
            checkpoint.append(state, 0, state.capacity());
            append(log, "meanwhile");
            checkpoint.finalizeCheckpoint();
            append(log, "after");
            final Checkpoint unfinished = log.startCheckpoint();
            unfinished.append(state, 0, state.capacity());
            append(log, "last");
        }
        try (WriteAheadLog log = open()) {
            assertThat(recover(log))
                    .containsExactly(
                            "2001 CHECKPOINT state",
                            "2002 DATA meanwhile",
                            "2003 DATA after",
                            "2005 DATA last");
        }
    }

    private static long append(final WriteAheadLog log, final String text) {
        final byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return log.append(new UnsafeBuffer(bytes), 0, bytes.length, Durability.FORCED, null);
    }

    private static List<String> recover(final WriteAheadLog log) {
        final List<String> entries = new ArrayList<>();
        log.recover(
                (lsn, kind, buffer, offset, length) ->
                        entries.add(
                                lsn
                                        + " "
                                        + kind
                                        + " "
                                        + buffer.getStringWithoutLengthUtf8(offset, length)));
        return entries;
    }

    private WriteAheadLog open() {
        return WriteAheadLog.open(
                new WalContext()
                        .store(
                                new MmapLogStore(
                                        new MmapStoreContext()
                                                .directory(directory.resolve("log"))
                                                .segmentLength(SEGMENT_LENGTH))));
    }
}
