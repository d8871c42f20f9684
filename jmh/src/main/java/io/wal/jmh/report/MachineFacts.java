package io.wal.jmh.report;

import io.wal.jmh.load.BlockDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a result holds for: machine, device, file system, kernel, Java. */
public final class MachineFacts {
    private MachineFacts() {}

    /**
     * The facts.
     *
     * @param directory that the journals are in.
     * @return what is known, by name.
     */
    public static Map<String, String> of(final Path directory) {
        final Map<String, String> facts = new LinkedHashMap<>();
        final BlockDevice device = BlockDevice.under(directory);
        facts.put(
                "processor",
                Runtime.getRuntime().availableProcessors()
                        + " × "
                        + valueIn("/proc/cpuinfo", "model name", System.getProperty("os.arch")));
        facts.put("memory", valueIn("/proc/meminfo", "MemTotal", "unknown"));
        facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put(
                "java",
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        facts.put(
                "device",
                device.name()
                        + ", cache "
                        + device.cache()
                        + ", FUA "
                        + device.queue("fua")
                        + ", blocks of "
                        + device.queue("logical_block_size")
                        + "/"
                        + device.queue("physical_block_size")
                        + ", scheduler "
                        + device.queue("scheduler"));
        try {
            facts.put(
                    "file system", Files.getFileStore(directory).type() + mountOptions(directory));
        } catch (final IOException e) {
            facts.put("file system", "unknown");
        }
        return facts;
    }

    private static String valueIn(final String file, final String key, final String otherwise) {
        return lines(file).stream()
                .filter(line -> line.startsWith(key))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(otherwise);
    }

    /** The options of the mount that is nearest above the directory. */
    private static String mountOptions(final Path directory) throws IOException {
        final Path real = directory.toRealPath();
        String options = "";
        int longest = -1;
        for (final String line : lines("/proc/self/mounts")) {
            final String[] fields = line.split(" ");
            final Path mount = Path.of(fields[1]);
            if (real.startsWith(mount) && mount.getNameCount() >= longest) {
                longest = mount.getNameCount();
                options = " (" + fields[3] + ")";
            }
        }
        return options;
    }

    private static List<String> lines(final String file) {
        try {
            return Files.readAllLines(Path.of(file));
        } catch (final IOException e) {
            return List.of();
        }
    }
}
