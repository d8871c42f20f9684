package io.wal.mmap;

import io.wal.AgronaAccess;
import io.wal.LogNotFoundException;
import io.wal.StorageException;
import io.wal.inspect.LogReport;
import io.wal.inspect.LogReport.Verdict;
import io.wal.mmap.RepairReport.Action;
import io.wal.mmap.RepairReport.Cut;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Repairs a log that is damaged, as far as that is possible. Nothing else in this library ever
 * drops acknowledged data; this does, and says exactly which.
 *
 * <p>A torn tail, the trace of a crash, is cut as opening does it. Of damage, a <em>salvage</em>
 * keeps every record whose checksum fits its place, on whichever side of the damage. All of them
 * are written into new segments; lost LSNs become entries that were given up, so that LSNs stay
 * dense, and the next append gets one above all that the log shows to have been used. When the last
 * finalized checkpoint is not whole, recovery begins with the last one that is, or, when there is
 * none, with the first entry kept; checkpoint entries without their checkpoint are kept but not
 * delivered by recovery.
 *
 * <p>The order is such that a crash anywhere leaves no less than there was:
 *
 * <ol>
 *   <li>what the control file says is made durable;
 *   <li>all files of the log that will change or go are copied into {@code attic/}, durably;
 *   <li>the new segments are written and forced, behind a gap that keeps the log from being opened;
 *   <li>the control file moves on to them, in one atomic step;
 *   <li>the old segments are deleted.
 * </ol>
 *
 * <p>A repair that was cut short is begun anew, or finished, by the next one. It needs space for
 * twice what the log holds. Not thread-safe.
 */
public final class MmapLogRepair {
    private final LogDirectory directory;
    private final Attic attic;

    /**
     * Creates a repair. Nothing is touched.
     *
     * @param path directory of the log.
     */
    public MmapLogRepair(final Path path) {
        this(Disk.REAL, path);
    }

    /**
     * Creates a repair. Nothing is touched.
     *
     * @param disk file system that holds the directory.
     * @param path directory of the log.
     */
    public MmapLogRepair(final Disk disk, final Path path) {
        AgronaAccess.check();
        directory = new LogDirectory(disk, path);
        attic = new Attic(directory);
    }

    /**
     * Finds out what a repair would do. Writes nothing.
     *
     * @param salvage whether to keep what is intact of a damaged log.
     * @return the report, not applied.
     * @throws LogNotFoundException when there is no log.
     * @throws io.wal.LogInUseException when the log has a writer.
     * @throws io.wal.UnsupportedFormatException when a later version of the format is used.
     * @throws StorageException when the file system answers with an error.
     */
    public RepairReport plan(final boolean salvage) {
        try {
            checkIsLog();
            final LogLock lock = LogLock.acquireToLook(directory);
            try {
                return inspect(salvage, leftOvers());
            } finally {
                if (lock != null) {
                    lock.close();
                }
            }
        } catch (final IOException e) {
            throw new StorageException(directory.path().toString(), "read", e);
        }
    }

    /**
     * Repairs the log.
     *
     * @param salvage whether to keep what is intact of a damaged log; without it, such a log is
     *     left as it is.
     * @return the report; applied unless there was nothing to do, or too much.
     * @throws LogNotFoundException when there is no log.
     * @throws io.wal.LogInUseException when the log has a writer.
     * @throws io.wal.UnsupportedFormatException when a later version of the format is used.
     * @throws StorageException when the file system answers with an error; the repair can be tried
     *     again.
     */
    public RepairReport apply(final boolean salvage) {
        try {
            checkIsLog();
            final LogLock lock = LogLock.acquire(directory);
            try {
                finishIfCommitted();
                final Set<String> leftOvers = leftOvers();
                final RepairReport found = inspect(salvage, leftOvers);
                return switch (found.action()) {
                    case CUT -> cut(found);
                    case SALVAGE -> salvage(found, leftOvers);
                    case NONE, REFUSED -> found;
                };
            } finally {
                lock.close();
            }
        } catch (final IOException e) {
            throw new StorageException(directory.path().toString(), "repair", e);
        }
    }

    private void checkIsLog() throws IOException {
        if (!Recovery.isLog(directory)) {
            throw new LogNotFoundException(directory.path().toString(), "there is no such log");
        }
    }

    private RepairReport inspect(final boolean salvage, final Set<String> leftOvers)
            throws IOException {
        final LogReport found;
        try (MmapLogInspector inspector =
                new MmapLogInspector(directory.disk(), directory.path())) {
            found = inspector.verify(bytes -> {});
        }
        if (found.verdict() == Verdict.DAMAGED) {
            return salvage ? planSalvage(found, leftOvers) : refused(found);
        }
        return found.verdict() == Verdict.SOUND_TORN_TAIL ? planCut(found) : sound(found);
    }

    private RepairReport sound(final LogReport found) {
        return report(found, Action.NONE, List.of());
    }

    private RepairReport refused(final LogReport found) {
        return report(found, Action.REFUSED, List.of());
    }

    private RepairReport planCut(final LogReport found) throws IOException {
        try (LogScan scan = new LogScan(directory, damage -> {})) {
            scan.run();
            return report(
                    found,
                    Action.CUT,
                    List.of(new Cut(scan.tailName(), scan.tailOffset(), scan.lastLsn())));
        }
    }

    private static RepairReport report(
            final LogReport found, final Action action, final List<Cut> cuts) {
        return new RepairReport(
                found.location(),
                found.verdict(),
                found.damages(),
                action,
                false,
                found.firstLsn(),
                found.startLsn(),
                found.lastLsn() + 1,
                0,
                List.of(),
                List.of(),
                cuts,
                false,
                List.of(),
                null);
    }

    private RepairReport planSalvage(final LogReport found, final Set<String> leftOvers)
            throws IOException {
        final SalvageScan scan = new SalvageScan(directory);
        scan.run(leftOvers);
        final SalvagePlan plan = scan.plan();
        final List<Cut> cuts = new ArrayList<>();
        for (final SalvageSource source : scan.sources()) {
            if (source.cutOffset() >= 0) {
                cuts.add(new Cut(source.name(), source.cutOffset(), source.lastLsn()));
            }
        }
        return new RepairReport(
                found.location(),
                found.verdict(),
                found.damages(),
                Action.SALVAGE,
                false,
                plan.pieces().isEmpty() ? 0 : plan.firstLsn(),
                plan.startLsn(),
                plan.nextLsn(),
                plan.keptEntryCount(),
                plan.pieces().stream().map(SalvagePlan.Piece::kept).toList(),
                plan.lost(),
                cuts,
                plan.isCheckpointLost(),
                List.copyOf(scan.notes()),
                null);
    }

    private RepairReport cut(final RepairReport found) throws IOException {
        final List<String> changing = List.of(LogDirectory.CONTROL, found.cuts().get(0).segment());
        final Path copy = attic.copy(changing, false);
        final Recovery recovery =
                new Recovery(
                        directory,
                        new MmapStoreContext()
                                .directory(directory.path())
                                .disk(directory.disk())
                                .createIfMissing(false)
                                .segmentLength(
                                        (int)
                                                directory
                                                        .readHeader(changing.get(1))
                                                        .segmentLength()));
        final long lastLsn = recovery.run().lastLsn();
        final SegmentWriter writer = recovery.active();
        try {
            writer.appendClose(lastLsn);
            writer.force();
        } finally {
            writer.close();
        }
        directory.writeControl(recovery.control().reached(writer.header().index(), lastLsn));
        return found.applied(copy);
    }

    private RepairReport salvage(final RepairReport found, final Set<String> leftOvers)
            throws IOException {
        for (final String name : leftOvers) {
            directory.disk().delete(directory.resolve(name));
        }
        directory.disk().forceDirectory(directory.path());
        final SalvageScan scan = new SalvageScan(directory);
        scan.run(Set.of());
        final List<String> changing = new ArrayList<>(scan.names());
        if (directory.list().hasControl) {
            changing.add(LogDirectory.CONTROL);
        }
        if (scan.control() != null) { // what the copy is compared with must be durable
            directory.writeControl(scan.control());
        }
        Path copy = attic.findOpen();
        if (copy == null) {
            copy = attic.copy(changing, true);
        } else {
            attic.forceNames();
        }
        final SalvageScan before = headersOf(copy); // not less than what is left by now
        final long generation = before.newGeneration();
        final long firstIndex = before.newIndex();
        final SalvageWriter writer =
                new SalvageWriter(
                        directory, scan.plan(), scan.logId(), generation, scan.newSegmentLength());
        final long lastIndex = writer.write(firstIndex);
        commit(scan, generation, firstIndex, lastIndex);
        deleteFormer(scan.names());
        return found.applied(attic.close(copy));
    }

    /** From here on the log is the new segments. */
    private void commit(
            final SalvageScan scan,
            final long generation,
            final long firstIndex,
            final long lastIndex)
            throws IOException {
        final SalvagePlan plan = scan.plan();
        final Control before = scan.control();
        final Control control =
                new Control(
                        before == null ? 1 : before.sequence() + 1,
                        scan.logId(),
                        generation,
                        firstIndex,
                        plan.startLsn(),
                        plan.checkpoint() == null ? 0 : plan.checkpoint().lastLsn(),
                        lastIndex,
                        plan.nextLsn() - 1);
        if (before == null) {
            directory.createControl(control);
            directory.disk().forceDirectory(directory.path());
        } else {
            directory.writeControl(control);
        }
    }

    /** Deletes what the log was before; the control file, which says what it is now, is durable. */
    private void deleteFormer(final List<String> names) throws IOException {
        for (final String name : names) {
            directory.disk().delete(directory.resolve(name));
        }
        directory.disk().delete(directory.resolve(LogDirectory.REMOVED)); // it was not
        directory.disk().forceDirectory(directory.path());
    }

    /** An earlier salvage was cut short after the control file had moved on. */
    private void finishIfCommitted() throws IOException {
        final Path copy = attic.findOpen();
        final Control control = directory.readControl();
        if (copy == null || !isCommitted(copy, control)) {
            return;
        }
        // what was read may not be durable yet, nor its name
        directory.writeControl(control);
        directory.disk().forceDirectory(directory.path());
        deleteFormer(segmentsOf(copy));
        attic.close(copy);
    }

    /**
     * Whether the control file has moved on to what the salvage wrote: to its generation or one
     * behind it, and to a segment behind all that were there before.
     */
    private boolean isCommitted(final Path copy, final Control control) throws IOException {
        if (control == null || control.generation() < headersOf(copy).newGeneration()) {
            return false;
        }
        final String first = LogDirectory.segmentName(control.firstSegmentIndex());
        return segmentsOf(copy).stream().allMatch(name -> name.compareTo(first) < 0);
    }

    private List<String> segmentsOf(final Path copy) throws IOException {
        final List<String> names = new ArrayList<>(attic.list(copy));
        names.remove(LogDirectory.CONTROL);
        return names;
    }

    /**
     * What an earlier salvage wrote that was cut short before the control file moved on.
     *
     * @throws IOException when the log was changed since: nobody can say what is the log's then and
     *     what the salvage's.
     */
    private Set<String> leftOvers() throws IOException {
        final Path copy = attic.findOpen();
        if (copy == null || isCommitted(copy, directory.readControl())) {
            return Set.of();
        }
        final Set<String> leftOvers = leftOversOf(copy);
        if (leftOvers == null) {
            throw new IOException(
                    "an earlier salvage was cut short, and the log was changed since; "
                            + copy
                            + " holds the files as they were before it. First copy all of "
                            + directory.path()
                            + ". "
                            + advice(copy)
                            + " Then repair again");
        }
        return leftOvers;
    }

    /** What leaves a log that a repair finds its way in. */
    private String advice(final Path copy) throws IOException {
        final SalvageScan before = headersOf(copy);
        final long generation = before.newGeneration();
        final Control control = directory.readControl();
        boolean isOpenedSince = control != null && before.isLater(control.generation());
        final List<String> written = new ArrayList<>();
        for (final String name : directory.list().segments.values()) {
            final SegmentHeader header = directory.readHeader(name);
            if (header != null && header.generation() == generation) {
                written.add(name);
            }
            isOpenedSince |= header != null && before.isLater(header.generation());
        }
        final String last = "move " + copy.getFileName() + " out of the attic.";
        if (isOpenedSince && written.isEmpty()) {
            return "The log was opened since, so only " + last;
        }
        return (isOpenedSince
                        ? "The log was opened since, so only"
                        : "Then keep the files that were missing before, copy back what else is"
                                + " missing or changed,")
                + " delete the segments that the salvage wrote ("
                + (written.isEmpty() ? "none" : String.join(", ", written))
                + "), and "
                + last;
    }

    /** What the log was before a salvage. */
    private SalvageScan headersOf(final Path copy) throws IOException {
        final SalvageScan scan = new SalvageScan(new LogDirectory(directory.disk(), copy));
        scan.readHeaders(Set.of());
        return scan;
    }

    /**
     * Segments that the earlier salvage has added; null when that is not sure. It is as long as the
     * control file says what it said, all segments are there that were, and no opening came since.
     */
    private Set<String> leftOversOf(final Path copy) throws IOException {
        if (!attic.isUnchanged(copy, LogDirectory.CONTROL) && !saysTheSame(copy)) {
            return null;
        }
        final Set<String> present = new TreeSet<>(directory.list().segments.values());
        final List<String> copied = segmentsOf(copy);
        if (!present.containsAll(copied)) {
            return null;
        }
        present.removeAll(copied);
        final SalvageScan before = headersOf(copy);
        for (final String name : present) {
            final SegmentHeader header = directory.readHeader(name);
            if (name.compareTo(LogDirectory.segmentName(before.newIndex())) < 0
                    || header != null && header.generation() != before.newGeneration()) {
                return null;
            }
        }
        return present;
    }

    /** Whether the control file still says what it said, though a slot of it may be torn. */
    private boolean saysTheSame(final Path copy) throws IOException {
        final Control before = new LogDirectory(directory.disk(), copy).readControl();
        return before != null && before.equals(directory.readControl());
    }
}
