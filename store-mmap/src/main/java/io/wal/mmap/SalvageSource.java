package io.wal.mmap;

import io.wal.mmap.RepairReport.LsnRange;
import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is sound in one file of a damaged log: the records whose checksums fit their places. */
final class SalvageSource {
    private final String name;
    private final long length;
    private final long logId;
    private final long index;
    private final long generation;
    private final long firstLsn;
    private final List<Run> runs = new ArrayList<>();
    private final List<LsnRange> checkpoints = new ArrayList<>();
    private int longestFrameLength;
    private long cutOffset = -1;

    /**
     * Sound records that follow each other without a gap.
     *
     * @param offset of the first.
     * @param end behind the last.
     * @param firstLsn that the first entry has, or would have.
     * @param nextLsn that the entry behind the last would have.
     * @param durableLsn highest that a marker among them names; 0 for none.
     * @param markerLsn of the first of these markers; -1 for none.
     */
    record Run(
            long offset,
            long end,
            long firstLsn,
            long nextLsn,
            long durableLsn,
            long markerLsn,
            int checkpointCount) {}

    private SalvageSource(
            final String name,
            final long length,
            final long logId,
            final long index,
            final long generation,
            final long firstLsn) {
        this.name = name;
        this.length = length;
        this.logId = logId;
        this.index = index;
        this.generation = generation;
        this.firstLsn = firstLsn;
    }

    /**
     * Reads a file as the records of a place.
     *
     * @param firstLsn of the segment; 0 when it is not known.
     * @param scanner to use.
     */
    static SalvageSource read(
            final LogDirectory directory,
            final String name,
            final long logId,
            final long index,
            final long generation,
            final long firstLsn,
            final SegmentScanner scanner)
            throws IOException {
        try (DiskFile file = directory.disk().open(directory.resolve(name), Disk.OpenMode.READ)) {
            final SalvageSource source =
                    new SalvageSource(name, file.length(), logId, index, generation, firstLsn);
            scanner.begin(file, source.seed(), Math.max(firstLsn, 1), source.length);
            source.readRuns(scanner);
            return source;
        }
    }

    String name() {
        return name;
    }

    long length() {
        return length;
    }

    long index() {
        return index;
    }

    long logId() {
        return logId;
    }

    long generation() {
        return generation;
    }

    int seed() {
        return SegmentHeader.seed(logId, generation, index);
    }

    /** First LSN of the segment; 0 when its header is damaged, and its first record too. */
    long firstLsn() {
        if (firstLsn > 0 || runs.isEmpty()) {
            return firstLsn;
        }
        final Run first = runs.get(0);
        return first.offset() == SegmentDescriptor.RECORDS_OFFSET ? first.firstLsn() : 0;
    }

    List<Run> runs() {
        return runs;
    }

    /**
     * The checkpoints that were finalized here: first and last LSN, which may be the one before.
     */
    List<LsnRange> checkpoints() {
        return checkpoints;
    }

    int longestFrameLength() {
        return longestFrameLength;
    }

    /** Where a tail that was never acknowledged begins; -1 when nothing is to be cut. */
    long cutOffset() {
        return cutOffset;
    }

    /** Last LSN of an entry here; 0 when there is none. */
    long lastLsn() {
        return runs.isEmpty() ? 0 : runs.get(runs.size() - 1).nextLsn() - 1;
    }

    /** Highest LSN that a marker here names as durable. */
    long durableLsn() {
        return runs.stream().mapToLong(Run::durableLsn).max().orElse(0);
    }

    /**
     * Cuts what lies behind a hole of which nothing says that it was durable. Only for the last
     * segment.
     *
     * @param knownDurableLsn what evidence outside of this segment names.
     * @param leastLsn least LSN that the segment's first entry can have.
     */
    void cutTornTail(final long knownDurableLsn, final long leastLsn) {
        long missingLsn = firstLsn() > 0 ? firstLsn() : leastLsn;
        long known = knownDurableLsn;
        for (int i = 0; i < runs.size(); i++) {
            final Run run = runs.get(i);
            final boolean isBehindHole = i > 0 || run.offset() > SegmentDescriptor.RECORDS_OFFSET;
            if (isBehindHole && known < missingLsn && !isNamedDurable(missingLsn, i)) {
                cutOffset = i == 0 ? SegmentDescriptor.RECORDS_OFFSET : runs.get(i - 1).end();
                final int keptCheckpoints =
                        runs.subList(0, i).stream().mapToInt(Run::checkpointCount).sum();
                checkpoints.subList(keptCheckpoints, checkpoints.size()).clear();
                runs.subList(i, runs.size()).clear();
                return;
            }
            known = Math.max(known, run.durableLsn());
            missingLsn = run.nextLsn();
        }
    }

    private boolean isNamedDurable(final long lsn, final int fromRun) {
        for (final Run run : runs.subList(fromRun, runs.size())) {
            if (run.durableLsn() >= lsn || run.markerLsn() == lsn - 1) {
                return true;
            }
        }
        return false;
    }

    private void readRuns(final SegmentScanner scanner) throws IOException {
        boolean sound =
                firstLsn > 0
                        ? scanner.next() || scanner.seek(scanner.nextOffset(), firstLsn - 1)
                        : scanner.seek(SegmentDescriptor.RECORDS_OFFSET, 0, Long.MAX_VALUE - 1);
        while (sound) {
            readRun(scanner);
            sound = scanner.seek(scanner.nextOffset(), scanner.nextLsn() - 1);
        }
    }

    /** The scanner stands on the first record of the run. */
    private void readRun(final SegmentScanner scanner) throws IOException {
        final long offset = scanner.offset();
        final long lsn = scanner.kind().isEntry() ? scanner.lsn() : scanner.lsn() + 1;
        final int checkpointsBefore = checkpoints.size();
        long durableLsn = 0;
        long markerLsn = -1;
        do {
            final RecordKind kind = scanner.kind();
            if (MarkerDescriptor.namesDurableLsn(kind)) {
                durableLsn =
                        Math.max(durableLsn, scanner.field(MarkerDescriptor.DURABLE_LSN_OFFSET));
                markerLsn = markerLsn < 0 ? scanner.lsn() : markerLsn;
            } else if (kind == RecordKind.FINALIZE) {
                checkpoints.add(
                        new LsnRange(
                                scanner.field(MarkerDescriptor.START_LSN_OFFSET), scanner.lsn()));
            }
            longestFrameLength =
                    Math.max(
                            longestFrameLength,
                            RecordDescriptor.frameLength(scanner.payloadLength()));
        } while (scanner.next());
        runs.add(
                new Run(
                        offset,
                        scanner.nextOffset(),
                        lsn,
                        scanner.nextLsn(),
                        durableLsn,
                        markerLsn,
                        checkpoints.size() - checkpointsBefore));
    }
}
