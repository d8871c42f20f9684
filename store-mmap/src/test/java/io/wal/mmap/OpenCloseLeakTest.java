package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.wal.WriteAheadLog;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a log that was opened, used and closed: no mapping, descriptor, thread. */
@Timeout(240)
class OpenCloseLeakTest {
    private static final int CYCLES = 2_000;

    @TempDir(factory = MemoryDirectory.class)
    Path temporary;

    @BeforeEach
    void assumeThatTheSystemTells() {
        assumeTrue(
                Files.exists(OpenCloseCycles.PROCESS.resolve("maps")),
                "no " + OpenCloseCycles.PROCESS);
    }

    @Test
    void nothingIsLeftOfThousandsOfOpenings() throws Exception {
        try (ChildJvm child =
                ChildJvm.start(
                        List.of("-Xmx64m", "-XX:MaxDirectMemorySize=4m"),
                        OpenCloseCycles.class,
                        temporary.resolve("log"),
                        CYCLES)) {
            assertThat(child.line()).isEqualTo("nothing is left");
            assertThat(child.finish()).isZero();
        }
    }

    /** The listing sees what is open while it is open: else it would prove nothing. */
    @Test
    void whatIsOpenIsSeen() throws Exception {
        final Path directory = temporary.resolve("log");
        try (WriteAheadLog log = new LogFixture(directory).open()) {
            LogFixture.append(log, "entry");
            log.flush();

            assertThat(OpenCloseCycles.mappings(directory)).isNotEmpty();
            assertThat(OpenCloseCycles.descriptors(directory)).isNotEmpty();
            assertThat(OpenCloseCycles.threads(directory)).isNotEmpty();
        }
        OpenCloseCycles.assertNothingIsOpen(directory);
    }
}
