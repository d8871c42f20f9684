package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands on real logs, as the contract has them. */
class CommandsTest {
    private static final String SEGMENT = "--segment-length=64k";

    @TempDir private Path directory;

    private final Cli cli = new Cli();
    private String log;

    @BeforeEach
    void nameTheLog() {
        log = directory.resolve("log").toString();
    }

    @Test
    void appendedLinesAreRecoveredByteForByte() {
        final byte[] input = "a\r\n\n\u00ff\u0000\tb\nlast".getBytes(StandardCharsets.ISO_8859_1);

        final Cli.Result append = cli.feed(input, "append", SEGMENT, "--acks", log);
        final Cli.Result recover = cli.run("recover", log);

        assertThat(append.exitCode()).isZero();
        assertThat(append.text()).isEqualTo("1\n2\n3\n4\n");
        assertThat(append.talk())
                .startsWith("appended 4 entries, LSN 1 to 4, 10 bytes, ")
                .containsPattern("\\d+ entries/s, \\d+ forces?\n");
        assertThat(recover.exitCode()).isZero();
        assertThat(recover.output())
                .isEqualTo(
                        "1\tDATA\ta\r\n2\tDATA\t\n3\tDATA\t\u00ff\u0000\tb\n4\tDATA\tlast\n"
                                .getBytes(StandardCharsets.ISO_8859_1));
        assertThat(recover.talk()).startsWith("recovered 4 entries, LSN 1 to 4, tail closed");
    }

    @Test
    void lsnsGoOnFromOneRunToTheNext() {
        cli.feed("a\nb\n", "append", SEGMENT, log);

        final Cli.Result second = cli.feed("c\n", "append", "--acks", log);

        assertThat(second.text()).isEqualTo("3\n");
        assertThat(cli.run("dump", log).text()).isEqualTo("1\tDATA\ta\n2\tDATA\tb\n3\tDATA\tc\n");
    }

    @Test
    void emptyInputMakesAnEmptyLog() {
        final Cli.Result append = cli.feed("", "append", SEGMENT, "--acks", log);

        assertThat(append.exitCode()).isZero();
        assertThat(append.text()).isEmpty();
        assertThat(append.talk()).startsWith("appended 0 entries, no LSN, 0 bytes");
        assertThat(cli.run("recover", log))
                .extracting(Cli.Result::exitCode, Cli.Result::text)
                .containsExactly(0, "");
        assertThat(cli.run("verify", log).exitCode()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"hex", "base64", "framed"})
    void whatIsDumpedInAFormatCanBeAppendedInIt(final String format) {
        final String other = directory.resolve("other").toString();
        cli.feed("one\n\nthree \u00e9\n", "append", SEGMENT, log);

        final Cli.Result dump = cli.run("dump", "--payload-only", "--format", format, log);
        final Cli.Result append =
                cli.feed(dump.output(), "append", SEGMENT, "--format", format, other);

        assertThat(append.exitCode()).as(append.talk()).isZero();
        assertThat(cli.run("dump", other).output()).isEqualTo(cli.run("dump", log).output());
    }

    @Test
    void framedOutputHasLsnKindAndLength() throws IOException {
        cli.feed("abc\n", "append", SEGMENT, log);
        cli.feed("state\n", "checkpoint", log);

        final Cli.Result dump = cli.run("dump", "--format", "framed", log);
        final Cli.Result recover = cli.run("recover", "--format", "framed", log);

        final ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes(
                ByteBuffer.allocate(18)
                        .putLong(2)
                        .put((byte) 2)
                        .putInt(5)
                        .put("state".getBytes())
                        .array());
        assertThat(recover.output()).isEqualTo(expected.toByteArray());
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(dump.output()))) {
            assertThat(in.readLong())
                    .isIn(1L, 2L); // what is before the checkpoint may be gone already
        }
    }

    @Test
    void malformedInputEndsWithItsPlaceAndKeepsWhatCameBefore() {
        final Cli.Result append =
                cli.feed("6161\n62\nxx\n63\n", "append", SEGMENT, "--format=hex", "--acks", log);

        assertThat(append.exitCode()).isEqualTo(2);
        assertThat(append.text()).isEqualTo("1\n2\n");
        assertThat(append.talk())
                .contains("standard input, line 3, column 1:")
                .contains("appended 2 entries");
        assertThat(cli.run("recover", log).text()).isEqualTo("1\tDATA\taa\n2\tDATA\tb\n");
    }

    @Test
    void lineThatIsTooLongIsNamed() {
        final Cli.Result append =
                cli.feed("a\n" + "x".repeat(100_000) + "\nb\n", "append", SEGMENT, "--acks", log);

        assertThat(append.exitCode()).isEqualTo(2);
        assertThat(append.text()).isEqualTo("1\n");
        assertThat(append.talk()).contains("line 2: the line is too long");
    }

    @Test
    void inputFileIsReadAndOneThatIsNotThereLeavesNoLog() throws IOException {
        final Path input = Files.writeString(directory.resolve("input"), "a\nb\n");

        final Cli.Result missing =
                cli.run("append", "--in", directory.resolve("none").toString(), log);
        final Cli.Result folder = cli.run("checkpoint", "--in", directory.toString(), log);

        assertThat(missing.exitCode()).isEqualTo(2);
        assertThat(missing.talk()).contains("none (No such file or directory)");
        assertThat(folder.exitCode()).isEqualTo(2);
        assertThat(Path.of(log)).doesNotExist();
        assertThat(cli.run("append", SEGMENT, "--in", input.toString(), "--acks", log).text())
                .isEqualTo("1\n2\n");
        assertThat(cli.feed("c", "append", "--in", "-", "--acks", log).text()).isEqualTo("3\n");
    }

    @Test
    void checkpointReplacesWhatCameBefore() {
        cli.feed("a\nb\n", "append", SEGMENT, log);

        final Cli.Result checkpoint = cli.feed("state\n", "checkpoint", log);
        cli.feed("c\n", "append", log);

        assertThat(checkpoint.exitCode()).isZero();
        assertThat(checkpoint.text()).isEmpty();
        assertThat(checkpoint.talk())
                .startsWith("finalized a checkpoint of 1 entry, LSN 3 to 3, 5 bytes");
        assertThat(cli.run("recover", log).text()).isEqualTo("3\tCHECKPOINT\tstate\n4\tDATA\tc\n");
    }

    @Test
    void malformedCheckpointIsDiscarded() {
        cli.feed("a\n", "append", SEGMENT, log);

        final Cli.Result checkpoint = cli.feed("00\nzz\n", "checkpoint", "--format", "hex", log);

        assertThat(checkpoint.exitCode()).isEqualTo(2);
        assertThat(checkpoint.talk())
                .startsWith("discarded a checkpoint")
                .contains("line 2, column 1");
        assertThat(cli.run("recover", log).text()).isEqualTo("1\tDATA\ta\n");
        assertThat(cli.run("dump", "--format", "hex", log).text())
                .isEqualTo("1\tDATA\t61\n2\tCHECKPOINT\t00\n");
    }

    @Test
    void emptyCheckpointForgetsWhatCameBefore() {
        cli.feed("a\n", "append", SEGMENT, log);

        assertThat(cli.feed("", "checkpoint", log).exitCode()).isZero();

        assertThat(cli.run("recover", log).text()).isEmpty();
        assertThat(cli.feed("b\n", "append", "--acks", log).text()).isEqualTo("2\n");
    }

    @Test
    void dumpTakesARange() {
        cli.feed("a\nb\nc\nd\n", "append", SEGMENT, log);

        assertThat(cli.run("dump", "--from", "2", "--to", "3", log).text())
                .isEqualTo("2\tDATA\tb\n3\tDATA\tc\n");
        assertThat(cli.run("dump", "--from", "9", log))
                .extracting(Cli.Result::exitCode, Cli.Result::text)
                .containsExactly(0, "");
        assertThat(cli.run("dump", "--from", "0", log).exitCode()).isEqualTo(2);
        assertThat(cli.run("dump", "--from", "3", "--to", "2", log).exitCode()).isEqualTo(2);
        assertThat(cli.run("dump", "--from", "x", log).exitCode()).isEqualTo(2);
    }

    @Test
    void dumpOfRecordsShowsSegmentsAndMarkers() {
        cli.feed("a\nb\n", "append", SEGMENT, log);

        final Cli.Result dump = cli.run("dump", "--records", log);

        assertThat(dump.text().lines())
                .anyMatch(
                        line ->
                                line.matches(
                                        "segment-\\w+\\.wal\t0\t1\tSEGMENT\t65536\tgeneration=1 state=\\w+"))
                .anyMatch(
                        line -> line.matches("segment-\\w+\\.wal\t4096\t0\tBATCH\t8\tdurableLsn=0"))
                .anyMatch(line -> line.matches("segment-\\w+\\.wal\t\\d+\t1\tDATA\t1\ta"))
                .anyMatch(
                        line ->
                                line.matches(
                                        "segment-\\w+\\.wal\t\\d+\t2\tCLOSE\t8\tdurableLsn=2"));
        assertThat(cli.run("dump", "--records", "--from", "2", "--to", "2", log).text())
                .contains("\tDATA\t1\tb\n")
                .doesNotContain("\tDATA\t1\ta\n");
        assertThat(cli.run("dump", "--records", "--format", "framed", log).exitCode()).isEqualTo(2);
    }

    @Test
    void jsonHasOneObjectPerEntry() {
        cli.feed("\"a\"\n", "append", SEGMENT, log);

        assertThat(cli.run("dump", "--json", log).text())
                .isEqualTo("{\"lsn\":1,\"kind\":\"DATA\",\"length\":3,\"payload\":\"ImEi\"}\n");
        assertThat(cli.run("recover", "--json", "--format", "hex", log).text())
                .isEqualTo("{\"lsn\":1,\"kind\":\"DATA\",\"length\":3,\"payload\":\"226122\"}\n");
        assertThat(cli.run("dump", "--json", "--format", "framed", log).exitCode()).isEqualTo(2);
        assertThat(cli.run("dump", "--json", "--records", log).text())
                .contains("\"kind\":\"CLOSE\",\"length\":8,\"durableLsn\":1}\n");
    }

    @Test
    void verifyAndInfoReportWhatIsThere() {
        cli.feed("a\nb\n", "append", SEGMENT, log);

        final Cli.Result verify = cli.run("verify", log);
        final Cli.Result json = cli.run("verify", "--json", log);
        final Cli.Result info = cli.run("info", "--json", log);

        assertThat(verify.exitCode()).isZero();
        assertThat(verify.text())
                .contains("entries      LSN 1 to 2;")
                .contains("durable      LSN 2\n")
                .contains("verdict      sound");
        assertThat(json.text())
                .startsWith("{\"location\":")
                .contains("\"firstLsn\":1,\"startLsn\":1,\"lastLsn\":2,\"durableLsn\":2")
                .contains("\"verdict\":\"SOUND\"")
                .contains("\"damages\":[],\"foreign\":[]}");
        assertThat(info.exitCode()).isZero();
        assertThat(info.text()).contains("\"firstLsn\":1");
    }

    @Test
    void foreignFilesAreMentionedOnceAndLeftAlone() throws IOException {
        cli.feed("a\n", "append", SEGMENT, log);
        final Path foreign = Files.writeString(Path.of(log, "notes.txt"), "mine");

        final Cli.Result verify = cli.run("verify", log);
        cli.run("remove", "--yes", log);

        assertThat(verify.exitCode()).isZero();
        assertThat(verify.talk()).containsOnlyOnce("notes.txt");
        assertThat(foreign).hasContent("mine");
    }

    @Test
    void damageIsNamedAndDumpGoesOnBehindIt() throws IOException {
        cli.feed("aaaa\nbbbb\ncccc\n", "append", SEGMENT, log);
        flipLastByteOf("bbbb");

        final Cli.Result verify = cli.run("verify", log);
        final Cli.Result dump = cli.run("dump", log);
        final Cli.Result recover = cli.run("recover", log);

        assertThat(verify.exitCode()).isEqualTo(3);
        assertThat(verify.text())
                .containsPattern("damage       .*segment-\\w+\\.wal at offset \\d+, LSN 2: ");
        assertThat(cli.run("verify", "--json", log).text())
                .contains("\"verdict\":\"DAMAGED\"", "\"lsn\":2,");
        assertThat(dump.exitCode()).isEqualTo(3);
        assertThat(dump.text()).isEqualTo("1\tDATA\taaaa\n3\tDATA\tcccc\n");
        assertThat(dump.talk()).contains("LSN 2").contains("is damaged");
        assertThat(recover.exitCode()).isEqualTo(3);
        assertThat(cli.feed("x\n", "append", log).exitCode()).isEqualTo(3);
        assertThat(cli.feed("x\n", "checkpoint", log).exitCode()).isEqualTo(3);
        assertThat(cli.run("remove", "--yes", log).exitCode()).isZero();
    }

    @Test
    void removeNeedsToBeMeant() {
        cli.feed("a\n", "append", SEGMENT, log);

        final Cli.Result unsure = cli.run("remove", log);
        final Cli.Result sure = cli.run("remove", log, "--yes");

        assertThat(unsure.exitCode()).isEqualTo(2);
        assertThat(unsure.talk()).contains("--yes");
        assertThat(sure.exitCode()).isZero();
        assertThat(cli.run("verify", log).exitCode()).isEqualTo(5);
        assertThat(cli.feed("b\n", "append", SEGMENT, "--acks", log).text()).isEqualTo("1\n");
    }

    @Test
    void namedLogsAreListed() {
        cli.feed("a\n", "append", SEGMENT, directory.resolve("beta").toString());
        cli.feed("a\n", "append", SEGMENT, "mmap:" + directory.resolve("alpha"));

        assertThat(cli.run("ls", directory.toString()).text()).isEqualTo("alpha\nbeta\n");
        assertThat(cli.run("ls", "--json", directory.toString()).text())
                .isEqualTo("{\"name\":\"alpha\"}\n{\"name\":\"beta\"}\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"recover", "dump", "verify", "info", "ls", "remove"})
    void onlyAppendAndCheckpointCreateALog(final String command) throws IOException {
        final String[] args =
                command.equals("remove")
                        ? new String[] {command, "--yes", log}
                        : new String[] {command, log};

        final Cli.Result result = cli.run(args);

        assertThat(result.exitCode()).isEqualTo(5);
        assertThat(result.talk()).contains("no log at " + log).doesNotContain("\tat ");
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"append", "checkpoint", "recover", "dump", "verify", "info", "ls"})
    void placeThatIsNoDirectoryIsAStorageFailure(final String command) throws IOException {
        final Path file = Files.writeString(directory.resolve("file"), "x");

        final Cli.Result result = cli.run(command, file.toString());

        assertThat(result.exitCode()).isEqualTo(5);
        assertThat(result.talk()).contains(file.toString()).doesNotContain("\tat ");
        assertThat(file).hasContent("x");
    }

    @Test
    void logThatIsOpenElsewhereIsInUse() {
        try (LogSession session =
                LogSession.open(
                        new Console(null, null, System.err, StoreAddress::parse),
                        StoreAddress.parse(log),
                        new StoreSettings(true, 1 << 16, false, 1),
                        (lsn, kind, buffer, offset, length) -> {})) {
            assertThat(session.recovered().isEmpty()).isTrue();

            assertThat(cli.feed("a\n", "append", log).exitCode()).isEqualTo(4);
            assertThat(cli.run("recover", log).exitCode()).isEqualTo(4);
            assertThat(cli.run("remove", "--yes", log).exitCode()).isEqualTo(4);
            assertThat(cli.run("append", log).talk()).contains("in use by");
            assertThat(cli.run("verify", log).exitCode()).isZero();
            assertThat(cli.run("dump", log).exitCode()).isZero();
        }
    }

    @Test
    void wrongUseIsToldInOneLineWithAWayOut() {
        assertThat(cli.run("append").exitCode()).isEqualTo(2);
        assertThat(cli.run("append", "--formt=hex", log).talk())
                .contains("--formt")
                .contains("--format");
        assertThat(cli.run("append", "--format=xml", log).talk())
                .isEqualTo(
                        "wal: Invalid value for option '--format': 'xml' is not one of lines, hex, base64, framed\n"
                                + "Try 'wal append --help'.\n");
        assertThat(cli.run("append", "--durability=maybe", log).exitCode()).isEqualTo(2);
        assertThat(cli.run("append", "--segment-length=5", log))
                .extracting(Cli.Result::exitCode, r -> r.talk().contains("4096"))
                .containsExactly(2, true);
        assertThat(cli.run("chekpoint", log).talk()).contains("checkpoint");
        assertThat(cli.run("append", "").exitCode()).isEqualTo(2);
        assertThat(cli.run("append", "mmap:").exitCode()).isEqualTo(2);
        assertThat(cli.run("append", "--user=joe", log))
                .extracting(Cli.Result::exitCode, Cli.Result::talk)
                .containsExactly(2, "wal: --user is for logs in etcd, not for " + log + "\n");
        assertThat(cli.run().exitCode()).isEqualTo(2);
        assertThat(Path.of(log)).doesNotExist();
    }

    @Test
    void everyCommandHasHelpWithAnExample() {
        final String list = cli.run("--help").text();
        for (final String command :
                new String[] {
                    "append",
                    "checkpoint",
                    "recover",
                    "dump",
                    "verify",
                    "info",
                    "ls",
                    "remove",
                    "bench",
                    "demo"
                }) {
            final Cli.Result help = cli.run(command, "--help");

            assertThat(help.exitCode()).isZero();
            assertThat(help.text())
                    .contains("wal " + command)
                    .containsPattern("Examples?:")
                    .contains("Exit codes:");
            assertThat(list).contains("\n  " + command + " ");
            assertThat(cli.run("help", command).text()).isEqualTo(help.text());
        }
        assertThat(cli.run("--version").text()).startsWith("wal ");
        assertThat(cli.run("generate-completion").text()).contains("--durability");
    }

    private void flipLastByteOf(final String payload) throws IOException {
        try (Stream<Path> files = Files.list(Path.of(log))) {
            for (final Path file :
                    files.filter(f -> f.getFileName().toString().startsWith("segment-")).toList()) {
                final byte[] bytes = Files.readAllBytes(file);
                final int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(payload);
                if (at >= 0) {
                    bytes[at + payload.length() - 1] ^= 1;
                    Files.write(file, bytes);
                }
            }
        }
    }
}
