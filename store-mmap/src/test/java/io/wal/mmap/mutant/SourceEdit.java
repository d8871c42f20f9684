package io.wal.mmap.mutant;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A change to a source file of the production code.
 *
 * @param file below the package {@code io.wal}, in the core or in this store.
 * @param text that stands in the file exactly once, white space aside.
 * @param replacement for it.
 */
record SourceEdit(String file, String text, String replacement) {
    private static final List<Path> SOURCES =
            List.of(Path.of("src/main/java/io/wal"), Path.of("../core/src/main/java/io/wal"));

    /** Whether the sources are there, as they are in the build. */
    static boolean isPossible() {
        return SOURCES.stream().allMatch(Files::isDirectory);
    }

    /** The source as it is. */
    String original() throws IOException {
        for (final Path root : SOURCES) {
            if (Files.exists(root.resolve(file))) {
                return Files.readString(root.resolve(file));
            }
        }
        throw new AssertionError("there is no " + file + " any more");
    }

    /** The class that the source declares. */
    String className() {
        return "io.wal." + file.substring(0, file.length() - ".java".length()).replace('/', '.');
    }

    /** Changes a source; the text must be there, and only once. */
    String applyTo(final String source) {
        final String squeezed = squeeze(source);
        final String sought = squeeze(text);
        final int at = squeezed.indexOf(sought);
        if (at < 0 || squeezed.indexOf(sought, at + 1) >= 0) {
            throw new AssertionError(
                    file + (at < 0 ? " does not have" : " has more than once") + ": " + sought);
        }
        return squeezed.substring(0, at) + replacement + squeezed.substring(at + sought.length());
    }

    /** Formatting is nobody's concern here; line comments would end nowhere. */
    private static String squeeze(final String source) {
        return source.replaceAll("(?m)//.*$", "").replaceAll("\\s+", " ");
    }
}
