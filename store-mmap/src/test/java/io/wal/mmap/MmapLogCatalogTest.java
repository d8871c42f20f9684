package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.LogCatalog;
import io.wal.LogInUseException;
import io.wal.LogNotFoundException;
import io.wal.RecoveredLog;
import io.wal.StorageException;
import io.wal.WalContext;
import io.wal.WriteAheadLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MmapLogCatalogTest {
    @TempDir(factory = MemoryDirectory.class)
    Path temporary;

    private final HookedDisk disk = new HookedDisk();
    private Path root;
    private LogCatalog catalog;

    @BeforeEach
    void setUp() {
        root = temporary.resolve("root");
        catalog =
                new MmapLogCatalog(
                        root,
                        path ->
                                new MmapStoreContext()
                                        .directory(path)
                                        .segmentLength(8 << 10)
                                        .disk(disk));
    }

    @AfterEach
    void nothingIsHeld() {
        catalog.close();
        assertThat(disk.openFiles()).isZero();
        assertThat(disk.openLocks()).isZero();
        assertThat(disk.openMappings()).isZero();
    }

    @Test
    void keepsAnyNumberOfLogsByName() {
        try (WriteAheadLog orders = open("orders");
                WriteAheadLog payments = open("payments.2025")) {
            LogFixture.append(orders, "order");
            LogFixture.append(payments, "payment");

            assertThat(catalog.names()).containsExactly("orders", "payments.2025");
        }

        try (WriteAheadLog orders = open("orders")) {
            assertThat(LogFixture.recover(orders)).containsExactly("1 DATA order");
        }
        try (WriteAheadLog payments = open("payments.2025")) {
            assertThat(LogFixture.recover(payments)).containsExactly("1 DATA payment");
        }
    }

    @Test
    void listsOnlyWhatIsALog() throws IOException {
        open("b").close();
        open("A-1_x").close();
        Files.createDirectory(root.resolve("empty"));
        Files.createDirectory(root.resolve(".hidden"));
        Files.createFile(root.resolve("file"));
        Files.createDirectory(root.resolve("with space"));
        Files.createFile(root.resolve("with space/control.wal"));

        assertThat(catalog.names()).containsExactly("A-1_x", "b");
    }

    @Test
    void emptyRootHoldsNoLogsAndAMissingOneIsNamed() throws IOException {
        assertThatThrownBy(catalog::names)
                .isInstanceOf(LogNotFoundException.class)
                .hasMessage("no log at " + root + ": there is no such directory");

        Files.createDirectory(root);
        assertThat(catalog.names()).isEmpty();
    }

    @Test
    void rootThatIsAFileIsAnError() throws IOException {
        Files.createFile(root);

        assertThatThrownBy(catalog::names).isInstanceOf(StorageException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", ".hidden", "a/b", "a b", "../up", "ä", "a\u0000b"})
    void namesThatMayLeadElsewhereAreRefused(final String name) {
        final String message =
                "a log's name has 1 to 128 characters of A-Z a-z 0-9 . _ - and does not begin with"
                        + " a dot: "
                        + name;

        assertThatThrownBy(() -> catalog.store(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
        assertThatThrownBy(() -> catalog.remove(name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void namesOf128CharactersAreTheLongest() {
        open("x".repeat(128)).close();

        assertThat(catalog.names()).containsExactly("x".repeat(128));
        assertThatThrownBy(() -> catalog.store("x".repeat(129)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void removedLogIsAsIfItHadNeverBeen() throws IOException {
        fill("log");
        open("other").close();

        catalog.remove("log");

        assertThat(catalog.names()).containsExactly("other");
        assertThat(disk.list(root.resolve("log"))).containsExactly(LogDirectory.LOCK);
        assertThatThrownBy(() -> catalog.remove("log"))
                .isInstanceOf(LogNotFoundException.class)
                .hasMessage("no log at " + root.resolve("log") + ": there is no such log");
        try (WriteAheadLog log = open("log")) {
            assertThat(log.recovered().tail()).isEqualTo(RecoveredLog.Tail.EMPTY);
            assertThat(log.recovered().generation()).isEqualTo(1);
            assertThat(LogFixture.append(log, "new")).isEqualTo(1);
        }
    }

    @Test
    void removingLeavesForeignFilesAlone() throws IOException {
        fill("log");
        Files.writeString(root.resolve("log/notes.txt"), "mine");

        catalog.remove("log");

        assertThat(root.resolve("log/notes.txt")).hasContent("mine");
    }

    @Test
    void logInUseIsNotRemoved() {
        try (WriteAheadLog log = open("log")) {
            LogFixture.append(log, "kept");

            assertThatThrownBy(() -> catalog.remove("log")).isInstanceOf(LogInUseException.class);

            log.flush();
        }
        try (WriteAheadLog log = open("log")) {
            assertThat(LogFixture.recover(log)).containsExactly("1 DATA kept");
        }
    }

    @Test
    void openLogRemovesItself() throws IOException {
        final WriteAheadLog log = open("log");
        LogFixture.appendRange(log, 1, 300);

        log.remove();

        assertThat(catalog.names()).isEmpty();
        assertThat(disk.list(root.resolve("log"))).containsExactly(LogDirectory.LOCK);
    }

    @Test
    void damagedLogCanBeRemoved() throws IOException {
        fill("log");
        Files.delete(root.resolve("log/control.wal"));

        catalog.remove("log");

        assertThat(catalog.names()).isEmpty();
    }

    /** With the control file gone, it would mean that the log is to be removed. */
    @Test
    void salvageDropsTheMarkOfARemovalThatNeverWas() throws IOException {
        fill("log");
        final Path path = root.resolve("log");
        Files.delete(path.resolve(LogDirectory.segmentName(2)));
        Files.createFile(path.resolve(LogDirectory.REMOVED));

        final RepairReport report = new MmapLogRepair(path).apply(true);

        assertThat(report.action()).isEqualTo(RepairReport.Action.SALVAGE);
        assertThat(disk.list(path))
                .contains(LogDirectory.CONTROL)
                .doesNotContain(LogDirectory.REMOVED);
    }

    /** Wherever removing is cut off, the log is whole or gone, and the next opening cleans up. */
    @Test
    void removalCutOffAnywhereLeavesTheLogWholeOrGone() throws IOException {
        fill("log");
        final Path path = root.resolve("log");
        final Map<String, String> whole = LogFixture.contentsOf(path);
        for (int n = 1; ; n++) {
            for (final String name : disk.list(path)) {
                Files.delete(path.resolve(name));
            }
            LogFixture.write(path, whole);
            final int failing = n;
            final AtomicInteger changes = new AtomicInteger();
            disk.hook(
                    (operation, at, offset, length) -> {
                        if (operation.changes() && changes.incrementAndGet() >= failing) {
                            throw new IOException("the power is off");
                        }
                    });
            boolean removed;
            try {
                catalog.remove("log");
                removed = true;
            } catch (final StorageException e) {
                assertThat(e).hasRootCauseMessage("the power is off");
                removed = false;
            }
            disk.unhook();

            final boolean listed = catalog.names().contains("log");
            try (WriteAheadLog log = open("log")) {
                if (listed) {
                    assertThat(LogFixture.recover(log)).as("cut at " + n).hasSize(300);
                } else {
                    assertThat(log.recovered().tail())
                            .as("cut at " + n)
                            .isEqualTo(RecoveredLog.Tail.EMPTY);
                    assertThat(disk.list(path)).doesNotContain(LogDirectory.REMOVED);
                }
            }
            if (removed) {
                assertThat(listed).isFalse();
                assertThat(n).isGreaterThan(8);
                return;
            }
        }
    }

    private void fill(final String name) {
        try (WriteAheadLog log = open(name)) {
            LogFixture.appendRange(log, 1, 300);
        }
    }

    private WriteAheadLog open(final String name) {
        return WriteAheadLog.open(new WalContext().store(catalog.store(name)));
    }

    @Test
    void storesHaveDefaultSettingsUnlessToldOtherwise() {
        try (MmapLogCatalog plain = new MmapLogCatalog(root)) {
            assertThat(plain.store("log").maxPayloadLength())
                    .isEqualTo(SegmentDescriptor.maxPayloadLength(64 << 20));
        }
        assertThat(List.of(catalog.store("log").name()))
                .containsExactly(root.resolve("log").toString());
    }
}
