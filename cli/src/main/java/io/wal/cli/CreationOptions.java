package io.wal.cli;

import picocli.CommandLine.Option;

/** How a log is created and written. */
final class CreationOptions {
    @Option(
            names = "--segment-length",
            paramLabel = "LENGTH",
            description =
                    "Length of new segments in bytes, also as 64k, 16m or 1g; the store has a default.")
    private String segmentLength;

    @Option(
            names = "--direct",
            description = {
                "Write past the page cache: less processor time, and everything is forced, whatever "
                        + "its durability. For Linux with ext4 or XFS."
            })
    private boolean direct;

    StoreSettings settings() {
        if (segmentLength == null) {
            return new StoreSettings(true, 0, direct, 1);
        }
        final long length = Quantity.parseBytes(segmentLength);
        if (length < 1 || length > Integer.MAX_VALUE) {
            throw new UsageException(
                    "--segment-length must be from 1 to "
                            + Integer.MAX_VALUE
                            + " bytes: "
                            + segmentLength);
        }
        return new StoreSettings(true, (int) length, direct, 1);
    }
}
