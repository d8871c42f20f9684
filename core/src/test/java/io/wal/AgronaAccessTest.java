package io.wal;

import static org.assertj.core.api.Assertions.assertThat;

import com.lmax.disruptor.RingBuffer;
import io.wal.child.OpenLog;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.MutableDirectBuffer;
import org.junit.jupiter.api.Test;

class AgronaAccessTest {
    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    private static String placeOf(final Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
    }

    private static String libraries() throws URISyntaxException {
        return String.join(
                File.pathSeparator,
                placeOf(WriteAheadLog.class),
                placeOf(RingBuffer.class),
                placeOf(MutableDirectBuffer.class));
    }

    private static String outputOf(final List<String> arguments)
            throws IOException, InterruptedException {
        final List<String> command = new ArrayList<>(List.of(JAVA, "-Xshare:auto"));
        command.addAll(arguments);
        final Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream output = child.getInputStream()) {
            final String text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
            return text;
        }
    }

    @Test
    void checkPassesHere() {
        AgronaAccess.check();
    }

    @Test
    void withoutTheFlagOpeningNamesItForTheClassPath() throws Exception {
        final String classPath = libraries() + File.pathSeparator + placeOf(OpenLog.class);

        assertThat(outputOf(List.of("-cp", classPath, OpenLog.class.getName())).trim())
                .isEqualTo(
                        "IllegalStateException: the JVM must be started with this option, which Agrona"
                                + " needs: --add-exports java.base/jdk.internal.misc=ALL-UNNAMED");
        assertThat(
                        outputOf(
                                List.of(
                                        "--add-exports",
                                        "java.base/jdk.internal.misc=ALL-UNNAMED",
                                        "-cp",
                                        classPath,
                                        OpenLog.class.getName())))
                .contains("appended 1");
    }

    @Test
    void withoutTheFlagOpeningNamesItForTheModulePath() throws Exception {
        final List<String> modules =
                List.of(
                        "-p",
                        libraries(),
                        "--add-modules",
                        "io.wal.core",
                        "-cp",
                        placeOf(OpenLog.class),
                        OpenLog.class.getName());

        assertThat(outputOf(modules).trim())
                .isEqualTo(
                        "IllegalStateException: the JVM must be started with this option, which Agrona"
                                + " needs: --add-exports java.base/jdk.internal.misc=org.agrona");
        final List<String> flagged =
                new ArrayList<>(List.of("--add-exports", "java.base/jdk.internal.misc=org.agrona"));
        flagged.addAll(modules);
        assertThat(outputOf(flagged)).contains("appended 1");
    }
}
