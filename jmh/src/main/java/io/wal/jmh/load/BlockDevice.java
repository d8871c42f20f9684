package io.wal.jmh.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the block device under a directory has done, as the kernel counts it. The counts are of the
 * whole device: whoever else writes to it is in them.
 */
public final class BlockDevice {
    private static final int SECTOR_LENGTH = 512;
    private static final int WRITES_FIELD = 4;
    private static final int SECTORS_WRITTEN_FIELD = 6;
    private static final int FLUSHES_FIELD = 15;

    private final Path statistics;
    private final String name;

    /**
     * Counts since the machine was started.
     *
     * @param writes requests that wrote.
     * @param bytes written.
     * @param flushes of the device's cache.
     */
    public record Counts(long writes, long bytes, long flushes) {
        /** Where the kernel does not tell. */
        static final Counts UNKNOWN = new Counts(-1, -1, -1);

        Counts since(final Counts before) {
            return equals(UNKNOWN) || before.equals(UNKNOWN)
                    ? UNKNOWN
                    : new Counts(
                            writes - before.writes, bytes - before.bytes, flushes - before.flushes);
        }
    }

    private BlockDevice(final Path statistics, final String name) {
        this.statistics = statistics;
        this.name = name;
    }

    /**
     * The device under a path.
     *
     * @param path an existing file or directory.
     * @return the device; one that knows nothing where there is none to be found.
     */
    public static BlockDevice under(final Path path) {
        try {
            final long number = ((Number) Files.getAttribute(path, "unix:dev")).longValue();
            final long major = number >>> 8 & 0xFFF | number >>> 32 & ~0xFFFL;
            final long minor = number & 0xFF | number >>> 12 & ~0xFFL;
            Path directory = Path.of("/sys/dev/block/" + major + ":" + minor).toRealPath();
            if (Files.exists(directory.resolve("partition"))) {
                directory = directory.getParent(); // flushes are counted for the whole disk only
            }
            return new BlockDevice(directory.resolve("stat"), directory.getFileName().toString());
        } catch (final IOException | UnsupportedOperationException | IllegalArgumentException e) {
            return new BlockDevice(null, "unknown");
        }
    }

    /**
     * The name of the device.
     *
     * @return as in {@code /sys/block}, or "unknown".
     */
    public String name() {
        return name;
    }

    /**
     * Whether the device keeps written data in a cache that must be flushed.
     *
     * @return "write back", "write through" or "unknown".
     */
    public String cache() {
        return queue("write_cache");
    }

    /**
     * A property of the device's queue.
     *
     * @param property name of the file.
     * @return its content, or "unknown".
     */
    public String queue(final String property) {
        if (statistics == null) {
            return "unknown";
        }
        try {
            return Files.readString(statistics.resolveSibling("queue").resolve(property)).strip();
        } catch (final IOException e) {
            return "unknown";
        }
    }

    /**
     * The counts now.
     *
     * @return counts, each -1 when not known.
     */
    public Counts counts() {
        if (statistics == null) {
            return Counts.UNKNOWN;
        }
        try {
            return parse(Files.readString(statistics));
        } catch (final IOException e) {
            return Counts.UNKNOWN;
        }
    }

    static Counts parse(final String text) {
        final List<String> fields = List.of(text.strip().split("\\s+"));
        if (fields.size() <= SECTORS_WRITTEN_FIELD) {
            return Counts.UNKNOWN;
        }
        return new Counts(
                Long.parseLong(fields.get(WRITES_FIELD)),
                Long.parseLong(fields.get(SECTORS_WRITTEN_FIELD)) * SECTOR_LENGTH,
                fields.size() > FLUSHES_FIELD ? Long.parseLong(fields.get(FLUSHES_FIELD)) : -1);
    }
}
