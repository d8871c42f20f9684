package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The fault table of the documentation names tests that exist, and leaves no row without one. */
class FaultTableTest {
    private static final Path ROOT = Path.of("..");
    private static final List<String> MODULES = List.of("core", "store-mmap", "cli");
    private static final int LAST_ROW = 59;
    private static final Pattern ROW = Pattern.compile("^\\| (\\d+) \\|.*$", Pattern.MULTILINE);
    private static final Pattern TEST = Pattern.compile("@(Parameterized)?Test\\b");
    private static final Pattern PROOF =
            Pattern.compile("`([A-Z]\\w*(?:Test|Contract))\\.([a-z]\\w*)`");

    @Test
    void everyRowNamesATestThatExists() throws IOException {
        final String table = Files.readString(ROOT.resolve("docs/FAULTS.md"));
        final Map<String, String> sources = testSources();
        final Set<String> missing = new TreeSet<>();
        final Matcher proofs = PROOF.matcher(table);
        while (proofs.find()) {
            if (!isTest(sources.getOrDefault(proofs.group(1), ""), proofs.group(2))) {
                missing.add(proofs.group());
            }
        }

        assertThat(missing).as("named, but there is no such test").isEmpty();
        assertThat(ROW.matcher(table).results().map(row -> Integer.valueOf(row.group(1))))
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, LAST_ROW).boxed().collect(Collectors.toList()));
        assertThat(ROW.matcher(table).results().map(row -> row.group()))
                .allSatisfy(row -> assertThat(row).containsPattern(PROOF));
    }

    /** A method with the name, and between it and the empty line above what makes it a test. */
    private static boolean isTest(final String source, final String method) {
        final int at = source.indexOf("void " + method + "(");
        return at >= 0 && TEST.matcher(source.substring(source.lastIndexOf("\n\n", at), at)).find();
    }

    private static Map<String, String> testSources() throws IOException {
        final Map<String, String> sources = new HashMap<>();
        for (final String module : MODULES) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/test/java"))) {
                for (final Path file : files.filter(Files::isRegularFile).toList()) {
                    final String name = file.getFileName().toString();
                    sources.put(name.replace(".java", ""), Files.readString(file));
                }
            }
        }
        return sources;
    }
}
