package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.Checkpoint;
import io.wal.LogNotFoundException;
import io.wal.etcd.EtcdCluster;
import io.wal.etcd.Waiting;
import io.wal.inspect.LogInspector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Copies between directories and a real etcd that are cut short, and such of logs in use. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class EtcdCopyTest {
    @RegisterExtension
    static final EtcdCluster CLUSTER = EtcdCluster.ofMembers(1, "--snapshot-count", "1000");

    private static final int ENTRY_COUNT = 60_000;
    private static final int MOST_TRIES = 5;
    private static final String FILLING = "x".repeat(300);
    private static final AtomicInteger NAMES = new AtomicInteger();

    @TempDir private Path directory;

    private final Cli cli = new Cli();
    private final List<Process> processes = new ArrayList<>();
    private String log;
    private String copy;

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    @BeforeEach
    void nameTheLogs() {
        log = place("etcd", "log");
        copy = place("mmap", "copy");
    }

    private String place(final String kind, final String name) {
        return kind.equals("mmap")
                ? directory.resolve(name).toString()
                : "etcd://" + CLUSTER.endpoints()[0] + "/" + name + "-" + NAMES.incrementAndGet();
    }

    @ParameterizedTest
    @CsvSource({"mmap, etcd, KILL", "etcd, mmap, KILL", "etcd, etcd, TERM"})
    void copyThatIsCutShortIsGoneOnWith(final String from, final String to, final String signal)
            throws Exception {
        log = place(from, "log");
        copy = place(to, "copy");
        try (LogSession session = open(log)) {
            append(session, ENTRY_COUNT, FILLING);
        }
        final Path talk = directory.resolve("talk");
        final long copiedLsn = copyAndCutShort(signal, talk);
        final Cli.Result resumed = cli.run(copyCommand());

        assertThat(resumed.exitCode()).as(resumed.talk()).isZero();
        assertThat(resumed.talk())
                .matches(
                        "(?s)(wal: the log ended in a batch [^\\n]*\\n)?" // torn by the KILL
                                + "copied \\d+ entries, LSN \\d+ to "
                                + ENTRY_COUNT
                                + ", .*")
                .doesNotContain("LSN 1 to");
        if (signal.equals("TERM")) { // what was under way when it was killed may be there or not
            assertThat(Files.readString(talk))
                    .contains("wal: interrupted; run it again to go on behind LSN " + copiedLsn);
            assertThat(resumed.talk())
                    .startsWith("copied " + (ENTRY_COUNT - copiedLsn) + " entries, LSN ");
        }
        assertThat(cli.run("dump", copy).output()).isEqualTo(cli.run("dump", log).output());
    }

    /** The result is the last LSN that was copied; a copy that was quicker does not count. */
    private long copyAndCutShort(final String signal, final Path talk) throws Exception {
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            final Process process = ChildJvm.start(talk.toFile(), copyCommand());
            processes.add(process);
            Waiting.until("something is copied", () -> lastLsn(copy) > 0 || !process.isAlive());
            if (signal.equals("KILL")) {
                process.toHandle().destroyForcibly();
            } else {
                process.toHandle().destroy();
            }
            final int exitCode = process.waitFor();
            final long copiedLsn = lastLsn(copy);
            if (copiedLsn < ENTRY_COUNT) {
                assertThat(exitCode).isEqualTo(signal.equals("KILL") ? 137 : 143);
                return copiedLsn;
            }
            cli.run(command("remove", "--yes", copy));
        }
        throw new AssertionError("the copy was quicker each time");
    }

    /** Each copy ends well, or says truly that what it needs is gone; the last one is exact. */
    @ParameterizedTest
    @CsvSource({"mmap, etcd", "etcd, mmap"})
    void logWhoseWriterTakesCheckpointsIsCopied(final String from, final String to)
            throws Exception {
        log = place(from, "log");
        copy = place(to, "copy");
        final AtomicBoolean done = new AtomicBoolean();
        final LogSession session = open(log);
        append(session, 1000, "");
        final CompletableFuture<Void> writer =
                CompletableFuture.runAsync(() -> writeOn(session, done));
        try {
            for (int i = 0; i < 4; i++) {
                final Cli.Result result = cli.run(copyCommand());
                if (result.exitCode() != 0) {
                    assertThat(result.exitCode()).as(result.talk()).isEqualTo(1);
                    assertThat(result.talk())
                            .containsPattern(" released |and the other begins at LSN");
                    cli.run(command("remove", "--yes", copy));
                }
            }
        } finally {
            done.set(true);
            writer.get();
            session.close();
        }

        final Cli.Result last = cli.run(copyCommand());
        if (last.exitCode() != 0) {
            assertThat(last.talk()).contains("and the other begins at LSN");
            cli.run(command("remove", "--yes", copy));
            assertThat(cli.run(copyCommand()).exitCode()).isZero();
        }
        assertThat(cli.run("recover", copy).text()).isEqualTo(cli.run("recover", log).text());
    }

    private static void writeOn(final LogSession session, final AtomicBoolean done) {
        while (!done.get()) {
            for (int i = 0; i < 5; i++) {
                append(session, 500, "");
            }
            final Checkpoint checkpoint = session.log().startCheckpoint();
            append(session, 10, "");
            final UnsafeBuffer state =
                    new UnsafeBuffer("state".getBytes(StandardCharsets.US_ASCII));
            checkpoint.append(state, 0, state.capacity());
            append(session, 10, "");
            checkpoint.finalizeCheckpoint();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"mmap", "etcd"})
    void checkpointThatEtcdRecordedAfterItsEndWasCopiedIsMadeUpFor(final String to) {
        log = place("etcd", "log");
        copy = place(to, "copy");
        cli.feed("1\n2\n3\n", "append", log);
        cli.feed("state\nof it\n", "checkpoint", log);
        cli.feed("6\n7\n", "append", log);
        cli.feed("1\n2\n3\n", "append", copy);
        cli.feed("7374617465\n6f66206974\nxx\n", "checkpoint", "--format=hex", copy);
        cli.feed("6\n7\n", "append", copy);

        final Cli.Result result = cli.run(copyCommand());

        assertThat(result.exitCode()).as(result.talk()).isZero();
        assertThat(result.talk()).startsWith("copied 0 entries, no LSN, ");
        assertThat(cli.run("recover", copy).text())
                .isEqualTo(cli.run("recover", log).text())
                .startsWith("4\tCHECKPOINT\tstate\n5\tCHECKPOINT\tof it\n6\tDATA\t6\n");
        assertThat(cli.run(copyCommand()).exitCode()).isZero();
    }

    @Test
    void checkpointWhoseStartIsTheBeginOfTheLogIsMadeUpFor() {
        copy = place("etcd", "copy");
        cli.feed("state\n", "checkpoint", log);
        cli.feed("2\n3\n", "append", log);
        cli.feed("7374617465\nxx\n", "checkpoint", "--format=hex", copy);
        cli.feed("2\n3\n", "append", copy);

        assertThat(cli.run("copy", log, copy).exitCode()).isZero();

        assertThat(cli.run("recover", copy).text())
                .isEqualTo(cli.run("recover", log).text())
                .startsWith("1\tCHECKPOINT\tstate\n");
    }

    private String[] copyCommand() {
        return copy.startsWith("etcd:")
                ? command("copy", log, copy)
                : command("copy", "--segment-length=1m", log, copy);
    }

    /** A command that writes to the copy, and takes it from one that was killed. */
    private String[] command(final String... args) {
        final List<String> command = new ArrayList<>(List.of(args));
        if (copy.startsWith("etcd:")) {
            command.add("--acquire=steal");
        }
        return command.toArray(String[]::new);
    }

    private static LogSession open(final String log) {
        return LogSession.open(
                new Console(null, null, System.err, StoreAddress::parse),
                StoreAddress.parse(log),
                new StoreSettings(true, log.startsWith("etcd:") ? 0 : 1 << 16, false, 1),
                (lsn, kind, buffer, offset, length) -> {});
    }

    /** Appends so many entries, each with its LSN and so much more, and waits for all. */
    private static void append(final LogSession session, final int count, final String filling) {
        for (int i = 0; i < count; i++) {
            final byte[] entry =
                    (session.log().lastLsn() + 1 + filling).getBytes(StandardCharsets.US_ASCII);
            session.log().append(new UnsafeBuffer(entry), 0, entry.length);
        }
        session.log().flush();
    }

    private static long lastLsn(final String log) {
        try (LogInspector inspector = StoreAddress.parse(log).inspector()) {
            return inspector.info().lastLsn();
        } catch (final LogNotFoundException e) {
            return 0;
        }
    }
}
