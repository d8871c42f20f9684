package io.wal.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.wal.inspect.CounterReport;
import io.wal.metrics.LogCounter;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class StatTest {
    private static final int VERSION_OFFSET = 8;
    private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");

    @TempDir private Path directory;

    private final Cli cli = new Cli();
    private final List<Process> processes = new ArrayList<>();
    private String log;

    @BeforeEach
    void nameTheLog() {
        log = directory.resolve("log").toString();
    }

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void readsTheCountersOfALiveWriter() throws Exception {
        final Process writer = writer();
        append(writer, 3);
        awaitStat("durable      LSN 3, 0 behind");

        final Cli.Result stat = cli.run("stat", log);

        assertThat(stat.exitCode()).as(stat.talk()).isZero();
        assertThat(stat.text())
                .contains("log          " + log + ", generation 1\n")
                .contains("writer       process " + writer.pid() + ", alive; opened ")
                .contains("state        open\n")
                .contains("last         LSN 3\n")
                .contains("entries      3 entries, ")
                .containsPattern(
                        "forces       [1-9]\\d*, \\d\\.\\d entries each; \\d+ us in the mean")
                .contains("checkpoints  0 finalized\n")
                .contains("full queue   met by 0 appends\n");
        append(writer, 2);
        awaitStat("durable      LSN 5, 0 behind");
    }

    @Test
    void watchesALiveWriter() throws Exception {
        final Process writer = writer();
        append(writer, 3);
        awaitStat("durable      LSN 3, 0 behind");

        final Process watcher = start("stat", "--interval", "100ms", "--count", "100000", log);
        try (BufferedReader lines = reader(watcher)) {
            assertThat(lines.readLine()).startsWith("    time   entries/s");
            assertThat(lines.readLine()).containsPattern(" 3 +0 +\\d+  open$");
            append(writer, 4);
            boolean counted = false;
            String line = "";
            while (!line.matches(".* 7 +0 +\\d+  open")) {
                line = lines.readLine();
                counted |= !line.matches("\\S+ +0 .*");
            }
            assertThat(counted).as("entries per second").isTrue();
            writer.getOutputStream().close();
            assertThat(writer.waitFor()).isZero();
            while (!line.endsWith("  closed")) {
                line = lines.readLine();
            }
        }
        assertThat(cli.run("dump", log).text()).hasLineCount(7);
    }

    @Test
    void printsSoManyLinesOfJson() throws Exception {
        append(writer(), 3);
        awaitStat("durable      LSN 3, 0 behind");

        final Cli.Result stat =
                cli.run("stat", "--interval", "100ms", "--count", "2", "--json", log);

        assertThat(stat.exitCode()).as(stat.talk()).isZero();
        assertThat(stat.text().split("\n"))
                .hasSize(2)
                .allSatisfy(
                        line ->
                                assertThat(line)
                                        .startsWith("{\"location\":\"" + log + "\",\"readAt\":\"")
                                        .contains("\"durableLsn\":3", "\"writer\":\"RUNNING\"")
                                        .contains("\"rates\":{\"seconds\":0."));
    }

    @Test
    void killedWriterIsGone() throws Exception {
        final Process writer = writer();
        append(writer, 3);
        awaitStat("durable      LSN 3, 0 behind");

        writer.destroyForcibly().waitFor();

        assertThat(cli.run("stat", log).text())
                .contains("process " + writer.pid() + ", gone without closing the log; opened ")
                .contains("state        gone\n");
    }

    @Test
    void closedLogStillTells() {
        cli.feed("a\nb\n", "append", log);

        final Cli.Result stat = cli.run("stat", log);

        assertThat(stat.exitCode()).isZero();
        assertThat(stat.text())
                .contains("process " + ProcessHandle.current().pid() + ", which closed the log")
                .contains("state        closed\n")
                .contains("durable      LSN 2, 0 behind\n")
                .contains("stalls       ");
    }

    @Test
    void logWithoutCountersIsToldApartFromNoLog() throws IOException {
        cli.feed("a\n", "append", log);
        Files.delete(countersFile());

        final Cli.Result without = cli.run("stat", log);
        final Cli.Result none = cli.run("stat", directory.resolve("none").toString());

        assertThat(without.exitCode()).isEqualTo(1);
        assertThat(without.talk())
                .startsWith("wal: " + log + " keeps no counters: ")
                .hasLineCount(1);
        assertThat(none.exitCode()).isEqualTo(5);
        assertThat(none.talk()).contains("no log at");
        assertThat(directory.resolve("none")).doesNotExist();
    }

    @Test
    void newerCountersFileIsRefused() throws IOException {
        cli.feed("a\n", "append", log);
        try (FileChannel channel = FileChannel.open(countersFile(), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[] {9, 0, 0, 0}), VERSION_OFFSET);
        }

        final Cli.Result stat = cli.run("stat", log);

        assertThat(stat.exitCode()).isEqualTo(1);
        assertThat(stat.talk()).contains(countersFile().toString(), "9").hasLineCount(1);
        assertThat(stat.output()).isEmpty();
    }

    @Test
    void changesNothing() throws IOException {
        cli.feed("a\n", "append", log);
        final byte[] before = Files.readAllBytes(countersFile());

        cli.run("stat", log);

        assertThat(Files.readAllBytes(countersFile())).isEqualTo(before);
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThat(cli.run("stat", "--count", "0", log).exitCode()).isEqualTo(2);
        assertThat(cli.run("stat", "--interval", "1", log).exitCode()).isEqualTo(2);
        assertThat(cli.run("stat", "--interval", "1ms", log).exitCode()).isEqualTo(2);
        assertThat(cli.run("stat", "--interval", "25h", log).exitCode()).isEqualTo(2);
    }

    @Test
    void ratesAreTakenBetweenPublications() {
        final StatSample before = sample(1, NOON, 0, Map.of(LogCounter.ENTRIES, 1_000L));
        final StatSample now =
                sample(
                        1,
                        NOON.plusMillis(2_000),
                        1_700_000_000L, // looked a little late, then a little early
                        Map.of(
                                LogCounter.ENTRIES, 5_000L,
                                LogCounter.BYTES, 80_000L,
                                LogCounter.FORCES, 40L,
                                LogCounter.FORCE_TIME_NS, 4_000_000L));

        final StatRates rates = StatRates.between(before, now);

        assertThat(rates).isEqualTo(new StatRates(2, 2_000, 40_000, 20, 100, 100));
    }

    @Test
    void ratesOfAnIdleLogAreZero() {
        final StatSample before = sample(1, NOON, 0, Map.of(LogCounter.ENTRIES, 1_000L));
        final StatSample now = new StatSample(before.report(), 1_000_000_000L, NOON.plusSeconds(1));

        assertThat(StatRates.between(before, now))
                .isEqualTo(new StatRates(1, 0, 0, 0, Double.NaN, Double.NaN));
    }

    @Test
    void ratesOfALogOpenedAgainCountFromZero() {
        final StatSample before = sample(1, NOON, 0, Map.of(LogCounter.ENTRIES, 1_000L));
        final StatSample now =
                sample(2, NOON.plusSeconds(1), 1_000_000_000L, Map.of(LogCounter.ENTRIES, 30L));

        assertThat(StatRates.between(before, now).entries()).isEqualTo(30);
    }

    @Test
    void namesTheLastStallAndItsEntries() {
        final StatSample sample =
                sample(
                        1,
                        NOON,
                        0,
                        Map.of(
                                LogCounter.STALLS, 2L,
                                LogCounter.LAST_STALL_CAUSE, 1L,
                                LogCounter.LAST_STALL_NS, 412_000_000L,
                                LogCounter.LAST_STALL_FIRST_LSN, 17L,
                                LogCounter.LAST_STALL_LAST_LSN, 42L,
                                LogCounter.LAST_STALL_MS, NOON.minusSeconds(7).toEpochMilli()));

        assertThat(StatPrinter.text(sample))
                .contains("stalls       2; the last: force 412 ms covered LSN 17..42, 7 s ago\n");
        assertThat(StatPrinter.json(sample, null))
                .contains(
                        "\"lastStall\":{\"cause\":\"FORCE\",\"durationNs\":412000000,\"firstLsn\":17,"
                                + "\"lastLsn\":42,\"endedAt\":\"2026-01-02T11:59:53Z\"}");
    }

    /** Programs rely on the names; a new counter comes with a new name, and none changes. */
    @Test
    void namesInJsonAreThese() {
        final StatSample sample =
                sample(1, NOON, 0, Map.of(LogCounter.STALLS, 1L, LogCounter.LAST_STALL_CAUSE, 1L));
        final String json = StatPrinter.json(sample, StatRates.between(sample, sample));

        assertThat(
                        Pattern.compile("\"(\\w+)\":")
                                .matcher(json)
                                .results()
                                .map(MatchResult::group)
                                .map(name -> name.replaceAll("\\W", "")))
                .containsExactly(
                        "location",
                        "readAt",
                        "generation",
                        "processId",
                        "writer",
                        "openedAt",
                        "changedAt",
                        "durableLag",
                        "counters",
                        "lastLsn",
                        "writtenLsn",
                        "durableLsn",
                        "entries",
                        "bytes",
                        "batches",
                        "forces",
                        "forceTimeNs",
                        "longestForceNs",
                        "forcingSinceMs",
                        "rolls",
                        "segments",
                        "checkpoints",
                        "backPressure",
                        "stalls",
                        "stalled",
                        "failed",
                        "closed",
                        "lastStallMs",
                        "lastStallNs",
                        "lastStallCause",
                        "lastStallFirstLsn",
                        "lastStallLastLsn",
                        "lastStall",
                        "cause",
                        "durationNs",
                        "firstLsn",
                        "lastLsn",
                        "endedAt",
                        "rates",
                        "seconds",
                        "entriesPerSecond",
                        "bytesPerSecond",
                        "forcesPerSecond",
                        "entriesPerForce",
                        "meanForceUs");
        assertThat(json).contains("\"entries\":null"); // an older writer does not know it
    }

    private static StatSample sample(
            final long generation,
            final Instant changedAt,
            final long readNs,
            final Map<LogCounter, Long> values) {
        return new StatSample(
                new CounterReport(
                        "log",
                        generation,
                        1,
                        NOON.minusSeconds(60),
                        changedAt,
                        CounterReport.Writer.RUNNING,
                        new EnumMap<>(values)),
                readNs,
                changedAt);
    }

    private Path countersFile() {
        return directory.resolve("log").resolve("counters.wal");
    }

    /** A process that appends what it is fed. */
    private Process writer() throws IOException {
        return start("append", "--acks", log);
    }

    private Process start(final String... args) throws IOException {
        final Process process = ChildJvm.start(directory.resolve("talk").toFile(), args);
        processes.add(process);
        return process;
    }

    private static void append(final Process writer, final int entryCount) throws IOException {
        final OutputStream in = writer.getOutputStream();
        in.write("entry\n".repeat(entryCount).getBytes(US_ASCII));
        in.flush();
    }

    private static BufferedReader reader(final Process process) {
        return new BufferedReader(new InputStreamReader(process.getInputStream(), US_ASCII));
    }

    private void awaitStat(final String text) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        Cli.Result stat = cli.run("stat", log);
        while (!stat.text().contains(text)) {
            assertThat(System.nanoTime() - deadlineNs)
                    .as("waiting for %s in %s%s", text, stat.text(), stat.talk())
                    .isNegative();
            Thread.onSpinWait();
            stat = cli.run("stat", log);
        }
    }
}
