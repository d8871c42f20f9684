package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchAndDemoTest {
    @TempDir private Path directory;

    private final Cli cli = new Cli();

    @Test
    void benchMeasuresBesideTheLogAndLeavesNothing() throws IOException {
        final String log = directory.resolve("log").toString();
        cli.feed("a\n", "append", log);

        final Cli.Result table =
                cli.run(
                        "bench",
                        "--seconds",
                        "0.5",
                        "--producers",
                        "1,2",
                        "--payload",
                        "64",
                        "--durability",
                        "forced",
                        log);
        final Cli.Result json =
                cli.run(
                        "bench",
                        "--seconds",
                        "0.5",
                        "--producers",
                        "1",
                        "--payload",
                        "1k",
                        "--json",
                        log);

        assertThat(table.exitCode()).as(table.talk()).isZero();
        assertThat(table.text())
                .startsWith("measured in " + directory)
                .containsPattern("floor of the device .* p50 \\d+ us, p99 \\d+ us")
                .containsPattern("\n +1 +64 forced +\\d+")
                .containsPattern("\n +2 +64 forced +\\d+");
        assertThat(json.text())
                .startsWith("{\"location\":")
                .contains("\"payloadLength\":1024", "\"durability\":\"written\"", "\"floor\":{");
        assertThat(list(directory)).containsExactly(Path.of(log));
        assertThat(cli.run("dump", log).text()).isEqualTo("1\tDATA\ta\n");
    }

    @Test
    void benchInAPlainDirectoryLeavesItAsItWas() throws IOException {
        final Path file = Files.writeString(directory.resolve("file"), "x");

        final Cli.Result bench =
                cli.run(
                        "bench",
                        "--seconds",
                        "0.2",
                        "--producers",
                        "1",
                        "--payload",
                        "64",
                        "--durability",
                        "written",
                        directory.toString());

        assertThat(bench.exitCode()).as(bench.talk()).isZero();
        assertThat(bench.text()).startsWith("measured in " + directory + "/");
        assertThat(list(directory)).containsExactly(file);
    }

    @Test
    void benchRefusesWhatItCannotMeasure() {
        final String log = directory.resolve("log").toString();

        assertThat(cli.run("bench", "--seconds", "0", log).exitCode()).isEqualTo(2);
        assertThat(cli.run("bench", "--producers", "0", log).exitCode()).isEqualTo(2);
        assertThat(cli.run("bench", "--payload", "1g", log).exitCode()).isEqualTo(2);
        assertThat(cli.run("bench", "--payload", "x", log).exitCode()).isEqualTo(2);
    }

    @Test
    void demoEndsWithAVerdictAndLeavesNothing() throws IOException {
        final Path text = Files.writeString(directory.resolve("text"), "to be\n\nor not to be\n");

        final Cli.Result demo = cli.run("demo", "--kills", "1", "--in", text.toString());

        assertThat(demo.exitCode()).as(demo.text() + demo.talk()).isZero();
        assertThat(demo.text())
                .contains("(2 lines)")
                .containsPattern("one force for all that wait: 200000 entries")
                .containsPattern(
                        "It was killed with SIGKILL when it had acknowledged LSN 200211 to \\d+")
                .containsPattern("\\d+ entries were compared with what was appended: no difference")
                .contains("verdict      sound")
                .contains("VERDICT: nothing was lost.");
        assertThat(Path.of(demo.text().split(" ")[4])).as("the log that was shown").doesNotExist();
    }

    @Test
    void demoWithoutTextIsRefused() throws IOException {
        final Path empty = Files.writeString(directory.resolve("empty"), "\n\n");

        assertThat(cli.run("demo", "--in", empty.toString()).exitCode()).isEqualTo(2);
        assertThat(cli.run("demo", "--in", directory.resolve("none").toString()).exitCode())
                .isEqualTo(2);
        assertThat(cli.run("demo", "--etcd-root=x").talk())
                .isEqualTo("wal: --etcd-root is of use with --store only\n");
    }

    private static List<Path> list(final Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.toList();
        }
    }
}
