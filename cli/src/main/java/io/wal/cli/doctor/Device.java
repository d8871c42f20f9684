package io.wal.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * A block device, as Linux describes it.
 *
 * @param name such as nvme0n1: the whole disk, not a partition of it.
 * @param model in the words of its maker; empty when it has none.
 * @param writeCache "write back" when its cache forgets without power, so that Linux flushes it;
 *     else "write through"; empty when not known.
 * @param rotational whether it says that it turns.
 * @param directory where Linux describes it.
 */
public record Device(
        String name, String model, String writeCache, boolean rotational, Path directory) {
    private static final Path DEVICES = Path.of("/sys/dev/block");
    private static final int SECTOR_LENGTH = 512;
    private static final int SECTORS_WRITTEN = 6;
    private static final int FLUSHES = 15;

    /**
     * The disk with a number.
     *
     * @param number major and minor, with a colon.
     * @return the device; null when there is none, as for file systems in memory or on a network.
     */
    public static Device of(final String number) {
        return number.isEmpty() ? null : in(DEVICES.resolve(number));
    }

    static Device in(final Path link) {
        try {
            final Path place = link.toRealPath();
            final Path disk = Files.exists(place.resolve("partition")) ? place.getParent() : place;
            return new Device(
                    disk.getFileName().toString(),
                    read(disk.resolve("device/model")),
                    read(disk.resolve("queue/write_cache")),
                    read(disk.resolve("queue/rotational")).equals("1"),
                    disk);
        } catch (final IOException e) {
            return null;
        }
    }

    /**
     * Whether a hypervisor or another file stands behind it, so that it says little of itself.
     *
     * @return true if so, by its name and model.
     */
    public boolean isVirtual() {
        return name.matches("(vd|xvd|loop|zram|nbd|rbd|ram).*")
                || model.toLowerCase(Locale.ROOT).matches(".*(qemu|virtual|vbox).*");
    }

    /** Bytes written and flushes done so far; null when it does not count them. */
    long[] writesAndFlushes() {
        final String[] fields = read(directory.resolve("stat")).split("\\s+");
        if (fields.length <= FLUSHES) {
            return null;
        }
        return new long[] {
            Long.parseLong(fields[SECTORS_WRITTEN]) * SECTOR_LENGTH, Long.parseLong(fields[FLUSHES])
        };
    }

    private static String read(final Path file) {
        try {
            return Files.readString(file).strip();
        } catch (final IOException e) {
            return "";
        }
    }
}
