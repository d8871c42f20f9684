package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.RecoveredLog;
import io.wal.WriteAheadLog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** However a process ends, what it was promised is there, and the log opens without help. */
@Timeout(120)
class ProcessEndTest {
    @TempDir(factory = MemoryDirectory.class)
    Path temporary;

    @ParameterizedTest
    @EnumSource(EndingProcess.Ending.class)
    void processThatEndsWithoutClosingLosesNothing(final EndingProcess.Ending ending)
            throws Exception {
        final Path directory = temporary.resolve("log");
        final List<Long> acknowledged = new ArrayList<>();
        final int exitCode;
        try (ChildJvm child = ChildJvm.start(EndingProcess.class, directory, ending)) {
            for (String line; (line = child.line()) != null; ) {
                acknowledged.add(Long.valueOf(line));
            }
            exitCode = child.finish();
        }

        assertThat(exitCode)
                .isEqualTo(
                        switch (ending) {
                            case RETURN -> 0;
                            case ERROR -> 1;
                            default -> 7;
                        });
        assertThat(acknowledged).hasSizeGreaterThanOrEqualTo((int) EndingProcess.LAST_LSN);
        final LogFixture fixture = new LogFixture(directory);
        try (WriteAheadLog log = fixture.open()) {
            final List<Long> recovered = new ArrayList<>();
            log.recover((lsn, kind, buffer, offset, length) -> recovered.add(lsn));
            assertThat(recovered).startsWith(acknowledged.toArray(Long[]::new));
            assertThat(recovered.get(0)).isEqualTo(1);
            assertThat(recovered.get(recovered.size() - 1)).isEqualTo(recovered.size());
            if (ending == EndingProcess.Ending.CLOSED_BY_HOOK) {
                assertThat(log.recovered().tail()).isEqualTo(RecoveredLog.Tail.CLOSED);
            }
        }
    }
}
