package io.wal.mmap.mutant;

import java.util.ArrayList;
import java.util.List;

/** A mistake that the simulation must find. */
final class Mutant {
    private static final String CRASHES = "CRASHES";
    private static final String SWEEP = "SWEEP";
    private static final String DAMAGE = "DAMAGE";
    private static final String REPAIR = "REPAIR";

    private final String name;
    private final String scenario;
    private final List<SourceEdit> edits = new ArrayList<>();

    private Mutant(final String name, final String scenario) {
        this.name = name;
        this.scenario = scenario;
    }

    /**
     * All of them.
     *
     * @return mutants; of each the name, the scenario that finds it, and what is changed, in which
     *     file, and into what.
     */
    static List<Mutant> all() {
        final List<Mutant> all = new ArrayList<>(acknowledging());
        all.addAll(naming());
        all.addAll(recovering());
        all.addAll(proving());
        all.addAll(releasing());
        all.addAll(keeping());
        all.addAll(replacing());
        return all;
    }

    private static List<Mutant> acknowledging() {
        return List.of(
                new Mutant("no force", CRASHES)
                        .edit(
                                "mmap/MappedTarget.java",
                                "mapping.force(from, position - from);",
                                ""),
                new Mutant("acknowledged before it is forced", CRASHES)
                        .edit(
                                "mmap/MmapLogStore.java",
                                "force(); durableLsn = lastLsn(); progress().durable(durableLsn);",
                                "durableLsn = lastLsn(); progress().durable(durableLsn); force();"),
                new Mutant("a failed force is tried again, and then acknowledged", CRASHES)
                        .edit(
                                "mmap/MmapLogStore.java",
                                "active.force();",
                                "try { active.force(); } catch (IOException e) { active.force(); }"),
                new Mutant("the header of a begun segment is not forced", CRASHES)
                        .edit(
                                "mmap/SegmentWriter.java",
                                "target.force(forcedPosition, position)",
                                "target.force(Math.max(SegmentDescriptor.RECORDS_OFFSET,"
                                        + " forcedPosition), position)"),
                new Mutant("a segment is not forced before the next is begun", CRASHES)
                        .edit(
                                "mmap/MmapLogStore.java",
                                "durableLsn); forceWritten(); batchOpen",
                                "durableLsn); batchOpen"),
                new Mutant("what its producer has given up is an entry", CRASHES)
                        .edit(
                                "store/AppendEvent.java",
                                "kind = RecordKind.VOID; payloadLength = 0; durability",
                                "durability"),
                new Mutant("closed before it is forced", CRASHES)
                        .edit(
                                "store/GroupCommitStore.java",
                                "commitBatch(true); closeLog();",
                                "closeLog();"));
    }

    private static List<Mutant> naming() {
        return List.of(
                new Mutant("no force of the directory", CRASHES)
                        .edit(
                                "mmap/SegmentPreparer.java",
                                "directory.disk().forceDirectory(directory.path());",
                                "if (directory == null) { throw new IOException(); }"),
                new Mutant("no force of the directories above a new log", CRASHES)
                        .edit(
                                "mmap/Recovery.java",
                                "forceAncestors(directory.disk(), directory.path());",
                                "")
                        .edit(
                                "mmap/Recovery.java",
                                "disk.forceDirectory(directory.getParent());",
                                ""),
                new Mutant("directories that an opening created are not forced by the next", SWEEP)
                        .edit(
                                "mmap/Recovery.java",
                                "forceAncestors(directory.disk(), directory.path());",
                                ""),
                new Mutant("a new segment is not forced", CRASHES)
                        .edit(
                                "mmap/SegmentPreparer.java",
                                "LogDirectory.writeHeader(file, header); file.force(); whole",
                                "LogDirectory.writeHeader(file, header); whole"),
                new Mutant("a recycled segment is not forced", CRASHES)
                        .edit(
                                "mmap/SegmentPreparer.java",
                                "LogDirectory.writeHeader(file, header); file.force(); } directory",
                                "LogDirectory.writeHeader(file, header); } directory"),
                new Mutant("the control file is not forced", CRASHES)
                        .edit(
                                "mmap/LogDirectory.java",
                                "ControlDescriptor.slotOffset(control)); file.force(); } }",
                                "ControlDescriptor.slotOffset(control)); } }"),
                new Mutant("the control file has one slot", CRASHES)
                        .edit(
                                "mmap/ControlDescriptor.java",
                                "return control.sequence() % SLOT_COUNT * SLOT_DISTANCE;",
                                "return 0;"));
    }

    private static List<Mutant> recovering() {
        return List.of(
                new Mutant("recovery does not write the tail again", CRASHES)
                        .edit("mmap/Recovery.java", "writeAgain(file, scan);", ""),
                new Mutant("recovery does not force the tail", CRASHES)
                        .edit(
                                "mmap/Recovery.java",
                                "file.write(end, scan.tailOffset()); file.force();",
                                "file.write(end, scan.tailOffset());"),
                new Mutant("checksums do not know the generation", CRASHES)
                        .edit(
                                "mmap/SegmentHeader.java",
                                "seedOf(logId, generation, index)",
                                "seedOf(logId, 0, index)"),
                new Mutant("the generation is not durable before the first record", CRASHES)
                        .edit(
                                "mmap/Recovery.java",
                                "directory.writeControl(control); preparer =",
                                "preparer ="),
                new Mutant("recovery does not write the control file's state again", SWEEP)
                        .edit("mmap/Recovery.java", "directory.writeControl(scan.control());", ""),
                new Mutant("what a recycled segment held before is readable", CRASHES)
                        .edit(
                                "mmap/SegmentHeader.java",
                                "seedOf(logId, generation, index)",
                                "seedOf(logId, 0, 0)")
                        .edit(
                                "mmap/SegmentScanner.java",
                                "|| lsn != (kind.isEntry() ? nextLsn : nextLsn - 1)",
                                ""));
    }

    private static List<Mutant> proving() {
        return List.of(
                new Mutant("no watermark is written", DAMAGE)
                        .edit(
                                "mmap/SegmentWriter.java",
                                "durableLsn); appendMarker(RecordKind.BATCH",
                                "0); appendMarker(RecordKind.BATCH"),
                new Mutant("no watermark is looked at", DAMAGE)
                        .edit(
                                "mmap/LogScan.java",
                                "End.BROKEN && isNamedDurable(nextLsn, brokenOffset)",
                                "End.BROKEN && false"),
                new Mutant("the running checksum is not compared", DAMAGE)
                        .edit(
                                "mmap/LogScan.java",
                                "|| header.predecessorChecksum() != tailChecksum && !tailDamaged",
                                ""),
                new Mutant("segments are no chain", DAMAGE)
                        .edit(
                                "mmap/LogScan.java",
                                "header.firstLsn() != nextLsn || header.predecessorLsn() != nextLsn"
                                        + " - 1 || header.predecessorChecksum() != tailChecksum &&"
                                        + " !tailDamaged",
                                "false")
                        .edit("mmap/LogScan.java", "&& header.index() == index", "")
                        .edit("mmap/LogScan.java", "header.index() != index", "false"));
    }

    private static List<Mutant> releasing() {
        return List.of(
                new Mutant("space is released before the checkpoint is durable", CRASHES)
                        .edit(
                                "mmap/MmapLogStore.java",
                                "batchOpen = false; if (force ||",
                                "batchOpen = false; if (finalize != null) {"
                                        + " allocator.release(finalize.startLsn(), lastLsn()); }"
                                        + " if (force ||"),
                new Mutant("segments are released before the control file says so", CRASHES)
                        .edit(
                                "mmap/SegmentAllocator.java",
                                "directory.writeControl(control); final NavigableMap",
                                "final NavigableMap")
                        .edit(
                                "mmap/SegmentAllocator.java",
                                "directory.disk().forceDirectory(directory.path()); }",
                                "directory.disk().forceDirectory(directory.path()); }"
                                        + " directory.writeControl(control);"));
    }

    private static List<Mutant> keeping() {
        return List.of(
                new Mutant("a repair drops a sound entry", REPAIR)
                        .edit(
                                "mmap/SalvagePlan.java",
                                "Math.min(limit, run.nextLsn())",
                                "Math.min(limit, run.nextLsn()) - 1"),
                new Mutant("a repair keeps a damaged entry", REPAIR)
                        .edit(
                                "mmap/SegmentScanner.java",
                                "!= foundCrc) {",
                                "!= foundCrc"
                                        + " && RecordDescriptor.lsn(window, foundIndex) % 2 != 0) {"),
                new Mutant("a repair does not say what is lost", REPAIR)
                        .edit(
                                "mmap/SalvagePlan.java",
                                "gaps(pieces, whole == null ? heldFrom : whole.firstLsn(),"
                                        + " nextLsn));",
                                "List.of());"),
                new Mutant("a repair lets a lost LSN be used again", REPAIR)
                        .edit(
                                "mmap/SalvagePlan.java",
                                "Math.max(behindPieces, usedLsn + 1)",
                                "behindPieces"),
                new Mutant("a repair acts when it is to plan", REPAIR)
                        .edit(
                                "mmap/MmapLogRepair.java",
                                "return inspect(salvage, leftOvers());",
                                "final RepairReport found = inspect(salvage, leftOvers());"
                                        + " return found.action() == Action.SALVAGE"
                                        + " ? salvage(found, leftOvers()) : found;"),
                new Mutant("a repair salvages when it was not asked to", REPAIR)
                        .edit(
                                "mmap/MmapLogRepair.java",
                                "return salvage ? planSalvage(found, leftOvers) : refused(found);",
                                "return planSalvage(found, leftOvers);"));
    }

    private static List<Mutant> replacing() {
        return List.of(
                new Mutant("a repair deletes segments that it did not put into the attic", REPAIR)
                        .edit(
                                "mmap/MmapLogRepair.java",
                                "copy = attic.copy(changing, true);",
                                "copy = attic.copy(List.of(), true);"),
                new Mutant("a repair does not put the control file into the attic", REPAIR)
                        .edit("mmap/MmapLogRepair.java", "changing.add(LogDirectory.CONTROL);", ""),
                new Mutant("a repair does not force what is in the attic", REPAIR)
                        .edit("mmap/Attic.java", "target.force();", ""),
                new Mutant("a repair does not force the names in the attic", REPAIR)
                        .edit("mmap/Attic.java", "disk.forceDirectory(filling);", ""),
                new Mutant("a repair does not force what it salvages", REPAIR)
                        .edit(
                                "mmap/SalvageWriter.java",
                                "active.force(); active.appendClose(nextLsn - 1); active.force();",
                                "active.appendClose(nextLsn - 1);"),
                new Mutant("a repair deletes segments before the new ones count", REPAIR)
                        .edit(
                                "mmap/MmapLogRepair.java",
                                "commit(scan, generation, firstIndex, lastIndex);"
                                        + " deleteFormer(scan.names());",
                                "deleteFormer(scan.names());"
                                        + " commit(scan, generation, firstIndex, lastIndex);"));
    }

    String scenario() {
        return scenario;
    }

    List<SourceEdit> edits() {
        return edits;
    }

    @Override
    public String toString() {
        return name;
    }

    private Mutant edit(final String file, final String text, final String replacement) {
        edits.add(new SourceEdit(file, text, replacement));
        return this;
    }
}
