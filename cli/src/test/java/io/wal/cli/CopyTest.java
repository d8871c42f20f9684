package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of logs in directories. */
class CopyTest {
    private static final String SEGMENT = "--segment-length=64k";

    @TempDir private Path directory;

    private final Cli cli = new Cli();
    private String log;
    private String copy;

    @BeforeEach
    void nameTheLogs() {
        log = directory.resolve("log").toString();
        copy = directory.resolve("copy").toString();
    }

    @Test
    void copyKeepsLsnsKindsAndBytesBehindACheckpoint() {
        append(1, 20_000);
        cli.feed("state\nof it\n", "checkpoint", log);
        cli.feed("a\n\n\u00ff\n", "append", log);
        final String original = cli.run("recover", log).text();

        final Cli.Result result = cli.run("copy", SEGMENT, log, copy);

        assertThat(result.exitCode()).as(result.talk()).isZero();
        assertThat(result.talk()).startsWith("copied 5 entries, LSN 20001 to 20005, ");
        assertThat(cli.run("recover", copy).text()).isEqualTo(original);
        assertThat(original).startsWith("20001\tCHECKPOINT\tstate\n20002\tCHECKPOINT\tof it\n");
    }

    @Test
    void copyGoesOnWhereItEnds() {
        append(1, 100);
        cli.run("copy", SEGMENT, log, copy);
        append(101, 210);

        final Cli.Result second = cli.run("copy", log, copy);

        assertThat(second.exitCode()).as(second.talk()).isZero();
        assertThat(second.talk()).startsWith("copied 110 entries, LSN 101 to 210, ");
        assertThat(cli.run("recover", copy).text()).isEqualTo(cli.run("recover", log).text());
        assertThat(cli.run("copy", log, copy).talk()).startsWith("copied 0 entries, no LSN, ");
        append(211, 220);
        cli.feed("state\n", "checkpoint", log);
        append(222, 222); // of what lies before the checkpoint nothing is held any more
        assertThat(cli.run("copy", log, copy).talk())
                .contains("it ends at LSN 210, and the other begins at LSN 221");
    }

    @Test
    void entriesOfAnUnfinishedCheckpointAreCopiedAndDoNotCount() {
        append(1, 3);
        assertThat(cli.feed("00\nxx\n", "checkpoint", "--format=hex", log).exitCode()).isEqualTo(2);
        append(5, 6);

        assertThat(cli.run("copy", SEGMENT, log, copy).exitCode()).isZero();

        assertThat(cli.run("dump", copy).text())
                .isEqualTo(cli.run("dump", log).text())
                .contains("4\tCHECKPOINT\t");
        assertThat(cli.run("recover", copy).text())
                .isEqualTo(cli.run("recover", log).text())
                .doesNotContain("CHECKPOINT");
    }

    @Test
    void whatIsNoBeginOfTheCopyIsRefusedAndLeftAlone() {
        append(1, 10);
        cli.feed("other\n", "append", SEGMENT, copy);

        final Cli.Result other = cli.run("copy", log, copy);

        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.talk())
                .contains("its entries from LSN 1 to 1 are not the same; nothing was written");
        assertThat(cli.run("info", copy).text()).contains("generation 1");
        cli.run("remove", "--yes", copy);
        cli.run("copy", SEGMENT, log, copy);
        cli.feed("more\n", "append", copy);
        assertThat(cli.run("copy", log, copy).talk())
                .contains("it ends at LSN 11, and the other at LSN 10");
        assertThat(cli.run("copy", log, log).exitCode()).isEqualTo(2);
        assertThat(cli.run("copy", directory.resolve("none").toString(), copy).exitCode())
                .isEqualTo(5);
    }

    @Test
    void copyOfADamagedLogHoldsWhatLiesBeforeTheDamage() throws IOException {
        append(1, 100);
        flip("entry 60");

        final Cli.Result result = cli.run("copy", SEGMENT, log, copy);

        assertThat(result.exitCode()).as(result.talk()).isEqualTo(3);
        assertThat(result.talk()).contains("LSN 60").contains(" holds what lies before the damage");
        assertThat(cli.run("recover", copy).text()).isEqualTo(recovered(1, 59));
    }

    @Test
    void anotherLogThatEndsInTheSameEntryIsRefusedAndLeftAlone() {
        append(1, 3);
        cli.feed("other\nentry 2\n", "append", SEGMENT, copy);

        final Cli.Result result = cli.run("copy", log, copy);

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.talk()).contains("from LSN 1 to 2 are not the same; nothing was written");
        assertThat(cli.run("info", copy).text()).contains("generation 1");
    }

    @Test
    void sourceThatIsDamagedSinceIsNamedAndTheCopyLeftAlone() throws IOException {
        append(1, 100);
        cli.run("copy", SEGMENT, log, copy);
        flip("entry 60");

        final Cli.Result result = cli.run("copy", log, copy);

        assertThat(result.exitCode()).as(result.talk()).isEqualTo(3);
        assertThat(result.talk()).contains("LSN 60");
        assertThat(cli.run("recover", copy).text()).isEqualTo(recovered(1, 100));
    }

    private void append(final int from, final int to) {
        final String input =
                IntStream.rangeClosed(from, to)
                        .mapToObj(i -> "entry " + i + "\n")
                        .collect(Collectors.joining());
        assertThat(cli.feed(input, "append", SEGMENT, log).exitCode()).isZero();
    }

    private static String recovered(final int from, final int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(i -> i + "\tDATA\tentry " + i + "\n")
                .collect(Collectors.joining());
    }

    private void flip(final String payload) throws IOException {
        final Path file = Path.of(log, "segment-0000000000000001.wal");
        final byte[] bytes = Files.readAllBytes(file);
        final byte[] wanted = payload.getBytes(StandardCharsets.US_ASCII);
        for (int i = 0; i + wanted.length <= bytes.length; i++) {
            if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                bytes[i] ^= 1;
                Files.write(file, bytes);
                return;
            }
        }
        throw new IllegalStateException("there is no " + payload + " in " + file);
    }
}
