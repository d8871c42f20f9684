package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.CorruptLogException;
import io.wal.WalException;
import io.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fails the first, second, third … operation on the disk while a log is being opened, until opening
 * succeeds: each time the failure is reported as such, nothing is held, nothing acknowledged is
 * lost, and the next opening succeeds.
 */
class OpenFailureSweepTest {
    private static final int MOST_OPERATIONS = 1000;

    @TempDir(factory = MemoryDirectory.class)
    Path temporary;

    private final HookedDisk disk = new HookedDisk();
    private LogFixture fixture;

    @BeforeEach
    void setUp() {
        fixture = new LogFixture(temporary.resolve("log")).segmentLength(8 << 10).disk(disk);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void creatingALog(final boolean onlyOnce) throws Exception {
        sweep(onlyOnce, Map.of(), List.of());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void openingALogThatWasClosed(final boolean onlyOnce) throws Exception {
        final List<String> expected;
        try (WriteAheadLog log = fixture.open()) {
            LogFixture.appendRange(log, 1, 150);
            log.flush();
            final long start = log.lastLsn() + 1;
            LogFixture.checkpoint(log, "state");
            expected = LogFixture.appendRange(log, 151, 300);
            expected.add(0, start + " CHECKPOINT state");
        }
        sweep(onlyOnce, fixture.contents(), expected);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void openingALogWhoseWriterDied(final boolean onlyOnce) throws Exception {
        final List<String> expected;
        final Map<String, String> crashed;
        try (WriteAheadLog log = fixture.open()) {
            expected = LogFixture.appendRange(log, 1, 150);
            log.flush();
            crashed = fixture.contents();
        }
        sweep(onlyOnce, crashed, expected);
    }

    private void sweep(
            final boolean onlyOnce, final Map<String, String> files, final List<String> expected)
            throws Exception {
        for (int failing = 1; failing < MOST_OPERATIONS; failing++) {
            restore(files);
            final AtomicInteger operations = new AtomicInteger();
            final int n = failing;
            disk.hook(
                    (operation, path, offset, length) -> {
                        final int now = operations.incrementAndGet();
                        if (onlyOnce ? now == n : now >= n) {
                            throw new IOException(path + ": Input/output error (injected)");
                        }
                    });
            final boolean opened = open(failing);
            disk.unhook();
            assertThat(disk.openMappings()).as("operation " + failing).isZero();
            assertThat(disk.openFiles()).as("operation " + failing).isZero();
            assertThat(disk.openLocks()).as("operation " + failing).isZero();
            assertThat(OpenCloseCycles.threads(fixture.directory()))
                    .as("operation " + failing)
                    .isEmpty();

            assertThat(fixture.recoverAll()).as("after operation " + failing).isEqualTo(expected);
            assertThat(fixture.recoverAll()).as("again after " + failing).isEqualTo(expected);
            if (opened && operations.get() < failing) {
                return; // no operation is left to fail
            }
        }
        throw new AssertionError("opening takes more operations than expected");
    }

    private boolean open(final int failing) throws Exception {
        try {
            fixture.recoverAll();
            return true;
        } catch (final CorruptLogException e) {
            throw new AssertionError("operation " + failing + " was taken for damage", e);
        } catch (final WalException e) {
            assertThat(e).as("operation " + failing).hasStackTraceContaining("(injected)");
            return false;
        }
    }

    private void restore(final Map<String, String> files) throws IOException {
        if (Files.isDirectory(fixture.directory())) {
            for (final String name : fixture.names()) {
                Files.delete(fixture.file(name));
            }
            Files.delete(fixture.directory());
        }
        if (!files.isEmpty()) {
            Files.createDirectory(fixture.directory());
            LogFixture.write(fixture.directory(), files);
        }
    }
}
