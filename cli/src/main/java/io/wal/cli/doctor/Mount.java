package io.wal.cli.doctor;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The mount that a path is on.
 *
 * @param point where it is mounted.
 * @param fileSystem type of it, such as ext4.
 * @param source what is mounted, such as a device.
 * @param options of the mount and of the file system, with commas; empty when not known.
 * @param deviceNumber major and minor, with a colon; empty when not known.
 */
public record Mount(
        String point, String fileSystem, String source, String options, String deviceNumber) {
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");
    private static final int FIELDS_BEFORE_SEPARATOR = 6;

    /**
     * The mount of a directory.
     *
     * @param directory that exists.
     * @return the mount; with few facts on systems other than Linux.
     * @throws IOException when not even the type can be told.
     */
    public static Mount of(final Path directory) throws IOException {
        try {
            final Mount mount = parse(Files.readAllLines(MOUNTS), directory.toRealPath());
            if (mount != null) {
                return mount;
            }
        } catch (final IOException | RuntimeException e) {
            // not Linux, or hidden: Java knows the type
        }
        final FileStore store = Files.getFileStore(directory);
        return new Mount("", store.type(), store.name(), "", "");
    }

    /**
     * The last mount whose point the path lies under, the deepest first; null when there is none.
     */
    static Mount parse(final List<String> lines, final Path path) {
        Mount best = null;
        for (final String line : lines) {
            final String[] fields = line.split(" ");
            int separator = FIELDS_BEFORE_SEPARATOR;
            while (separator < fields.length && !fields[separator].equals("-")) {
                separator++;
            }
            if (separator + 3 >= fields.length) {
                continue;
            }
            final Path point = Path.of(unescape(fields[4]));
            if (path.startsWith(point)
                    && (best == null
                            || point.getNameCount() >= Path.of(best.point).getNameCount())) {
                best =
                        new Mount(
                                point.toString(),
                                fields[separator + 1],
                                unescape(fields[separator + 2]),
                                fields[5] + "," + fields[separator + 3],
                                fields[2]);
            }
        }
        return best;
    }

    boolean hasOption(final String option) {
        return List.of(options.split(",")).contains(option);
    }

    private static String unescape(final String field) {
        return field.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
    }
}
