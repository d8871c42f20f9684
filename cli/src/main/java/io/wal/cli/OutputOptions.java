package io.wal.cli;

import picocli.CommandLine.Option;

/** How entries are printed. */
final class OutputOptions {
    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = {
                "How entries are printed (${COMPLETION-CANDIDATES}):",
                "lines (default): LSN, tab, DATA or CHECKPOINT, tab, the bytes of the payload as they are, line feed;",
                "hex, base64: the same with the payload in text; take one of them when payloads may hold line feeds;",
                "framed: 8 bytes LSN, 1 byte kind (1 is DATA, 2 is CHECKPOINT), 4 bytes length, the bytes of the "
                        + "payload; numbers are big-endian."
            })
    private EntryFormat format;

    @Option(
            names = "--payload-only",
            description =
                    "Leave out LSN and kind. What is printed is then input for append in the same format.")
    private boolean payloadOnly;

    @Option(
            names = "--json",
            description =
                    "Print one JSON object per line: lsn, kind, length, and payload in Base64, or in "
                            + "hexadecimal digits with --format hex.")
    private boolean json;

    boolean isFramed() {
        return format == EntryFormat.FRAMED;
    }

    boolean isPayloadOnly() {
        return payloadOnly;
    }

    boolean isJson() {
        return json;
    }

    /**
     * How payloads are written.
     *
     * @throws UsageException when the options contradict each other.
     */
    EntryFormat format() {
        if (!json) {
            return format == null ? EntryFormat.LINES : format;
        }
        if (payloadOnly || format == EntryFormat.LINES || format == EntryFormat.FRAMED) {
            throw new UsageException(
                    "--json goes together with --format base64 or hex, not with --payload-only");
        }
        return format == null ? EntryFormat.BASE64 : format;
    }

    EntryPrinter printer(final OutputBuffer out) {
        return new EntryPrinter(out, format(), payloadOnly, json);
    }
}
