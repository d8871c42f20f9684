package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.etcd.Waiting;
import io.wal.inspect.LogInspector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.agrona.concurrent.UnsafeBuffer;
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
        cli.feed("state\nof it\n", "checkpoint", SEGMENT, log);
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

        final Cli.Result second = cli.run("copy", SEGMENT, log, copy);

        assertThat(second.exitCode()).as(second.talk()).isZero();
        assertThat(second.talk()).startsWith("copied 110 entries, LSN 101 to 210, ");
        assertThat(cli.run("recover", copy).text()).isEqualTo(cli.run("recover", log).text());
        assertThat(cli.run("copy", SEGMENT, log, copy).talk())
                .startsWith("copied 0 entries, no LSN, ");
        append(211, 220);
        cli.feed("state\n", "checkpoint", SEGMENT, log);
        append(222, 222); // of what lies before the checkpoint nothing is held any more
        assertThat(cli.run("copy", SEGMENT, log, copy).talk())
                .contains("it ends at LSN 210, and the other begins at LSN 221");
    }

    @Test
    void entriesOfAnUnfinishedCheckpointAreCopiedAndDoNotCount() {
        append(1, 3);
        assertThat(cli.feed("00\nxx\n", "checkpoint", SEGMENT, "--format=hex", log).exitCode())
                .isEqualTo(2);
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

        final Cli.Result other = cli.run("copy", SEGMENT, log, copy);

        assertThat(other.exitCode()).isEqualTo(1);
        assertThat(other.talk())
                .contains("its entries from LSN 1 to 1 are not the same; nothing was written");
        assertThat(cli.run("info", copy).text()).contains("generation 1");
        cli.run("remove", "--yes", copy);
        cli.run("copy", SEGMENT, log, copy);
        cli.feed("more\n", "append", SEGMENT, copy);
        assertThat(cli.run("copy", SEGMENT, log, copy).talk())
                .contains("it ends at LSN 11, and the other at LSN 10");
        assertThat(cli.run("copy", log, log).exitCode()).isEqualTo(2);
        assertThat(cli.run("copy", directory.resolve("none").toString(), copy).exitCode())
                .isEqualTo(5);
    }

    @Test
    void copyOfADamagedLogHoldsWhatLiesBeforeTheDamage() throws IOException {
        append(1, 100);
        flip(log, "entry 60");

        final Cli.Result result = cli.run("copy", SEGMENT, log, copy);

        assertThat(result.exitCode()).as(result.talk()).isEqualTo(3);
        assertThat(result.talk()).contains("LSN 60").contains(" holds what lies before the damage");
        assertThat(cli.run("recover", copy).text()).isEqualTo(recovered(1, 59));
    }

    @Test
    void anotherLogThatEndsInTheSameEntryIsRefusedAndLeftAlone() {
        append(1, 3);
        cli.feed("other\nentry 2\n", "append", SEGMENT, copy);

        final Cli.Result result = cli.run("copy", SEGMENT, log, copy);

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.talk()).contains("from LSN 1 to 2 are not the same; nothing was written");
        assertThat(cli.run("info", copy).text()).contains("generation 1");
    }

    @Test
    void sourceThatIsDamagedSinceIsNamedAndTheCopyLeftAlone() throws IOException {
        append(1, 100);
        cli.run("copy", SEGMENT, log, copy);
        flip(log, "entry 60");

        final Cli.Result result = cli.run("copy", SEGMENT, log, copy);

        assertThat(result.exitCode()).as(result.talk()).isEqualTo(3);
        assertThat(result.talk()).contains("LSN 60");
        assertThat(cli.run("recover", copy).text()).isEqualTo(recovered(1, 100));
    }

    @Test
    void damagedCopyIsNamedAndLeftAlone() throws IOException {
        append(1, 100);
        cli.run("copy", SEGMENT, log, copy);
        append(101, 110);
        flip(copy, "entry 60");

        final Cli.Result result = cli.run("copy", SEGMENT, log, copy);

        assertThat(result.exitCode()).as(result.talk()).isEqualTo(3);
        assertThat(result.talk()).contains(copy + "/segment-").contains("LSN 60");
        assertThat(cli.run("info", copy).text()).contains("generation 1");
    }

    @Test
    void copyBesideAWriterThatReleasesMeanwhileIsWhatTheLogWas() {
        try (LogSession writer = openLog()) {
            append(writer, 1, 20_000);
            final Watched source =
                    new Watched(
                            StoreAddress.parse(log),
                            () -> {
                                writer.log().startCheckpoint().finalizeCheckpoint();
                                append(writer, 20_001, 20_100);
                                Waiting.until("segments are released", () -> firstLsn(log) > 1);
                            });

            final Cli.Result result = watching(source).run("copy", SEGMENT, log, copy);

            assertThat(result.exitCode()).as(result.talk()).isZero();
            assertThat(result.talk())
                    .contains("up to there, whose writer goes on")
                    .contains("it released LSN 1 to 20000 meanwhile");
            final String copied = cli.run("dump", copy).text();
            assertThat(copied).isEqualTo(recovered(1, (int) copied.lines().count()));
            assertThat(result.talk())
                    .startsWith("copied " + copied.lines().count() + " entries, LSN 1 to ");
        }
    }

    @Test
    void eachEntryIsReadOnceFromEitherSide() {
        append(1, 1000);
        cli.run("copy", SEGMENT, log, copy);
        append(1001, 1500);
        final Watched source = new Watched(StoreAddress.parse(log), () -> {});
        final Watched target = new Watched(StoreAddress.parse(copy), () -> {});

        final Cli.Result result = watching(source, target).run("copy", SEGMENT, log, copy);

        assertThat(result.exitCode()).as(result.talk()).isZero();
        assertThat(source.entryCount).isEqualTo(1500);
        assertThat(target.entryCount).isEqualTo(1501); // the last of what was there twice
    }

    @Test
    void checkpointThatWasFinalizedAfterItsEndWasCopiedIsMadeUpFor() {
        append(1, 5);
        cli.feed("state\nof it\n", "checkpoint", SEGMENT, log);
        append(8, 10);
        makeCopyWithUnfinishedCheckpoint();
        cli.feed("entry 8\nentry 9\nentry 10\n", "append", SEGMENT, copy);

        final Cli.Result result = cli.run("copy", SEGMENT, log, copy);

        assertThat(result.exitCode()).as(result.talk()).isZero();
        assertThat(cli.run("recover", copy).text())
                .isEqualTo(cli.run("recover", log).text())
                .startsWith("6\tCHECKPOINT\tstate\n7\tCHECKPOINT\tof it\n8\tDATA\t");
        assertThat(cli.run("info", "--json", copy).text()).contains("\"startLsn\":6");
        assertThat(cli.run("copy", SEGMENT, log, copy).exitCode()).isZero();
    }

    @Test
    void checkpointThatCannotBeMadeUpForIsToldAndTheCopyLeftAlone() {
        append(1, 5);
        cli.feed("state\nof it\n", "checkpoint", SEGMENT, log);
        cli.feed("6c61746572\nxx\n", "checkpoint", SEGMENT, "--format=hex", log);
        append(9, 9);
        makeCopyWithUnfinishedCheckpoint();
        cli.feed("6c61746572\nxx\n", "checkpoint", SEGMENT, "--format=hex", copy);
        final String before = cli.run("dump", copy).text();

        final Cli.Result result = cli.run("copy", SEGMENT, log, copy);

        assertThat(before).contains("8\tCHECKPOINT\tlater\n");
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.talk())
                .contains("it has entries of a later checkpoint")
                .contains("remove it, and copy again; nothing was written");
        assertThat(cli.run("dump", copy).text()).isEqualTo(before);
    }

    /** What the second copy below finds, and what the copy has when it was cut short between. */
    private void makeCopyWithUnfinishedCheckpoint() {
        cli.feed("entry 1\nentry 2\nentry 3\nentry 4\nentry 5\n", "append", SEGMENT, copy);
        cli.feed("7374617465\n6f66206974\nxx\n", "checkpoint", SEGMENT, "--format=hex", copy);
    }

    @Test
    void emptyLogsAndEmptyCheckpointsAreCopied() {
        cli.feed("", "append", SEGMENT, log);
        assertThat(cli.run("copy", SEGMENT, log, copy).exitCode()).isZero();
        cli.feed("", "checkpoint", SEGMENT, log);
        assertThat(cli.run("copy", SEGMENT, log, copy).exitCode()).isZero();
        append(1, 3);
        assertThat(cli.run("copy", SEGMENT, log, copy).talk())
                .startsWith("copied 3 entries, LSN 1 to 3, ");
        cli.feed("", "checkpoint", SEGMENT, log);

        final Cli.Result checkpoint = cli.run("copy", SEGMENT, log, copy);

        assertThat(checkpoint.exitCode()).as(checkpoint.talk()).isZero();
        assertThat(cli.run("recover", copy).text()).isEmpty();
        append(4, 5);
        assertThat(cli.run("copy", SEGMENT, log, copy).exitCode()).isZero();
        assertThat(cli.run("recover", copy).text()).isEqualTo(recovered(4, 5));
        final String anew = directory.resolve("anew").toString();
        assertThat(cli.run("copy", SEGMENT, log, anew).talk())
                .startsWith("copied 2 entries, LSN 4 to 5, ");
        assertThat(cli.run("recover", anew).text()).isEqualTo(recovered(4, 5));
    }

    private LogSession openLog() {
        return LogSession.open(
                new Console(null, null, System.err, StoreAddress::parse),
                StoreAddress.parse(log),
                new StoreSettings(true, 1 << 16, false, 1),
                (lsn, kind, buffer, offset, length) -> {});
    }

    private static void append(final LogSession session, final int from, final int to) {
        for (int i = from; i <= to; i++) {
            final byte[] entry = ("entry " + i).getBytes(StandardCharsets.US_ASCII);
            session.log().append(new UnsafeBuffer(entry), 0, entry.length);
        }
        session.log().flush();
    }

    private static long firstLsn(final String log) {
        try (LogInspector inspector = StoreAddress.parse(log).inspector()) {
            return inspector.info().firstLsn();
        }
    }

    private static Cli watching(final Watched... logs) {
        return new Cli(
                text ->
                        Arrays.stream(logs)
                                .filter(log -> log.toString().equals(text))
                                .map(StoreAddress.class::cast)
                                .findFirst()
                                .orElseGet(() -> StoreAddress.parse(text)));
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

    private static void flip(final String log, final String payload) throws IOException {
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
