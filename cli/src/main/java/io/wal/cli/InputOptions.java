package io.wal.cli;

import java.io.File;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.InputStream;
import picocli.CommandLine.Option;

/** Where entries come from, and how they look there. */
final class InputOptions {
    private static final String STANDARD_INPUT = "-";

    @Option(
            names = "--in",
            paramLabel = "FILE",
            description = "Read from a file; '-' and the default are standard input.")
    private String file = STANDARD_INPUT;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            defaultValue = "lines",
            description = {
                "How entries look in the input (${COMPLETION-CANDIDATES}):",
                "lines (default): the bytes before each line feed, a carriage return among them; an empty line is "
                        + "an empty entry;",
                "hex, base64: one entry per line, in text;",
                "framed: a length of 4 bytes, big-endian, then so many bytes."
            })
    private EntryFormat format;

    /** Opens the input. Done before a log is touched: a wrong name leaves no trace. */
    InputStream open(final Console console) {
        if (isStandardInput()) {
            if (console.isInTerminal()) {
                console.say("reading from the terminal; Ctrl-D ends the input");
            }
            return console.in();
        }
        try {
            return new FileInputStream(file);
        } catch (final FileNotFoundException e) {
            throw new UsageException("cannot read the input file " + e.getMessage(), e);
        }
    }

    EntryReader reader(final InputStream in, final int maxPayloadLength) {
        return EntryReader.of(
                format, in, isStandardInput() ? "standard input" : file, maxPayloadLength);
    }

    /** Bytes of input; 0 when that is not known. */
    long length() {
        return isStandardInput() ? 0 : new File(file).length();
    }

    private boolean isStandardInput() {
        return file.equals(STANDARD_INPUT);
    }
}
