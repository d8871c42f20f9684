package io.wal.mmap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Where a repair keeps what files were before: directories {@code attic/0001}, {@code attic/0002}
 * and so on in the log's own. One is named {@code 0001.tmp} while it is filled, and {@code
 * 0001.open} until the repair that relies on it is done.
 */
final class Attic {
    private static final String FILLING = ".tmp";
    private static final String OPEN = ".open";
    private static final int COPY_LENGTH = 1 << 18;

    private final LogDirectory directory;
    private final Disk disk;
    private final Path path;

    Attic(final LogDirectory directory) {
        this.directory = directory;
        disk = directory.disk();
        path = directory.resolve(LogDirectory.ATTIC);
    }

    /** The copy that a repair made which is not done; null when there is none. */
    Path findOpen() throws IOException {
        for (final String name : names()) {
            if (name.endsWith(OPEN)) {
                return path.resolve(name);
            }
        }
        return null;
    }

    /**
     * Copies files of the log, durably.
     *
     * @param names of the files.
     * @param isOpen whether the copy is to be open until {@link #close}.
     * @return the copy.
     */
    Path copy(final List<String> names, final boolean isOpen) throws IOException {
        if (!disk.isDirectory(path)) {
            disk.createDirectory(path);
        }
        disk.forceDirectory(directory.path());
        final String number = nextNumber();
        final Path filling = path.resolve(number + FILLING);
        if (disk.isDirectory(filling)) {
            for (final String name : disk.list(filling)) {
                disk.delete(filling.resolve(name));
            }
        } else {
            disk.createDirectory(filling);
        }
        for (final String name : names) {
            copy(directory.resolve(name), filling.resolve(name));
        }
        disk.forceDirectory(filling);
        final Path copy = path.resolve(isOpen ? number + OPEN : number);
        disk.rename(filling, copy);
        disk.forceDirectory(path);
        return copy;
    }

    /** Makes the names of a copy durable that was found: who made it may have died before. */
    void forceNames() throws IOException {
        disk.forceDirectory(directory.path());
        disk.forceDirectory(path);
    }

    /** No repair will go on with what it began; the copies stay for good. */
    void closeAll() throws IOException {
        for (Path open = findOpen(); open != null; open = findOpen()) {
            close(open);
        }
        if (disk.isDirectory(path)) {
            disk.forceDirectory(path); // who closed one may have died before that
        }
    }

    /** The repair is done; the copy stays for good. */
    Path close(final Path open) throws IOException {
        final String name = open.getFileName().toString();
        final Path closed = path.resolve(name.substring(0, name.length() - OPEN.length()));
        disk.rename(open, closed);
        disk.forceDirectory(path);
        return closed;
    }

    /** Whether a file of the log is, to the byte, what it was when it was copied. */
    boolean isUnchanged(final Path copy, final String name) throws IOException {
        return Arrays.equals(read(copy.resolve(name)), read(directory.resolve(name)));
    }

    List<String> list(final Path copy) throws IOException {
        return disk.list(copy);
    }

    private List<String> names() throws IOException {
        return disk.isDirectory(path) ? disk.list(path).stream().sorted().toList() : List.of();
    }

    private String nextNumber() throws IOException {
        int last = 0;
        for (final String name : names()) {
            if (!name.endsWith(FILLING)) {
                try {
                    last = Math.max(last, Integer.parseInt(name.replace(OPEN, "")));
                } catch (final NumberFormatException e) {
                    // somebody else's
                }
            }
        }
        return String.format("%04d", last + 1);
    }

    private void copy(final Path from, final Path to) throws IOException {
        final ByteBuffer buffer = ByteBuffer.allocateDirect(COPY_LENGTH);
        try (DiskFile source = disk.open(from, Disk.OpenMode.READ);
                DiskFile target = disk.open(to, Disk.OpenMode.CREATE)) {
            final long length = source.length();
            for (long at = 0; at < length; ) {
                buffer.clear();
                final int count = source.read(buffer, at);
                if (count <= 0) {
                    throw new IOException(from + " became shorter while it was copied");
                }
                buffer.flip();
                target.write(buffer, at);
                at += count;
            }
            target.force();
        }
    }

    private byte[] read(final Path file) throws IOException {
        try (DiskFile opened = disk.open(file, Disk.OpenMode.READ)) {
            final ByteBuffer content = ByteBuffer.allocate((int) opened.length());
            opened.read(content, 0);
            return content.array();
        } catch (final NoSuchFileException e) {
            return new byte[0];
        }
    }
}
