package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.WalContext;
import io.wal.WriteAheadLog;
import io.wal.mmap.MmapLogStore;
import io.wal.mmap.MmapStoreContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repairs as a person does them. */
class RepairCommandTest {
    private static final String SEGMENT = "segment-0000000000000001.wal";

    @TempDir private Path directory;

    private final Cli cli = new Cli();
    private Path log;

    @BeforeEach
    void appendEntries() {
        log = directory.resolve("log");
        cli.feed("a\nb\nc\nd\n", "append", "--segment-length=64k", log.toString());
    }

    @Test
    void nothingIsToBeDoneForASoundLog() throws IOException {
        final Map<String, String> before = contents();

        final Cli.Result result = cli.run("repair", "--salvage", log.toString());

        assertThat(result.exitCode()).isZero();
        assertThat(result.text()).contains("verdict      sound").contains("nothing to do");
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void damageIsRefusedWithoutSalvage() throws IOException {
        damage("b");
        final Map<String, String> before = contents();

        final Cli.Result dry = cli.run("repair", log.toString());
        final Cli.Result applied = cli.run("repair", "--apply", log.toString());

        assertThat(dry.exitCode()).isEqualTo(ExitCode.DAMAGE);
        assertThat(dry.talk()).contains("--salvage");
        assertThat(applied.exitCode()).isEqualTo(ExitCode.DAMAGE);
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void dryRunSaysWhatWouldBeLostAndWritesNothing() throws IOException {
        damage("b");
        final Map<String, String> before = contents();

        final Cli.Result result = cli.run("repair", "--salvage", log.toString());

        assertThat(result.exitCode()).isEqualTo(ExitCode.DAMAGE);
        assertThat(result.text())
                .contains("would: keep 3 entries, lose 1 LSN")
                .contains("kept         LSN 1 to 1")
                .contains("kept         LSN 3 to 4")
                .contains("lost         LSN 2 to 2")
                .contains("the next append gets LSN 5");
        assertThat(result.talk()).contains("--apply");
        assertThat(contents()).isEqualTo(before);
    }

    @Test
    void salvageKeepsWhatIsIntactAndTheOriginals() throws IOException {
        damage("b");
        final byte[] damaged = Files.readAllBytes(log.resolve(SEGMENT));

        final Cli.Result result =
                cli.run("repair", "--salvage", "--apply", "--json", log.toString());

        assertThat(result.exitCode()).as(result.talk()).isZero();
        assertThat(result.text())
                .contains("\"action\":\"SALVAGE\",\"applied\":true")
                .contains("\"lost\":[{\"firstLsn\":2,\"lastLsn\":2}]");
        assertThat(Files.readAllBytes(log.resolve("attic/0001").resolve(SEGMENT)))
                .isEqualTo(damaged);
        assertThat(cli.run("verify", log.toString()).exitCode()).isZero();
        assertThat(cli.run("dump", log.toString()).text())
                .isEqualTo("1\tDATA\ta\n3\tDATA\tc\n4\tDATA\td\n");
        assertThat(cli.feed("e\n", "append", "--acks", log.toString()).text()).isEqualTo("5\n");
        assertThat(cli.run("recover", log.toString()).text())
                .isEqualTo("1\tDATA\ta\n3\tDATA\tc\n4\tDATA\td\n5\tDATA\te\n");
    }

    @Test
    void logInUseIsRefused() throws IOException {
        final var store =
                new MmapLogStore(new MmapStoreContext().directory(log).segmentLength(1 << 16));
        try (WriteAheadLog open = WriteAheadLog.open(new WalContext().store(store))) {
            assertThat(open.lastLsn()).isEqualTo(4);
            assertThat(cli.run("repair", log.toString()).exitCode()).isEqualTo(ExitCode.IN_USE);
            assertThat(cli.run("repair", "--apply", log.toString()).exitCode())
                    .isEqualTo(ExitCode.IN_USE);
        }
    }

    @Test
    void placeWithoutALogIsNamed() {
        final Cli.Result result = cli.run("repair", directory.resolve("none").toString());

        assertThat(result.exitCode()).isEqualTo(ExitCode.STORAGE);
        assertThat(directory.resolve("none")).doesNotExist();
    }

    /** Changes an entry of one byte. */
    private void damage(final String entry) throws IOException {
        final Path file = log.resolve(SEGMENT);
        final byte[] content = Files.readAllBytes(file);
        for (int at = 4096 + 24; at < content.length; at += 8) {
            if (content[at] == entry.charAt(0) && content[at + 1] == 0 && content[at - 8] == 1) {
                content[at] ^= 1;
                Files.write(file, content);
                return;
            }
        }
        throw new AssertionError("no entry " + entry);
    }

    private Map<String, String> contents() throws IOException {
        final Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(log)) {
            for (final Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(
                        log.relativize(file).toString(),
                        Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return contents;
    }
}
