package io.wal.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A new directory that is removed when it is closed, and when the process is asked to end before.
 */
final class ScratchDirectory implements ScratchPlace {
    private static final int MOST_TRIES = 50;
    private static final long PAUSE_MS = 10;

    private final Path directory;
    private final Thread hook = new Thread(this::removeQuietly, "wal-scratch");
    private final ScratchUser user = new ScratchUser();

    private ScratchDirectory(final Path directory) {
        this.directory = directory;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    static ScratchDirectory in(final Path parent, final String prefix) {
        try {
            return new ScratchDirectory(Files.createTempDirectory(parent, prefix));
        } catch (final IOException e) {
            throw new ScratchException("cannot create a directory in " + parent, e);
        }
    }

    @Override
    public StoreAddress log(final String name) {
        return new MmapAddress(directory.resolve(name));
    }

    @Override
    public String location() {
        return directory.toString();
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public Process start(final ProcessBuilder builder) throws IOException {
        return user.start(builder);
    }

    @Override
    public boolean isEnding() {
        return user.hasEnded();
    }

    /** Leaves the directory there. */
    @Override
    public void keep() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (final IllegalStateException e) {
            // the process ends already
        }
    }

    @Override
    public void close() {
        keep();
        try {
            remove();
        } catch (final IOException e) {
            throw new ScratchException("cannot remove " + directory, e);
        }
    }

    private void removeQuietly() {
        try {
            user.end();
            for (int tries = 0; Files.exists(directory) && tries < MOST_TRIES; tries++) {
                try {
                    remove();
                } catch (final DirectoryNotEmptyException e) {
                    Thread.sleep(PAUSE_MS); // whoever works here goes on until the process ends
                }
            }
        } catch (final IOException | UncheckedIOException | InterruptedException e) {
            // the process ends, and nobody can be told
        }
    }

    private void remove() throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(
                directory,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(
                            final Path file, final BasicFileAttributes attributes)
                            throws IOException {
                        Files.deleteIfExists(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            final Path visited, final IOException e) throws IOException {
                        Files.deleteIfExists(visited);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
