package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What only a process of its own can show: signals, pipes that close, death. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class ProcessTest {
    @TempDir private Path directory;

    private final Cli cli = new Cli();
    private final List<Process> processes = new ArrayList<>();
    private String log;
    private Path talk;

    @BeforeEach
    void nameTheFiles() {
        log = directory.resolve("log").toString();
        talk = directory.resolve("talk");
    }

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void missingJvmOptionIsToldInOneLine() throws Exception {
        final Process process = started(ChildJvm.start(talk.toFile(), List.of(), "append", log));

        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(lastLines(1))
                .containsExactly(
                        "wal: the JVM must be started with this option, which Agrona needs: "
                                + "--add-exports java.base/jdk.internal.misc=ALL-UNNAMED");
        assertThat(Path.of(log)).doesNotExist();
    }

    @Test
    void terminationKeepsAndAcknowledgesWhatWasRead() throws Exception {
        final Process process = append("--acks");
        final OutputStream in = process.getOutputStream();
        final BufferedReader acks = reader(process);
        in.write("a\nb\nc\n".getBytes(StandardCharsets.US_ASCII));
        in.flush();
        assertThat(List.of(acks.readLine(), acks.readLine(), acks.readLine()))
                .containsExactly("1", "2", "3");

        process.toHandle().destroy(); // SIGTERM, and the streams stay open

        assertThat(process.waitFor()).isEqualTo(143);
        assertThat(acks.readLine()).isNull();
        assertThat(lastLines(1).get(0)).startsWith("appended 3 entries");
        assertThat(cli.run("verify", log).text()).contains("verdict      sound, and closed");
        assertThat(cli.run("recover", log).text())
                .isEqualTo("1\tDATA\ta\n2\tDATA\tb\n3\tDATA\tc\n");
    }

    @Test
    void terminatedCheckpointDoesNotCount() throws Exception {
        cli.feed("a\n", "append", log);
        final Process process = started(ChildJvm.start(talk.toFile(), "checkpoint", log));
        process.getOutputStream().write("state\n".getBytes(StandardCharsets.US_ASCII));
        process.getOutputStream().flush();
        awaitDump("CHECKPOINT\tstate");

        process.toHandle().destroy();

        assertThat(process.waitFor()).isEqualTo(143);
        assertThat(lastLines(1).get(0)).startsWith("discarded a checkpoint of 1 entry");
        assertThat(cli.run("recover", log).text()).isEqualTo("1\tDATA\ta\n");
    }

    @Test
    void closedPipeLosesNothingThatWasRead() throws Exception {
        final Process process = append("--acks");
        final BufferedReader acks = reader(process);
        final Thread feeder = new Thread(() -> feed(process, 1, new Random(1)));
        feeder.start();
        assertThat(acks.readLine()).isEqualTo("1");

        process.getInputStream().close();

        assertThat(process.waitFor()).isEqualTo(1);
        feeder.join();
        final List<String> told = lastLines(2);
        assertThat(told.get(0))
                .startsWith("wal: standard output was closed; no more input was read");
        assertThat(told.get(1)).matches("appended (\\d+) entries, LSN 1 to \\1, .*");
        assertThat(cli.run("verify", log).text())
                .contains("entries      LSN 1 to " + told.get(1).split(" ")[1] + ";")
                .contains("verdict      sound, and closed");
    }

    @Test
    void dumpIntoAClosedPipeIsSilent() throws Exception {
        final StringBuilder input = new StringBuilder();
        for (int i = 0; i < 50_000; i++) {
            input.append("entry ").append(i).append('\n');
        }
        cli.feed(input.toString(), "append", log);

        final Process process = started(ChildJvm.start(talk.toFile(), "dump", log));
        assertThat(reader(process).readLine()).isEqualTo("1\tDATA\tentry 0");
        process.getInputStream().close();

        assertThat(process.waitFor()).isEqualTo(1);
        assertThat(lastLines(1))
                .noneMatch(line -> line.startsWith("wal: ") || line.contains("\tat "));
    }

    @Test
    void killedWriterLosesNothingItAcknowledged() throws Exception {
        killAgainAndAgain(2);
    }

    @Test
    @Tag("long")
    void killedWriterLosesNothingItAcknowledgedHoweverOften() throws Exception {
        killAgainAndAgain(40);
    }

    @Test
    @Tag("long")
    void largeEntriesNeedLittleMemory() throws Exception {
        final Process process =
                started(
                        ChildJvm.start(
                                talk.toFile(),
                                List.of("-Xmx256m", ChildJvm.EXPORTS),
                                "append",
                                "--format",
                                "hex",
                                log));
        final byte[] line = "5a".repeat(16 << 20).concat("\n").getBytes(StandardCharsets.US_ASCII);
        try (OutputStream in = process.getOutputStream()) {
            for (int i = 0; i < 24; i++) {
                in.write(line);
            }
        }

        assertThat(process.waitFor()).as(Files.readString(talk)).isZero();
        assertThat(lastLines(1).get(0))
                .startsWith("appended 24 entries, LSN 1 to 24, " + (24L << 24) + " bytes");
    }

    private void killAgainAndAgain(final int times) throws Exception {
        final long seed = Long.getLong("wal.test.seed", System.nanoTime());
        final Random random = new Random(seed);
        long lastLsn = 0;
        for (int i = 0; i < times; i++) {
            final String durability = random.nextBoolean() ? "forced" : "written";
            final long acknowledgedLsn =
                    appendAndKill(lastLsn + 1, 1 + random.nextInt(30_000), durability, random);

            final Cli.Result recover = cli.run("recover", log);
            final String[] lines = recover.text().split("\n");

            assertThat(recover.exitCode())
                    .as("seed %d, kill %d: %s", seed, i, recover.talk())
                    .isZero();
            assertThat((long) lines.length)
                    .as("seed %d, kill %d", seed, i)
                    .isGreaterThanOrEqualTo(acknowledgedLsn);
            for (int j = 0; j < lines.length; j++) {
                assertThat(lines[j])
                        .as("seed %d, kill %d", seed, i)
                        .isEqualTo((j + 1) + "\tDATA\t" + entry(j + 1));
            }
            assertThat(cli.run("verify", log).exitCode()).as("seed %d, kill %d", seed, i).isZero();
            lastLsn = lines.length;
        }
    }

    private long appendAndKill(
            final long firstLsn,
            final int acknowledgements,
            final String durability,
            final Random random)
            throws Exception {
        final Process process =
                append("--acks", "--durability", durability, "--segment-length", "256k");
        final Thread feeder =
                new Thread(() -> feed(process, firstLsn, new Random(random.nextLong())));
        feeder.start();
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final byte[] buffer = new byte[1 << 12];
        int lineCount = 0;
        for (int count; (count = process.getInputStream().read(buffer)) >= 0; ) {
            out.write(buffer, 0, count);
            for (int i = 0; i < count; i++) {
                lineCount += buffer[i] == '\n' ? 1 : 0;
            }
            if (lineCount >= acknowledgements) {
                process.toHandle().destroyForcibly(); // the streams stay open
            }
        }
        assertThat(process.waitFor()).as(Files.readString(talk)).isEqualTo(137);
        feeder.join();
        final String text = out.toString(StandardCharsets.US_ASCII);
        final String[] whole = text.substring(0, text.lastIndexOf('\n') + 1).split("\n");
        for (int i = 0; i < whole.length; i++) {
            assertThat(whole[i]).isEqualTo(Long.toString(firstLsn + i));
        }
        return firstLsn + whole.length - 1;
    }

    private Process append(final String... options) throws IOException {
        final List<String> args = new ArrayList<>(List.of("append"));
        args.addAll(List.of(options));
        args.add(log);
        return started(ChildJvm.start(talk.toFile(), args.toArray(String[]::new)));
    }

    private Process started(final Process process) {
        processes.add(process);
        return process;
    }

    private static void feed(final Process process, final long firstLsn, final Random random) {
        try (OutputStream in =
                new BufferedOutputStream(process.getOutputStream(), 1 + random.nextInt(1 << 14))) {
            for (long lsn = firstLsn; process.isAlive(); lsn++) {
                in.write((entry(lsn) + "\n").getBytes(StandardCharsets.US_ASCII));
            }
        } catch (final IOException e) {
            // it has ended
        }
    }

    private static String entry(final long lsn) {
        return "entry " + lsn + " " + "x".repeat((int) (lsn * 7 % 90));
    }

    private void awaitDump(final String text) {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!cli.run("dump", log).text().contains(text)) {
            assertThat(System.nanoTime()).as("waiting for " + text).isLessThan(deadlineNs);
            Thread.onSpinWait();
        }
    }

    private static BufferedReader reader(final Process process) {
        return new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII));
    }

    /** Lines that the JVM itself may have written come before. */
    private List<String> lastLines(final int count) throws IOException {
        final List<String> lines = Files.readAllLines(talk);
        return lines.subList(Math.max(0, lines.size() - count), lines.size());
    }
}
