package io.wal.mmap;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The real disk, with a hook in front of each operation: to take note of it, to fail it, or to hold
 * it up. Counts what was opened and not closed again.
 */
final class HookedDisk implements Disk {
    /** What is about to be done. */
    enum Operation {
        IS_DIRECTORY,
        CREATE_DIRECTORY,
        LIST,
        OPEN_READ,
        OPEN_WRITE,
        CREATE,
        RENAME,
        DELETE,
        FORCE_DIRECTORY,
        LOCK,
        LENGTH,
        READ,
        WRITE,
        FORCE,
        TRUNCATE,
        MAP,
        FORCE_MAPPING;

        /** Whether it may change anything on the disk. */
        boolean changes() {
            return switch (this) {
                case IS_DIRECTORY, LIST, OPEN_READ, LENGTH, READ -> false;
                default -> true;
            };
        }
    }

    /** Called before each operation; what it throws is thrown instead of doing it. */
    interface Hook {
        void before(Operation operation, Path path, long offset, long length) throws IOException;
    }

    private static final Hook NONE = (operation, path, offset, length) -> {};

    private final Map<Operation, AtomicLong> counts =
            Collections.synchronizedMap(new EnumMap<>(Operation.class));
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicInteger openFiles = new AtomicInteger();
    private final AtomicInteger openMappings = new AtomicInteger();
    private final AtomicInteger openLocks = new AtomicInteger();
    private volatile Hook hook = NONE;

    void hook(final Hook newHook) {
        hook = newHook;
    }

    void unhook() {
        hook = NONE;
    }

    long count(final Operation operation) {
        final AtomicLong count = counts.get(operation);
        return count == null ? 0 : count.get();
    }

    /** How many operations were begun that may change something. */
    long changeCount() {
        long total = 0;
        for (final Operation operation : Operation.values()) {
            total += operation.changes() ? count(operation) : 0;
        }
        return total;
    }

    long bytesRead() {
        return bytesRead.get();
    }

    int openFiles() {
        return openFiles.get();
    }

    int openMappings() {
        return openMappings.get();
    }

    int openLocks() {
        return openLocks.get();
    }

    @Override
    public boolean isDirectory(final Path path) throws IOException {
        before(Operation.IS_DIRECTORY, path);
        return REAL.isDirectory(path);
    }

    @Override
    public void createDirectory(final Path path) throws IOException {
        before(Operation.CREATE_DIRECTORY, path);
        REAL.createDirectory(path);
    }

    @Override
    public List<String> list(final Path directory) throws IOException {
        before(Operation.LIST, directory);
        return REAL.list(directory);
    }

    @Override
    public DiskFile open(final Path path, final OpenMode mode) throws IOException {
        before(
                switch (mode) {
                    case READ -> Operation.OPEN_READ;
                    case WRITE, DIRECT -> Operation.OPEN_WRITE;
                    case CREATE -> Operation.CREATE;
                },
                path);
        final DiskFile file = new HookedFile(path, REAL.open(path, mode));
        openFiles.incrementAndGet();
        return file;
    }

    @Override
    public void rename(final Path from, final Path to) throws IOException {
        before(Operation.RENAME, to);
        REAL.rename(from, to);
    }

    @Override
    public void delete(final Path path) throws IOException {
        before(Operation.DELETE, path);
        REAL.delete(path);
    }

    @Override
    public void forceDirectory(final Path directory) throws IOException {
        before(Operation.FORCE_DIRECTORY, directory);
        REAL.forceDirectory(directory);
    }

    @Override
    public AutoCloseable lock(final Path path) throws IOException {
        before(Operation.LOCK, path);
        final AutoCloseable lock = REAL.lock(path);
        if (lock == null) {
            return null;
        }
        openLocks.incrementAndGet();
        return () -> {
            openLocks.decrementAndGet();
            lock.close();
        };
    }

    @Override
    public Object identity(final Path directory) throws IOException {
        return REAL.identity(directory);
    }

    private void before(final Operation operation, final Path path) throws IOException {
        before(operation, path, 0, 0);
    }

    private void before(
            final Operation operation, final Path path, final long offset, final long length)
            throws IOException {
        counts.computeIfAbsent(operation, key -> new AtomicLong()).incrementAndGet();
        hook.before(operation, path, offset, length);
    }

    private final class HookedFile implements DiskFile {
        private final Path path;
        private final DiskFile file;
        private boolean closed;

        HookedFile(final Path path, final DiskFile file) {
            this.path = path;
            this.file = file;
        }

        @Override
        public long length() throws IOException {
            before(Operation.LENGTH, path);
            return file.length();
        }

        @Override
        public int read(final ByteBuffer target, final long position) throws IOException {
            before(Operation.READ, path, position, target.remaining());
            final int count = file.read(target, position);
            bytesRead.addAndGet(count);
            return count;
        }

        @Override
        public void write(final ByteBuffer source, final long position) throws IOException {
            before(Operation.WRITE, path, position, source.remaining());
            file.write(source, position);
        }

        @Override
        public void force() throws IOException {
            before(Operation.FORCE, path);
            file.force();
        }

        @Override
        public void truncate(final long length) throws IOException {
            before(Operation.TRUNCATE, path, length, 0);
            file.truncate(length);
        }

        @Override
        public DiskMapping map(final int length) throws IOException {
            before(Operation.MAP, path, 0, length);
            final DiskMapping mapping = new HookedMapping(path, file.map(length));
            openMappings.incrementAndGet();
            return mapping;
        }

        @Override
        public void close() throws IOException {
            if (!closed) {
                closed = true;
                openFiles.decrementAndGet();
                file.close();
            }
        }
    }

    private final class HookedMapping implements DiskMapping {
        private final Path path;
        private final DiskMapping mapping;
        private boolean closed;

        HookedMapping(final Path path, final DiskMapping mapping) {
            this.path = path;
            this.mapping = mapping;
        }

        @Override
        public UnsafeBuffer buffer() {
            return mapping.buffer();
        }

        @Override
        public void force(final int offset, final int length) throws IOException {
            before(Operation.FORCE_MAPPING, path, offset, length);
            mapping.force(offset, length);
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                openMappings.decrementAndGet();
                mapping.close();
            }
        }
    }
}
