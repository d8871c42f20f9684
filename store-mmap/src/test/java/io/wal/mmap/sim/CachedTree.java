package io.wal.mmap.sim;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** The directories of a disk, from the root down. */
final class CachedTree {
    private final CachedDirectory root;

    /** Taking paths apart would be what takes most of the time. */
    private final Map<Path, String[]> namesByPath = new HashMap<>();

    CachedTree() {
        this(new CachedDirectory());
    }

    private CachedTree(final CachedDirectory root) {
        this.root = root;
    }

    static String name(final Path path) {
        return path.getFileName().toString();
    }

    /** What a path leads to, or null. */
    DiskNode find(final Path path) throws IOException {
        return find(path, 0);
    }

    CachedDirectory directory(final Path path) throws IOException {
        return directory(path, find(path));
    }

    CachedDirectory parent(final Path path) throws IOException {
        return directory(path, find(path, 1));
    }

    private static CachedDirectory directory(final Path path, final DiskNode node)
            throws IOException {
        if (node == null) {
            throw new NoSuchFileException(path.toString());
        }
        if (node instanceof CachedDirectory directory) {
            return directory;
        }
        throw new NotDirectoryException(path.toString());
    }

    void loseNames(final RandomGenerator random) {
        loseNames(root, random);
    }

    /** All files that have a name. */
    Set<CachedFile> files() {
        final Set<CachedFile> files = new LinkedHashSet<>();
        addFiles(root, files);
        return files;
    }

    /** Counts each name as a use of its file. */
    void countUse() {
        for (final CachedFile file : files()) {
            file.useCount++;
        }
    }

    Map<Path, byte[]> contents() {
        final Map<Path, byte[]> contents = new TreeMap<>();
        addContents(Path.of("/"), root, contents);
        return contents;
    }

    CachedTree copy(final Map<DiskNode, DiskNode> copies) {
        return new CachedTree(copy(root, copies));
    }

    /** What a path leads to, its last names left out, or null. */
    private DiskNode find(final Path path, final int leftOutCount) throws IOException {
        final String[] names = namesByPath.computeIfAbsent(path, CachedTree::names);
        DiskNode node = root;
        for (int i = 0; i < names.length - leftOutCount && node != null; i++) {
            if (!(node instanceof CachedDirectory directory)) {
                throw new NotDirectoryException(path.toString());
            }
            node = directory.names().get(names[i]);
        }
        return node;
    }

    private static String[] names(final Path path) {
        final Path absolute = path.toAbsolutePath().normalize();
        final String[] names = new String[absolute.getNameCount()];
        for (int i = 0; i < names.length; i++) {
            names[i] = absolute.getName(i).toString();
        }
        return names;
    }

    private static void loseNames(final CachedDirectory directory, final RandomGenerator random) {
        directory.loseUnforced(random);
        for (final DiskNode node : directory.names().values()) {
            if (node instanceof CachedDirectory child) {
                loseNames(child, random);
            }
        }
    }

    private static void addFiles(final CachedDirectory directory, final Set<CachedFile> files) {
        for (final DiskNode node : directory.names().values()) {
            if (node instanceof CachedDirectory child) {
                addFiles(child, files);
            } else if (node instanceof CachedFile file) {
                files.add(file);
            }
        }
    }

    private static void addContents(
            final Path path, final CachedDirectory directory, final Map<Path, byte[]> contents) {
        directory
                .names()
                .forEach(
                        (name, node) -> {
                            if (node instanceof CachedDirectory child) {
                                addContents(path.resolve(name), child, contents);
                            } else if (node instanceof CachedFile file) {
                                contents.put(path.resolve(name), file.content());
                            }
                        });
    }

    private static CachedDirectory copy(
            final CachedDirectory directory, final Map<DiskNode, DiskNode> copies) {
        return directory.copy(
                node -> {
                    final DiskNode known = copies.get(node);
                    if (known != null) {
                        return known;
                    }
                    final DiskNode made =
                            node instanceof CachedDirectory child
                                    ? copy(child, copies)
                                    : ((CachedFile) node).copy();
                    copies.put(node, made);
                    return made;
                });
    }
}
