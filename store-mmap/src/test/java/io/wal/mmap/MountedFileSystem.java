package io.wal.mmap;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small file system that a test mounts for itself; where it may not, the test is skipped. */
final class MountedFileSystem implements AutoCloseable {
    private final Path mountPoint;

    private MountedFileSystem(final Path mountPoint) {
        this.mountPoint = mountPoint;
    }

    /** In memory, of the given size. */
    static MountedFileSystem tmpfs(final Path mountPoint, final int length) throws Exception {
        Files.createDirectories(mountPoint);
        mount("-t", "tmpfs", "-o", "size=" + length, "tmpfs", mountPoint.toString());
        return new MountedFileSystem(mountPoint);
    }

    /** An ext4 in a file beside the mount point. */
    static MountedFileSystem ext4(final Path mountPoint, final int length) throws Exception {
        Files.createDirectories(mountPoint);
        final Path image = mountPoint.resolveSibling(mountPoint.getFileName() + ".img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(length);
        }
        final String failure = run("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
        if (failure != null) {
            abort("cannot make an ext4 file system: " + failure);
        }
        mount("-o", "loop", image.toString(), mountPoint.toString());
        return new MountedFileSystem(mountPoint);
    }

    Path path() {
        return mountPoint;
    }

    void makeReadOnly() throws Exception {
        mount("-o", "remount,ro", mountPoint.toString());
    }

    void makeWritable() throws Exception {
        mount("-o", "remount,rw", mountPoint.toString());
    }

    @Override
    public void close() {
        try {
            Await.until(
                    "unmounting " + mountPoint, () -> run("umount", mountPoint.toString()) == null);
        } catch (final Exception e) {
            throw new AssertionError("cannot unmount " + mountPoint, e);
        }
    }

    private static void mount(final String... arguments) throws Exception {
        final String[] command = new String[arguments.length + 1];
        command[0] = "mount";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        final String failure = run(command);
        if (failure != null) {
            abort("may not mount a file system: " + failure);
        }
    }

    /** Null when the command succeeded; else what it said. */
    private static String run(final String... command) throws Exception {
        try {
            final Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            final String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? null : output.trim();
        } catch (final IOException e) {
            return e.getMessage();
        }
    }
}
