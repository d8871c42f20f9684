package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.etcd.EtcdCluster;
import io.wal.etcd.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What bench and demo leave behind in etcd, whichever way they end: nothing. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class EtcdScratchTest {
    @RegisterExtension static final EtcdCluster CLUSTER = EtcdCluster.ofMembers(1);

    @TempDir private Path directory;

    private final Cli cli = new Cli();
    private final String log = "etcd://" + CLUSTER.endpoints()[0] + "/log";
    private final EtcdKeys keys = new EtcdKeys(CLUSTER.member());
    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void endProcesses() {
        processes.forEach(Process::destroyForcibly);
    }

    @Test
    void demoEndsWithAVerdictAndLeavesNothing() throws IOException {
        final Path text = Files.writeString(directory.resolve("text"), "to be\nor not to be\n");

        final Cli.Result demo =
                cli.run("demo", "--store", log, "--kills", "1", "--in", text.toString());

        assertThat(demo.exitCode()).as(demo.text() + demo.talk()).isZero();
        assertThat(demo.text())
                .startsWith("1. A log in " + log.replace("/log", "/wal-demo-"))
                .containsPattern("one transaction for all that wait: 200000 entries")
                .containsPattern(
                        "It was killed with SIGKILL when it had acknowledged LSN 200211 to \\d+")
                .containsPattern("\\d+ entries were compared with what was appended: no difference")
                .contains("verdict      sound")
                .contains("VERDICT: nothing was lost.")
                .doesNotContain(" force");
        assertNothingIsLeft();
    }

    @Test
    void interruptedDemoLeavesNothing() throws Exception {
        final Process demo = start("demo", "--store", log, "--kills", "1000");
        awaitLog("wal-demo-");
        Waiting.until("a victim works", () -> demo.descendants().count() > 0);

        demo.toHandle().destroy();

        assertThat(demo.waitFor()).isEqualTo(143);
        assertNothingIsLeft();
        assertNothingIsSaid();
    }

    @Test
    void interruptedBenchLeavesNothing() throws Exception {
        final Process bench = start("bench", "--seconds", "60", "--producers", "2", log);
        awaitLog("wal-bench-");

        bench.toHandle().destroy();

        assertThat(bench.waitFor()).isEqualTo(143);
        assertNothingIsLeft();
        assertNothingIsSaid();
    }

    private Process start(final String... args) throws IOException {
        final Process process = ChildJvm.start(directory.resolve("talk").toFile(), args);
        processes.add(process);
        return process;
    }

    private void awaitLog(final String name) {
        Waiting.until("there is a log", () -> keys.count("wal/n/" + name) > 0);
    }

    /** Lines of the JVM itself aside. */
    private void assertNothingIsSaid() throws IOException {
        assertThat(Files.readString(directory.resolve("talk"))).doesNotContain("wal: ", "\tat ");
    }

    private void assertNothingIsLeft() {
        assertThat(keys.count("wal/")).isZero();
    }
}
