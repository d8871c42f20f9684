package io.wal.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickStartTest {
    private static final Path SOURCE = Path.of("src/test/java/io/wal/example/QuickStart.java");
    private static final Path README = Path.of("../README.md");

    @TempDir Path directory;

    @Test
    void readmeShowsTheExampleThatTheBuildCompiles() throws IOException {
        final List<String> lines = Files.readAllLines(SOURCE);
        final List<String> example =
                lines.subList(
                        indexOf(lines, "// README begin") + 1, indexOf(lines, "// README end"));
        final String shown =
                String.join(
                        "\n",
                        example.stream().map(line -> line.replaceFirst("^ {8}", "")).toList());

        assertThat(Files.readString(README)).contains("```java\n" + shown + "\n```");
    }

    @Test
    void exampleAppendsAndRecovers() {
        final PrintStream out = System.out;
        final ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setOut(new PrintStream(captured, true, StandardCharsets.UTF_8));
        try {
            QuickStart.run(directory.resolve("orders"));
            QuickStart.run(directory.resolve("orders"));
        } finally {
            System.setOut(out);
        }

        assertThat(captured.toString(StandardCharsets.UTF_8))
                .isEqualToNormalizingNewlines("2 buy 100 ACME\n");
    }

    private static int indexOf(final List<String> lines, final String marker) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().equals(marker)) {
                return i;
            }
        }
        throw new AssertionError("no line " + marker);
    }
}
