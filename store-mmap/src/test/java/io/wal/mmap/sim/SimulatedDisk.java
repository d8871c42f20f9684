package io.wal.mmap.sim;

import io.wal.mmap.Disk;
import io.wal.mmap.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/**
 * A disk in memory that behaves as a disk does when things go wrong.
 *
 * <p>What was not forced is volatile: each sector of 512 bytes, each length, each name. {@link
 * #powerCut} keeps some of it, chosen by the caller's random numbers, so that the same numbers give
 * the same disk:
 *
 * <ul>
 *   <li>a sector is then what it was when last forced, or what it is now, or something it was in
 *       between;
 *   <li>a file has one of the lengths it had since it was last forced;
 *   <li>each created, renamed or deleted name is kept or forgotten by itself;
 *   <li>blocks that were never written hold zeroes or, with {@link #junk}, anything.
 * </ul>
 *
 * <p>Forcing a mapping makes whole pages of 4 KiB durable, but not the file's length or name.
 * {@link #processCrash} loses nothing: the cache belongs to the machine. Both leave every open
 * file, mapping and lock dead; the disk itself is used again at once, by a log that is opened anew.
 *
 * <p>Operations can be made to fail ({@link #fail}, {@link #hook}), the power to go off in the
 * middle of them ({@link #cutPowerAt}), and the space to run out ({@link #capacity}). Stores
 * through a mapping are seen when the next operation of a writer begins, or when {@link #observe}
 * is called.
 *
 * <p>Any number of threads may use it; for results that can be repeated there must be one. The only
 * directory to begin with is the root of the file system. Files are held in memory: let segments be
 * small.
 */
public final class SimulatedDisk implements Disk {
    private static final AtomicLong DISK_COUNT = new AtomicLong();

    private final long number = DISK_COUNT.incrementAndGet();
    private final CachedTree tree;
    private final Set<CachedFile> files = new LinkedHashSet<>();
    private final Junk deleted;
    private final Set<SimulatedFile> openFiles = new LinkedHashSet<>();
    private final Set<SimulatedMapping> mappings = new LinkedHashSet<>();
    private final Set<Path> locks = new HashSet<>();
    private final FaultPlan faults = new FaultPlan();

    private LongSupplier logIds = () -> ThreadLocalRandom.current().nextLong();
    private DiskTrace trace;
    private volatile int process = 1;
    private boolean on = true;
    private boolean junkLeft;
    private boolean revertedByFailedForce;
    private long capacity = Long.MAX_VALUE;
    private long usedLength;
    private long failureCount;
    private long failedForceCount;
    private long failedRecordForceCount;

    private record Identity(long diskNumber, int process, Path directory) {}

    /** Creates an empty disk. */
    public SimulatedDisk() {
        this(new CachedTree(), new Junk());
    }

    private SimulatedDisk(final CachedTree tree, final Junk deleted) {
        this.tree = tree;
        this.deleted = deleted;
    }

    /**
     * Pulls the plug and boots again: loses some of what was not forced. Open files, mappings and
     * locks are dead.
     *
     * @param random chooses what is lost.
     */
    public synchronized void powerCut(final RandomGenerator random) {
        turnOff();
        tree.loseNames(random);
        final Set<CachedFile> reachable = tree.files();
        for (final CachedFile file : files) {
            if (!reachable.contains(file)) {
                deleted.add(file.content());
            }
        }
        files.clear();
        files.addAll(reachable); // some were deleted, but that was forgotten
        for (final CachedFile file : files) {
            file.loseUnforced(random, junkLeft ? deleted : null);
        }
        countUse();
        on = true;
        traceCrash("power cut");
    }

    /**
     * Kills the processes: open files, mappings and locks are dead, what was written stays as it
     * is.
     */
    public synchronized void processCrash() {
        turnOff();
        countUse();
        on = true;
        traceCrash("process crash");
    }

    /**
     * Whether operations are possible.
     *
     * @return false after a {@link PowerLoss}, until {@link #powerCut} or {@link #processCrash}.
     */
    public synchronized boolean isOn() {
        return on;
    }

    /**
     * Turns the power off at an operation of a writer, which then has not happened; it and
     * everything after it throws {@link PowerLoss} until {@link #powerCut} or, when only the
     * process was to die there, {@link #processCrash}.
     *
     * @param count of operations until then: 1 for the next one, 0 for never.
     */
    public void cutPowerAt(final long count) {
        faults.cutPowerAt(count);
    }

    /**
     * Lets one operation fail.
     *
     * @param operation to fail.
     * @param nth 1 for the next of that kind, 2 for the one after it.
     * @param error to answer with; what then has happened is said at {@link DiskHook#before}.
     */
    public void fail(final DiskOperation operation, final int nth, final IOException error) {
        faults.fail(operation, nth, error);
    }

    /**
     * Lets one operation of a writer fail, whatever it is.
     *
     * @param count of operations until then: 1 for the next one, 0 for never.
     * @param error to answer with; what then has happened is said at {@link DiskHook#before}.
     */
    public void failAt(final long count, final IOException error) {
        faults.failAt(count, error);
    }

    /**
     * Has something called before each operation, to watch, to delay or to fail it.
     *
     * @param hook to call; null for none.
     */
    public void hook(final DiskHook hook) {
        faults.hook(hook);
    }

    /** Forgets about power cuts and failures to come, and the hook. */
    public void clearFaults() {
        faults.clear();
    }

    /**
     * Sets the size of the disk. Files that are deleted take space until they are closed and
     * unmapped.
     *
     * @param bytes that all files together may take; may be less than they do.
     */
    public synchronized void capacity(final long bytes) {
        capacity = bytes;
    }

    /**
     * Whether a power cut leaves junk in blocks that became part of a file but were never written,
     * as when the length is recorded before the data: arbitrary bytes, or those of deleted files.
     * At first it leaves zeroes.
     *
     * @param left true for junk.
     */
    public synchronized void junk(final boolean left) {
        junkLeft = left;
    }

    /**
     * Whether a failed force puts the old content back in memory, as some file systems do. At first
     * the new content stays readable, and is lost when the power goes.
     *
     * @param reverted true for the old content.
     */
    public synchronized void revertByFailedForce(final boolean reverted) {
        revertedByFailedForce = reverted;
    }

    /**
     * Where new logs on this disk get their ids from. At first that is chance, which differs from
     * run to run.
     *
     * @param source of numbers; no two logs may get the same.
     */
    public synchronized void logIds(final LongSupplier source) {
        logIds = source;
    }

    /**
     * Looks at the mapped memory now: what it holds becomes something that a power cut may leave.
     */
    public synchronized void observe() {
        for (final SimulatedMapping mapping : mappings) {
            mapping.file().observe();
        }
    }

    /**
     * How many operations only a writer does there were: none, if all that happened was reading.
     *
     * @return operations, failed ones included.
     */
    public long writerOperationCount() {
        return faults.writerOperationCount();
    }

    /**
     * How many forces of files and mappings failed.
     *
     * @return failures since the disk was made.
     */
    public synchronized long failedForceCount() {
        return failedForceCount;
    }

    /**
     * How many forces of mappings, and writes past the cache, failed.
     *
     * @return failures since the disk was made.
     */
    public synchronized long failedRecordForceCount() {
        return failedRecordForceCount;
    }

    /**
     * How many operations were answered with an error that was planned, or because the disk was
     * full.
     *
     * @return failures since the disk was made.
     */
    public synchronized long failureCount() {
        return failureCount;
    }

    /**
     * What the process holds.
     *
     * @return open files, mappings and locks, in words; empty when everything was closed.
     */
    public synchronized List<String> held() {
        final List<String> held = new ArrayList<>(openFiles.size());
        openFiles.forEach(file -> held.add("file " + file));
        mappings.forEach(mapping -> held.add("mapping " + mapping));
        locks.forEach(path -> held.add("lock " + path));
        return held;
    }

    /**
     * How much space the files take.
     *
     * @return bytes, deleted files that are still open included.
     */
    public synchronized long usedLength() {
        return usedLength;
    }

    /**
     * All files as they are seen now.
     *
     * @return content by path, sorted; not to be changed.
     */
    public synchronized Map<Path, byte[]> files() {
        return tree.contents();
    }

    /**
     * Replaces or adds a file behind the back of its user, durably.
     *
     * @param path of it, in a directory that exists.
     * @param content of it.
     * @throws IOException when there is no such directory.
     */
    public synchronized void put(final Path path, final byte[] content) throws IOException {
        final CachedDirectory parent = tree.parent(path);
        if (parent.names().containsKey(CachedTree.name(path))) {
            removeName(parent, path);
        }
        final CachedFile file = create(parent, CachedTree.name(path));
        file.write(ByteBuffer.wrap(content), 0);
        usedLength += content.length;
        file.settleAsSeen();
        parent.force();
    }

    /**
     * Makes a copy of the disk in its present state, without its processes, failures to come and
     * operation counter. What is volatile here is volatile there.
     *
     * @return the copy.
     */
    public synchronized SimulatedDisk copy() {
        final Map<DiskNode, DiskNode> copies = new HashMap<>();
        for (final CachedFile file : files) {
            copies.put(file, file.copy());
        }
        final SimulatedDisk copy = new SimulatedDisk(tree.copy(copies), deleted.copy());
        for (final CachedFile file : files) {
            copy.files.add((CachedFile) copies.get(file));
        }
        copy.on = on;
        copy.junkLeft = junkLeft;
        copy.revertedByFailedForce = revertedByFailedForce;
        copy.capacity = capacity;
        copy.logIds = logIds;
        copy.countUse();
        return copy;
    }

    @Override
    public boolean isDirectory(final Path path) throws IOException {
        begin(DiskOperation.STAT, path);
        synchronized (this) {
            final DiskNode node = tree.find(path);
            if (node instanceof CachedFile) {
                throw new NotDirectoryException(path.toString());
            }
            return node != null;
        }
    }

    @Override
    public void createDirectory(final Path path) throws IOException {
        begin(DiskOperation.CREATE_DIRECTORY, path);
        synchronized (this) {
            final DiskNode present = tree.find(path);
            if (present instanceof CachedFile) {
                throw new NotDirectoryException(path.toString());
            }
            if (present == null) {
                tree.parent(path).put(CachedTree.name(path), new CachedDirectory());
            }
        }
    }

    @Override
    public List<String> list(final Path directory) throws IOException {
        begin(DiskOperation.LIST, directory);
        synchronized (this) {
            final List<String> names = new ArrayList<>(tree.directory(directory).names().keySet());
            Collections.reverse(names); // nobody may rely on the order
            return names;
        }
    }

    @Override
    public DiskFile open(final Path path, final OpenMode mode) throws IOException {
        begin(
                mode == OpenMode.CREATE ? DiskOperation.CREATE : DiskOperation.OPEN,
                path,
                mode.ordinal(),
                0,
                null);
        synchronized (this) {
            final CachedDirectory parent = tree.parent(path);
            final DiskNode node = parent.names().get(CachedTree.name(path));
            if (mode == OpenMode.CREATE) {
                if (node != null) {
                    throw new FileAlreadyExistsException(path.toString());
                }
                return new SimulatedFile(this, path, create(parent, CachedTree.name(path)), true);
            }
            if (node == null) {
                throw new NoSuchFileException(path.toString());
            }
            if (node instanceof CachedFile file) {
                final SimulatedFile opened =
                        new SimulatedFile(this, path, file, mode != OpenMode.READ);
                return mode == OpenMode.DIRECT ? new SimulatedDirectFile(opened) : opened;
            }
            throw new IOException(path + " (Is a directory)");
        }
    }

    @Override
    public void rename(final Path from, final Path to) throws IOException {
        begin(DiskOperation.RENAME, from, 0, 0, ByteBuffer.wrap(to.toString().getBytes()));
        synchronized (this) {
            final CachedDirectory parent = tree.parent(from);
            if (parent != tree.parent(to)) {
                throw new IllegalArgumentException(from + " must stay in its directory: " + to);
            }
            if (!parent.names().containsKey(CachedTree.name(from))) {
                throw new NoSuchFileException(from.toString());
            }
            if (!from.equals(to)
                    && parent.rename(CachedTree.name(from), CachedTree.name(to))
                            instanceof CachedFile replaced) {
                release(replaced);
            }
        }
    }

    @Override
    public void delete(final Path path) throws IOException {
        begin(DiskOperation.DELETE, path);
        synchronized (this) {
            final DiskNode node = tree.find(path);
            if (node instanceof CachedDirectory directory && !directory.names().isEmpty()) {
                throw new DirectoryNotEmptyException(path.toString());
            }
            if (node != null) {
                removeName(tree.parent(path), path);
            }
        }
    }

    @Override
    public void forceDirectory(final Path directory) throws IOException {
        begin(DiskOperation.FORCE_DIRECTORY, directory);
        synchronized (this) {
            tree.directory(directory).force();
        }
    }

    @Override
    public AutoCloseable lock(final Path path) throws IOException {
        begin(DiskOperation.LOCK, path);
        synchronized (this) {
            final CachedDirectory parent = tree.parent(path);
            if (!parent.names().containsKey(CachedTree.name(path))) {
                create(parent, CachedTree.name(path));
            }
            final Path absolute = path.toAbsolutePath().normalize();
            if (!locks.add(absolute)) {
                return null;
            }
            final int owner = process;
            return () -> unlock(absolute, owner);
        }
    }

    /** Differs between processes: what one of them holds does not outlive it. */
    @Override
    public Object identity(final Path directory) {
        return new Identity(number, process, directory.toAbsolutePath().normalize());
    }

    @Override
    public synchronized long newLogId() {
        return logIds.getAsLong();
    }

    /** From now on takes note of everything. */
    synchronized void trace(final DiskTrace newTrace) {
        trace = newTrace;
    }

    private void traceCrash(final String kind) {
        if (trace != null) {
            trace.addCrash(kind, tree.contents());
        }
    }

    private void begin(final DiskOperation operation, final Path path) throws IOException {
        begin(operation, path, 0, 0, null);
    }

    /**
     * Counts the operation, and lets it fail when that is planned. The rest is what the trace tells
     * besides: numbers and a content, as they go with the operation.
     */
    void begin(
            final DiskOperation operation,
            final Path path,
            final long position,
            final long length,
            final ByteBuffer content)
            throws IOException {
        synchronized (this) {
            if (!on) {
                throw new PowerLoss();
            }
            if (trace != null) {
                trace.add(operation, path, position, length, content);
            }
            if (operation.isWriters()) {
                observe();
            }
        }
        try {
            faults.before(operation, path);
        } catch (final PowerLoss e) {
            turnOff();
            throw e;
        } catch (final IOException e) {
            failed();
            throw e;
        }
        synchronized (this) {
            if (!on) {
                throw new PowerLoss();
            }
        }
    }

    synchronized void failed() {
        failureCount++;
    }

    void forceFailed(final boolean ofRecords) {
        failedForceCount++;
        failedRecordForceCount += ofRecords ? 1 : 0;
    }

    int process() {
        return process;
    }

    boolean isRevertedByFailedForce() {
        return revertedByFailedForce;
    }

    /** How many of the bytes that a file is to grow by there is space for; they are taken. */
    long take(final long bytes) {
        final long taken = Math.max(0, Math.min(bytes, capacity - usedLength));
        usedLength += taken;
        return taken;
    }

    void giveBack(final long bytes) {
        usedLength -= bytes;
    }

    void add(final SimulatedFile file) {
        openFiles.add(file);
    }

    void remove(final SimulatedFile file) {
        openFiles.remove(file);
    }

    void add(final SimulatedMapping mapping) {
        mappings.add(mapping);
    }

    void remove(final SimulatedMapping mapping) {
        mappings.remove(mapping);
    }

    /** A name, an open file or a mapping is gone. */
    void release(final CachedFile file) {
        if (--file.useCount == 0) {
            usedLength -= file.length();
            files.remove(file);
            deleted.add(file.content());
        }
    }

    private synchronized void turnOff() {
        if (on) {
            on = false;
            killProcess();
        }
    }

    private void killProcess() {
        process++;
        mappings.forEach(SimulatedMapping::die);
        mappings.clear();
        openFiles.clear();
        locks.clear();
        files.forEach(CachedFile::detach);
    }

    private synchronized void unlock(final Path path, final int owner) {
        if (owner == process) {
            locks.remove(path);
        }
    }

    private CachedFile create(final CachedDirectory parent, final String name) {
        final CachedFile file = new CachedFile();
        file.useCount = 1;
        files.add(file);
        parent.put(name, file);
        return file;
    }

    private void removeName(final CachedDirectory parent, final Path path) {
        final DiskNode node = parent.names().get(CachedTree.name(path));
        parent.remove(CachedTree.name(path));
        if (node instanceof CachedFile file) {
            release(file);
        }
    }

    private void countUse() {
        usedLength = 0;
        for (final CachedFile file : files) {
            file.useCount = 0;
        }
        tree.countUse();
        files.removeIf(file -> file.useCount == 0); // it had been deleted, but was still open
        for (final CachedFile file : files) {
            usedLength += file.length();
        }
    }
}
