package io.wal.jmh.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The part of a Markdown document that is generated: what stands between two marks. */
public final class DocumentBlock {
    /** The line before the part. */
    public static final String BEGIN = "<!-- results: written by jmh/compare --doc -->";

    /** The line after the part. */
    public static final String END = "<!-- end of results -->";

    private DocumentBlock() {}

    /**
     * Replaces the part.
     *
     * @param document that holds the two marks.
     * @param text to stand between them.
     * @throws IOException when it cannot be read or written, or has no such marks.
     */
    public static void replace(final Path document, final String text) throws IOException {
        final String old = Files.readString(document);
        final int begin = old.indexOf(BEGIN);
        final int end = old.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IOException(document + " has no marks " + BEGIN + " and " + END);
        }
        Files.writeString(
                document,
                old.substring(0, begin + BEGIN.length())
                        + "\n\n"
                        + text.strip()
                        + "\n\n"
                        + old.substring(end));
    }
}
