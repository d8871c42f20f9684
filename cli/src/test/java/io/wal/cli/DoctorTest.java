package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.cli.doctor.MadeUp;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class DoctorTest {
    @TempDir private Path directory;

    private final Cli cli = new Cli();

    @Test
    void examinesAPlainDirectoryAndLeavesItAsItWas() throws IOException {
        final Path file = Files.writeString(directory.resolve("file"), "x");

        final Cli.Result doctor = cli.run("doctor", "--seconds", "0.3", directory.toString());

        assertThat(doctor.exitCode()).as(doctor.talk()).isZero();
        assertThat(doctor.talk()).isEmpty();
        assertThat(doctor.text())
                .startsWith("  " + directory + "\n")
                .containsPattern("\nCHECKS\n  \\S+ +file system")
                .containsPattern("\n +256 B +[\\d.]+ +[\\d.-]+ +[\\d.]+ ")
                .containsPattern("\n +1 MiB +[\\d.]+ +[\\d.-]+ +[\\d.]+ ")
                .containsPattern("\n +16 KiB +[\\d.]+ +[\\d.]+ +[\\d.-]+\n")
                .containsPattern("\nRECOMMENDED\n  MmapStoreContext\n  [ *] writeMode +\\w+ ")
                .containsPattern("\n  WalContext\n    maxBatchLength +unlimited ");
        assertThat(doctor.text().lines())
                .as("lines fit, all but those to be copied")
                .allMatch(line -> line.length() <= 100 || line.startsWith("  new "));
        assertThat(list(directory)).containsExactly(file);
    }

    @Test
    void examinesBesideALogAndDoesNotTouchIt() throws IOException {
        final Path log = directory.resolve("log");
        cli.feed("a\n", "append", log.toString());
        final List<Path> before = list(log);

        final Cli.Result doctor = cli.run("doctor", "--seconds", "0.2", "--json", log.toString());

        assertThat(doctor.exitCode()).as(doctor.talk()).isZero();
        assertThat(list(directory)).containsExactly(log);
        assertThat(list(log)).isEqualTo(before);
        assertThat(cli.run("dump", log.toString()).text()).isEqualTo("1\tDATA\ta\n");
    }

    /** Whoever reads it relies on names and types: only additions may change this file. */
    @Test
    void jsonHasAStableSchema() throws IOException {
        final String golden;
        try (InputStream in = getClass().getResourceAsStream("doctor.json")) {
            golden = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }

        assertThat(withoutWords(DoctorJson.of("/data", 20, new MadeUp().diagnosis())))
                .isEqualTo(golden.replace("\n", ""));
        final Cli.Result doctor =
                cli.run("doctor", "--seconds", "0.2", "--json", directory.toString());
        assertThat(names(doctor.text()))
                .as("a real examination has the same names; the device may be unknown")
                .isSubsetOf(names(golden))
                .containsAll(names(golden.replaceAll("\"device\":\\{[^}]*}", "\"device\":null")));
    }

    @Test
    void interruptedExaminationLeavesNothing() throws Exception {
        for (int i = 0; i < 3; i++) {
            final Path place = Files.createDirectory(directory.resolve("place" + i));
            final Process process =
                    ChildJvm.start(
                            directory.resolve("talk").toFile(),
                            "doctor",
                            "--seconds",
                            "60",
                            place.toString());
            try {
                awaitFiles(place, 1 + 2 * i); // early: while the files are made

                process.toHandle().destroy();

                assertThat(process.waitFor()).isEqualTo(143);
                assertThat(list(place)).isEmpty();
            } finally {
                process.destroyForcibly();
            }
        }
    }

    @Test
    void refusesWhatItCannotExamine() throws IOException {
        final String file = Files.writeString(directory.resolve("file"), "x").toString();

        assertThat(cli.run("doctor").exitCode()).isEqualTo(2);
        assertThat(cli.run("doctor", "--seconds", "0", directory.toString()).exitCode())
                .isEqualTo(2);
        assertThat(cli.run("doctor", "--seconds", "1", "--quick", directory.toString()).exitCode())
                .isEqualTo(2);
        assertThat(cli.run("doctor", "etcd://localhost:1/log").exitCode()).isEqualTo(2);
        final Cli.Result inFile = cli.run("doctor", "--quick", file);
        assertThat(inFile.exitCode()).isEqualTo(5);
        assertThat(inFile.talk())
                .isEqualTo("wal: cannot measure in " + file + ": not a directory\n");
        assertThat(cli.run("doctor", "--quick", directory + "/none/none").exitCode()).isEqualTo(5);
        assertThat(list(directory)).hasSize(1);
    }

    @Test
    void barShowsHowFarItIs() {
        assertThat(StepProgress.line("measuring", 0.5))
                .isEqualTo("doctor  [############............]  measuring");
        assertThat(StepProgress.line("measuring", 7))
                .isEqualTo("doctor  [########################]  measuring");
    }

    private static void awaitFiles(final Path place, final int count) throws IOException {
        final long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (filesIn(place) < count) {
            assertThat(System.nanoTime() - deadlineNs).as("waiting for files").isNegative();
            Thread.onSpinWait();
        }
    }

    private static long filesIn(final Path place) throws IOException {
        long count = 0;
        for (final Path scratch : list(place)) {
            count += list(scratch).size();
        }
        return count;
    }

    /** Words, and what is recommended, are free to change. */
    private static String withoutWords(final String json) {
        return json.replaceAll("\"(text|reason|value)\":\"[^\"]*\"", "\"$1\":\"\"")
                .replaceAll("\"isDefault\":(true|false)", "\"isDefault\":true");
    }

    private static Set<String> names(final String json) {
        final Set<String> names = new TreeSet<>();
        Pattern.compile("\"(\\w+)\":").matcher(json).results().forEach(m -> names.add(m.group(1)));
        return names;
    }

    private static List<Path> list(final Path place) throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.sorted().toList();
        }
    }
}
