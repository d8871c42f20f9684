package io.wal.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.Durability;
import io.wal.WalException;
import io.wal.etcd.EtcdCluster;
import io.wal.etcd.Waiting;
import java.io.ByteArrayOutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The commands on logs in a real etcd, as the contract has them. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class EtcdCommandsTest {
    @RegisterExtension static final EtcdCluster CLUSTER = EtcdCluster.ofMembers(1);

    private static final AtomicInteger NAMES = new AtomicInteger();

    @TempDir private Path directory;

    private final Cli cli = new Cli();
    private String cluster;
    private String name;
    private String log;
    private EtcdKeys keys;

    @BeforeEach
    void nameTheLog() {
        cluster = "etcd://" + CLUSTER.endpoints()[0];
        name = "log-" + NAMES.incrementAndGet();
        log = cluster + "/" + name;
        keys = new EtcdKeys(CLUSTER.member());
    }

    @Test
    void appendedLinesAreRecoveredAndDumpedByteForByte() {
        final byte[] input = "a\r\n\n\u00ff\u0000\tb\nlast".getBytes(ISO_8859_1);
        final byte[] expected =
                "1\tDATA\ta\r\n2\tDATA\t\n3\tDATA\t\u00ff\u0000\tb\n4\tDATA\tlast\n"
                        .getBytes(ISO_8859_1);

        final Cli.Result append = cli.feed(input, "append", "--acks", log);
        final Cli.Result dump = cli.run("dump", log);
        final Cli.Result recover = cli.run("recover", log);

        assertThat(append.exitCode()).as(append.talk()).isZero();
        assertThat(append.text()).isEqualTo("1\n2\n3\n4\n");
        assertThat(append.talk())
                .startsWith("appended 4 entries, LSN 1 to 4, 10 bytes, ")
                .doesNotContain("force");
        assertThat(dump.output()).isEqualTo(expected);
        assertThat(recover.output()).isEqualTo(expected);
        assertThat(recover.talk()).startsWith("recovered 4 entries, LSN 1 to 4, tail closed");
        assertThat(cli.feed("5\n", "append", "--acks", log).text()).isEqualTo("5\n");
        assertThat(cli.run("dump", "--from=2", "--to=2", "--format=hex", log).text())
                .isEqualTo("2\tDATA\t\n");
        assertThat(cli.run("dump", "--records", log).text())
                .contains("wal/d/" + name + "/b/0000000000000001");
    }

    @Test
    void checkpointReplacesWhatCameBefore() {
        cli.feed("a\nb\n", "append", log);

        final Cli.Result checkpoint = cli.feed("state\n", "checkpoint", log);
        cli.feed("c\n", "append", log);

        assertThat(checkpoint.exitCode()).as(checkpoint.talk()).isZero();
        assertThat(checkpoint.talk()).startsWith("finalized a checkpoint of 1 entry, LSN 3 to 3");
        assertThat(cli.run("recover", log).text()).isEqualTo("3\tCHECKPOINT\tstate\n4\tDATA\tc\n");
    }

    @Test
    void factsAndVerdictArePrinted() {
        cli.feed("a\nb\n", "append", log);

        final Cli.Result info = cli.run("info", log);
        final Cli.Result verify = cli.run("verify", log);

        assertThat(info.exitCode()).as(info.talk()).isZero();
        assertThat(info.text())
                .contains("log          " + log + "\n")
                .contains("writer       none\n");
        assertThat(verify.exitCode()).as(verify.talk()).isZero();
        assertThat(verify.text())
                .contains("entries      LSN 1 to 2;")
                .contains("durable      LSN 2\n")
                .contains("verdict      sound, and closed");
        assertFailed(cli.run("stat", log), 1, log + " keeps no counters: no log in etcd does");
        assertThat(cli.run("verify", "--json", log).text())
                .startsWith("{\"location\":\"" + log + "\"")
                .contains("\"lastLsn\":2,\"durableLsn\":2", "\"verdict\":\"SOUND\"");
    }

    @Test
    void logsAreListedAndRemoved() {
        cli.feed("a\n", "append", "--etcd-root=listed", cluster + "/beta");
        cli.feed("a\n", "append", "--etcd-root=listed", cluster + "/alpha");

        assertThat(cli.run("ls", "--etcd-root=listed", cluster).text()).isEqualTo("alpha\nbeta\n");
        assertFailed(cli.run("ls", "--etcd-root=listed", cluster + "/beta"), 2, "leave out");
        assertFailed(
                cli.run("remove", "--etcd-root=listed", cluster + "/beta"),
                2,
                "say --yes if that is what you want");
        final Cli.Result remove =
                cli.run("remove", "--yes", "--etcd-root=listed", cluster + "/beta");
        assertThat(remove.exitCode()).as(remove.talk()).isZero();
        assertThat(remove.talk()).isEqualTo("removed " + cluster + "/beta\n");
        assertThat(cli.run("ls", "--json", "--etcd-root=listed", cluster).text())
                .isEqualTo("{\"name\":\"alpha\"}\n");
        assertThat(keys.count("listed/d/beta/")).isZero();
    }

    @Test
    void logsAreCopiedBetweenStores() {
        final String file = directory.resolve("file").toString();
        final String other = log + "-other";
        cli.feed("a\nb\n", "append", log);
        cli.feed("state\n", "checkpoint", log);
        cli.feed("c\n", "append", log);
        final String original = cli.run("recover", log).text();

        final Cli.Result toFile = cli.run("copy", "--segment-length=64k", log, file);
        final Cli.Result toEtcd = cli.run("copy", file, other);
        cli.run("remove", "--yes", log);
        final Cli.Result within = cli.run("copy", other, log);

        assertThat(List.of(toFile, toEtcd, within))
                .allSatisfy(
                        copy -> {
                            assertThat(copy.exitCode()).as(copy.talk()).isZero();
                            assertThat(copy.talk()).startsWith("copied 2 entries, LSN 3 to 4, ");
                        });
        assertThat(cli.run("recover", file).text()).isEqualTo(original);
        assertThat(cli.run("recover", other).text()).isEqualTo(original);
        assertThat(cli.run("recover", log).text()).isEqualTo(original);
    }

    @Test
    void benchMeasuresBesideTheLogAndLeavesNothing() {
        cli.feed("a\n", "append", log);
        final int logCount = keys.count("wal/n/");

        final Cli.Result bench =
                cli.run(
                        "bench",
                        "--seconds=0.5",
                        "--producers=1",
                        "--payload=64",
                        "--durability=forced",
                        log);

        assertThat(bench.exitCode()).as(bench.talk()).isZero();
        assertThat(bench.text())
                .startsWith("measured in " + cluster + "/wal-bench-")
                .containsPattern("\n +1 +64 forced +\\d+");
        assertThat(keys.count("wal/n/")).isEqualTo(logCount);
        assertThat(keys.count("wal/d/wal-bench-")).isZero();
        assertThat(cli.run("dump", log).text()).isEqualTo("1\tDATA\ta\n");
    }

    @Test
    void whatIsForDirectoriesIsRefused() {
        assertFailed(cli.feed("a\n", "append", "--direct", log), 2, "--direct");
        assertFailed(cli.feed("a\n", "append", "--segment-length=1m", log), 2, "--segment-length");
        assertFailed(cli.run("repair", log), 2, "only a log in a directory");
        assertFailed(cli.run("doctor", log), 2, "not a directory");
        assertThat(keys.count("wal/n/" + name)).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "recover",
                "dump",
                "verify",
                "info",
                "stat",
                "remove --yes",
                "copy LOG FILE"
            })
    void logThatIsNotThereIsNamedAndNotCreated(final String command) {
        final Cli.Result result = cli.run(arguments(command));

        assertFailed(result, 5, "no log at " + log, "wal/n/" + name);
        assertThat(keys.count("wal/n/" + name)).isZero();
        assertThat(keys.count("wal/d/" + name)).isZero();
        assertThat(directory).isEmptyDirectory();
    }

    private static List<String> everyCommandOnALog() {
        return List.of(
                "append",
                "checkpoint",
                "recover",
                "dump",
                "verify",
                "info",
                "stat",
                "remove --yes",
                "copy LOG FILE",
                "copy FILE LOG");
    }

    @ParameterizedTest
    @MethodSource("everyCommandOnALog")
    void nameThatNoLogCanHaveIsWrongUsage(final String command) {
        cli.feed("a\n", "append", "--segment-length=64k", file());
        for (final String illegal : List.of("a/b", ".hidden", "\u00e9", "x".repeat(129))) {
            log = cluster + "/" + illegal;
            assertFailed(cli.run(arguments(command)), 2, "name must be", illegal);
        }
        log = cluster;
        assertFailed(cli.run(arguments(command)), 2, "no name in " + cluster);
    }

    @Test
    void addressThatIsNoneIsWrongUsage() {
        assertFailed(cli.run("info", "etcd:/x"), 2, "no cluster in etcd:/x");
        assertFailed(cli.run("info", "etcd://host/x"), 2, "not a host and port: 'host'");
        assertFailed(cli.run("info", "etcd://host:70000/x"), 2, "not a host and port");
        assertFailed(cli.run("info", "etcd://joe:secret@host:1/x"), 2, "--user");
        assertThat(cli.run("info", "etcd://joe:secret@host:1/x").talk()).doesNotContain("secret");
        assertFailed(cli.run("info", "--etcd-root=/x", log), 2, "root must be");
        assertFailed(cli.run("append", "--acquire=maybe", log), 2, "wait, fail, steal");
        assertFailed(
                cli.run("append", "--acquire=steal", "--acquire-timeout=1s", log),
                2,
                "--acquire wait only");
    }

    @Test
    void logOwnedByAnotherIsLeftToItAndItsOwnerNamed() {
        try (LogSession session = own()) {
            assertThat(session.recovered().isEmpty()).isTrue();
            final String[] parts = {
                "in use by process " + ProcessHandle.current().pid() + " on ",
                "; its lease of 10 s was renewed ",
                " s ago"
            };

            assertFailed(cli.feed("a\n", "append", "--acquire=fail", log), 4, parts);
            assertFailed(cli.feed("a\n", "checkpoint", "--acquire=fail", log), 4, parts);
            assertFailed(cli.run("recover", "--acquire=fail", log), 4, parts);
            assertFailed(cli.run("remove", "--yes", "--acquire=fail", log), 4, parts);
            assertFailed(cli.run("remove", "--yes", "--acquire-timeout=300ms", log), 4, parts);
            assertFailed(cli.feed("a\n", "append", "--acquire-timeout=300ms", log), 4, parts);
            assertFailed(cli.feed("a\n", "append", "--acquire-timeout=0s", log), 4, parts);
            assertThat(cli.run("info", log).text())
                    .contains("writer       process " + ProcessHandle.current().pid());
            assertThat(cli.run("verify", log).exitCode()).isZero();
            assertThat(cli.run("dump", log).exitCode()).isZero();
        }
        cli.feed("a\n", "append", "--segment-length=64k", file());
        try (LogSession session = own()) {
            assertThat(session.recovered().isEmpty()).isTrue();
            assertFailed(cli.run("copy", "--acquire=fail", file(), log), 4, "in use by process");
        }
    }

    @Test
    void commandThatWaitsSaysForWhomAndGoesOnWhenTheOwnerIsGone() {
        final LogSession session = own();
        final ByteArrayOutputStream talk = new ByteArrayOutputStream();
        final CompletableFuture<Cli.Result> append =
                CompletableFuture.supplyAsync(() -> cli.tell(talk, "a\n", "append", "--acks", log));
        Waiting.until(
                "it says whom it waits for",
                () -> talk.toString().contains("process " + ProcessHandle.current().pid()));

        session.close();

        assertThat(append.join().exitCode()).as(append.join().talk()).isZero();
        assertThat(append.join().text()).isEqualTo("1\n");
        assertThat(append.join().talk())
                .startsWith("wal: waiting for the log " + log + ", which is in use by process ")
                .contains(", for 15 s at most; see --acquire\n")
                .doesNotContain("deposed");
    }

    @Test
    void logThatIsRemovedIsTakenFromItsOwnerIfAskedTo() {
        final LogSession session = own();

        final Cli.Result remove = cli.run("remove", "--yes", "--acquire=steal", log);

        assertThat(remove.exitCode()).as(remove.talk()).isZero();
        assertThat(keys.count("wal/n/" + name)).isZero();
        assertThat(keys.count("wal/d/" + name + "/")).isZero();
        final UnsafeBuffer entry = new UnsafeBuffer(new byte[1]);
        assertThatThrownBy(() -> session.log().appendAndAwait(entry, 0, 1, Durability.FORCED))
                .isInstanceOf(WalException.class);
        session.closeQuietly();
        assertThat(keys.count("wal/d/" + name + "/")).isZero();
    }

    @Test
    void removalWaitsForTheOwnerToGo() {
        final LogSession session = own();
        final ByteArrayOutputStream talk = new ByteArrayOutputStream();
        final CompletableFuture<Cli.Result> remove =
                CompletableFuture.supplyAsync(() -> cli.tell(talk, "", "remove", "--yes", log));
        Waiting.until(
                "it says whom it waits for",
                () -> talk.toString().contains("process " + ProcessHandle.current().pid()));

        session.close();

        assertThat(remove.join().exitCode()).as(remove.join().talk()).isZero();
        assertThat(remove.join().talk())
                .containsOnlyOnce("wal: waiting for the log " + log)
                .endsWith("removed " + log + "\n");
    }

    @Test
    void stolenLogEndsItsOwnersCommandWithTheTruth() throws Exception {
        final PipedOutputStream input = new PipedOutputStream();
        final PipedInputStream in = new PipedInputStream(input);
        final ByteArrayOutputStream acks = new ByteArrayOutputStream();
        final CompletableFuture<Cli.Result> owner =
                CompletableFuture.supplyAsync(() -> cli.run(in, acks, "append", "--acks", log));
        input.write("a\n".getBytes(US_ASCII));
        input.flush();
        Waiting.until("it is acknowledged", () -> acks.toString(US_ASCII).equals("1\n"));

        final Cli.Result thief = cli.feed("b\n", "append", "--acks", "--acquire=steal", log);
        input.write("c\n".getBytes(US_ASCII));
        input.flush();

        assertThat(thief.exitCode()).as(thief.talk()).isZero();
        assertThat(thief.text()).isEqualTo("2\n");
        assertFailed(owner.join(), 4, "taken over by epoch 2");
        assertThat(acks.toString(US_ASCII)).isEqualTo("1\n");
        assertThat(cli.run("recover", log).text()).isEqualTo("1\tDATA\ta\n2\tDATA\tb\n");
    }

    @Test
    void entryAboveTheLimitIsRefusedWithItsPlaceAndWhatCameBeforeIsKept() {
        final Cli.Result append =
                cli.feed("a\n" + "x".repeat(2_000_000) + "\nb\n", "append", "--acks", log);

        assertFailed(append, 2, "line 2: the line is too long");
        assertThat(append.text()).isEqualTo("1\n");
        assertThat(cli.run("recover", log).text()).isEqualTo("1\tDATA\ta\n");
    }

    @Test
    void entryThatTheTargetOfACopyDoesNotTakeIsNamed() {
        cli.feed("a\n" + "x".repeat(2_000_000) + "\n", "append", "--segment-length=8m", file());

        assertFailed(cli.run("copy", file(), log), 1, "LSN 2 has 2000000 bytes", "at most");
    }

    @ParameterizedTest
    @MethodSource("everyCommandOnALog")
    void newerFormatIsLeftAlone(final String command) {
        cli.feed("b\n", "append", log);
        final String registration = keys.getText("wal/n/" + name);
        final String newer = registration.replace("version=1", "version=9");
        keys.put("wal/n/" + name, newer);
        if (command.startsWith("copy FILE")) {
            cli.feed("a\n", "append", "--segment-length=64k", file());
        }

        assertFailed(
                cli.run(arguments(command)),
                1,
                "wal/n/" + name + " has format version 9",
                "use a newer library");

        assertThat(newer).isNotEqualTo(registration);
        assertThat(keys.getText("wal/n/" + name)).isEqualTo(newer);
        assertThat(keys.getText("wal/d/" + name + "/epoch")).startsWith("epoch=1 ");
    }

    @Test
    void foreignKeysAreMentionedOnceAndLeftAlone() {
        cli.feed("a\n", "append", log);
        final String foreign = "wal/d/" + name + "/notes";
        keys.put(foreign, "mine");

        final Cli.Result verify = cli.run("verify", log);
        final Cli.Result append = cli.feed("b\n", "append", "--acks", log);
        final Cli.Result remove = cli.run("remove", "--yes", log);
        final Cli.Result anew = cli.feed("c\n", "append", log);

        assertThat(verify.exitCode()).as(verify.talk()).isZero();
        assertThat(verify.talk()).containsOnlyOnce(foreign).contains("left alone");
        assertThat(append.text()).isEqualTo("2\n");
        assertThat(remove.exitCode()).as(remove.talk()).isZero();
        assertThat(keys.getText(foreign)).isEqualTo("mine");
        assertThat(keys.count("wal/d/" + name + "/")).isEqualTo(1);
        assertFailed(anew, 3, foreign, "foreign key where a new log would go");
        assertThat(keys.count("wal/d/" + name + "/")).isEqualTo(1);
    }

    @Test
    void damageIsNamedAndDumpGoesOnBehindIt() {
        cli.feed("aaaa\n", "append", log);
        cli.feed("bbbb\n", "append", log);
        cli.feed("cccc\n", "append", log);
        final String key = "wal/d/" + name + "/b/0000000000000002";
        final byte[] batch = keys.get(key);
        final int at = new String(batch, ISO_8859_1).indexOf("bbbb");
        batch[at] ^= 1;
        keys.put(key, batch);

        final Cli.Result verify = cli.run("verify", log);
        final Cli.Result dump = cli.run("dump", log);

        assertThat(verify.exitCode()).isEqualTo(3);
        assertThat(verify.text()).contains(key).contains("LSN 2").contains("verdict      DAMAGED");
        assertThat(dump.exitCode()).isEqualTo(3);
        assertThat(dump.text()).isEqualTo("1\tDATA\taaaa\n3\tDATA\tcccc\n");
        assertFailed(cli.run("recover", log), 3, key, "LSN 2");
        assertFailed(cli.feed("x\n", "append", log), 3, key);
        assertFailed(cli.run("copy", "--segment-length=64k", log, file()), 3, key);
        assertThat(cli.run("recover", file()).text()).isEqualTo("1\tDATA\taaaa\n");
        assertThat(cli.run("remove", "--yes", log).exitCode()).isZero();
    }

    /** The log, taken by this process. */
    private LogSession own() {
        return LogSession.open(
                new Console(null, null, System.err, StoreAddress::parse),
                StoreAddress.parse(log),
                StoreSettings.CREATING,
                (lsn, kind, buffer, offset, length) -> {});
    }

    private String file() {
        return directory.resolve("file").toString();
    }

    /** The arguments of a command on the log, or on those that it names. */
    private String[] arguments(final String command) {
        final String named =
                command.contains("LOG")
                        ? command.replace("LOG", log).replace("FILE", file())
                        : command + " " + log;
        return named.split(" ");
    }

    private static void assertFailed(
            final Cli.Result result, final int exitCode, final String... parts) {
        assertThat(result.exitCode()).as(result.talk()).isEqualTo(exitCode);
        assertThat(result.talk())
                .containsPattern("(?m)^wal: ")
                .contains(parts)
                .doesNotContain("\tat ")
                .doesNotContain("Exception");
    }
}
