package io.wal.mmap;

import io.wal.mmap.RepairReport.LsnRange;
import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.io.IOException;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Writes what a salvage keeps into new segments, closed and durable. LSNs that are lost become
 * entries that were given up, which keeps LSNs dense and is what recovery passes over. The log is
 * not changed by that: the control file does not know the new segments yet.
 */
final class SalvageWriter {
    private final LogDirectory directory;
    private final SalvagePlan plan;
    private final long generation;
    private final SegmentPreparer preparer;
    private final RecordChecksum checksum = new RecordChecksum();
    private final byte[] voidArray = new byte[RecordDescriptor.frameLength(0)];
    private final UnsafeBuffer voidFrame = new UnsafeBuffer(voidArray);
    private final UnsafeBuffer frame = new UnsafeBuffer(0, 0);
    private SegmentWriter active;
    private long nextLsn;

    SalvageWriter(
            final LogDirectory directory,
            final SalvagePlan plan,
            final long logId,
            final long generation,
            final int segmentLength) {
        this.directory = directory;
        this.plan = plan;
        this.generation = generation;
        nextLsn = plan.firstLsn();
        preparer =
                new SegmentPreparer(
                        directory,
                        logId,
                        new MmapStoreContext()
                                .directory(directory.path())
                                .disk(directory.disk())
                                .segmentLength(segmentLength)
                                .maxSpareSegments(0));
    }

    /**
     * Writes all of it.
     *
     * @param firstIndex of the first new segment.
     * @return index of the last one.
     */
    long write(final long firstIndex) throws IOException {
        try (SegmentScanner scanner = new SegmentScanner()) {
            begin(firstIndex, 0);
            finalizeIfDue();
            for (final SalvagePlan.Piece piece : plan.pieces()) {
                fillUpTo(piece.firstLsn());
                copy(piece, scanner);
            }
            fillUpTo(plan.nextLsn());
            active.force();
            active.appendClose(nextLsn - 1);
            active.force();
            return active.header().index();
        } finally {
            if (active != null) {
                active.close();
            }
        }
    }

    private void copy(final SalvagePlan.Piece piece, final SegmentScanner scanner)
            throws IOException {
        final SalvageSource source = piece.source();
        try (DiskFile file =
                directory.disk().open(directory.resolve(source.name()), Disk.OpenMode.READ)) {
            scanner.begin(file, source.seed(), piece.run().firstLsn(), source.length());
            scanner.resume(piece.run().offset(), piece.run().firstLsn(), 0);
            while (nextLsn < piece.nextLsn()) {
                if (!scanner.next()) {
                    throw new IOException(source.name() + " was sound and is no more");
                }
                if (scanner.kind().isEntry() && scanner.lsn() == nextLsn) {
                    final DirectBuffer buffer = scanner.buffer();
                    final int index = scanner.recordIndex();
                    final int length = RecordDescriptor.frameLength(scanner.payloadLength());
                    frame.wrap(buffer, index, length);
                    append(
                            frame,
                            length,
                            RecordDescriptor.crc(buffer, index)
                                    ^ source.seed()
                                    ^ (int) scanner.offset());
                }
            }
        }
    }

    private void fillUpTo(final long lsn) throws IOException {
        while (nextLsn < lsn) {
            RecordDescriptor.putHeader(voidFrame, 0, nextLsn, RecordKind.VOID, 0);
            append(voidFrame, voidArray.length, checksum.compute(voidArray, 0, voidArray.length));
        }
    }

    private void append(final DirectBuffer entry, final int length, final int crc)
            throws IOException {
        rollUnlessFits(length);
        active.append(entry, length, crc);
        nextLsn++;
        finalizeIfDue();
    }

    /** Behind the last entry of the checkpoint that recovery begins with. */
    private void finalizeIfDue() throws IOException {
        final LsnRange checkpoint = plan.checkpoint();
        if (checkpoint != null
                && checkpoint.lastLsn() == nextLsn - 1
                && checkpoint.lastLsn() >= checkpoint.firstLsn() - 1) {
            rollUnlessFits(0);
            active.appendFinalize(nextLsn - 1, checkpoint.firstLsn());
        }
    }

    private void rollUnlessFits(final int frameLength) throws IOException {
        if (!active.fits(frameLength)) {
            final long running = active.appendSeal(nextLsn - 1, plan.firstLsn() - 1);
            active.force();
            final long next = active.header().index() + 1;
            active.close();
            active = null;
            begin(next, running);
        }
    }

    private void begin(final long index, final long predecessorChecksum) throws IOException {
        final SegmentPreparer.Prepared prepared = preparer.prepare(index, generation, () -> false);
        active =
                SegmentWriter.begin(
                        prepared.header().begun(generation, nextLsn - 1, predecessorChecksum),
                        prepared.target());
        active.appendBatch(nextLsn - 1, nextLsn - 1);
    }
}
