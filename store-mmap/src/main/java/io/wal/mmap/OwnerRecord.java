package io.wal.mmap;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Who writes a log, in words that help to find the process. It decides nothing: the lock does. Kept
 * in a file of its own, because closing any descriptor of the lock file would end the lock.
 */
record OwnerRecord(long pid, String host, String started) {
    private static final int MAX_LENGTH = 1024;

    static OwnerRecord ofThisProcess() {
        return ThisProcess.RECORD;
    }

    /** Found out once: asking the operating system takes longer than opening a small log. */
    private static final class ThisProcess {
        static final OwnerRecord RECORD =
                new OwnerRecord(
                        ProcessHandle.current().pid(),
                        hostName(),
                        ProcessHandle.current()
                                .info()
                                .startInstant()
                                .map(Object::toString)
                                .orElse("an unknown time"));
    }

    void write(final Disk disk, final Path path) throws IOException {
        final ByteBuffer text =
                ByteBuffer.wrap(
                        (pid + "\n" + host + "\n" + started + "\n")
                                .getBytes(StandardCharsets.UTF_8));
        disk.delete(path);
        try (DiskFile file = disk.open(path, Disk.OpenMode.CREATE)) {
            file.write(text, 0);
        }
    }

    /** The record in a file; null when there is none that can be read. */
    static OwnerRecord read(final Disk disk, final Path path) {
        final ByteBuffer buffer = ByteBuffer.allocate(MAX_LENGTH);
        try (DiskFile file = disk.open(path, Disk.OpenMode.READ)) {
            final int length = file.read(buffer, 0);
            final String[] lines =
                    new String(buffer.array(), 0, length, StandardCharsets.UTF_8).split("\n");
            return lines.length < 3
                    ? null
                    : new OwnerRecord(Long.parseLong(lines[0]), lines[1], lines[2]);
        } catch (final IOException | NumberFormatException e) {
            return null;
        }
    }

    /**
     * Whether the process may still run; always true for another host, of which nothing is known.
     */
    boolean mayBeAlive() {
        if (equals(ofThisProcess()) || !host.equals(ofThisProcess().host())) {
            return true;
        }
        final Optional<ProcessHandle> process = ProcessHandle.of(pid);
        return process.isPresent()
                && process.get()
                        .info()
                        .startInstant()
                        .map(Object::toString)
                        .orElse(started)
                        .equals(started);
    }

    @Override
    public String toString() {
        return "process " + pid + " on " + host + ", started " + started;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (final UnknownHostException e) {
            return "localhost";
        }
    }
}
