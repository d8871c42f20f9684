package io.wal.mmap.sim;

import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A segment, read by its description in {@code FORMAT.md} and not by the code under test.
 *
 * @param path of the file.
 * @param content of the file.
 * @param index in the header.
 * @param firstLsn in the header; 0 when only prepared.
 * @param records all that are sound and in their turn.
 */
record SegmentImage(Path path, byte[] content, long index, long firstLsn, List<Located> records) {
    static final int HEADER_LENGTH = 76;
    static final int RECORDS_OFFSET = 4096;
    private static final int LOG_ID_OFFSET = 16;
    private static final int INDEX_OFFSET = 24;
    private static final int GENERATION_OFFSET = 32;
    private static final int FIRST_LSN_OFFSET = 48;

    /**
     * A record and where it is.
     *
     * @param offset in the segment.
     * @param end behind its padding.
     * @param kind of it.
     * @param nextEntryLsn the LSN of it, if it is an entry, else that of the next entry.
     * @param durableLsn that it names; 0 when it names none.
     * @param startLsn that it makes count; 0 when it is no FINALIZE.
     */
    record Located(
            int offset,
            int end,
            RecordKind kind,
            long nextEntryLsn,
            long durableLsn,
            long startLsn) {}

    static SegmentImage parse(final Path path, final byte[] content) {
        final ByteBuffer header = ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN);
        final long firstLsn = header.getLong(FIRST_LSN_OFFSET);
        final List<Located> records = new ArrayList<>();
        final SegmentImage segment =
                new SegmentImage(path, content, header.getLong(INDEX_OFFSET), firstLsn, records);
        if (segment.isBegun()) {
            final int seed =
                    new RecordChecksum()
                            .seedOf(
                                    header.getLong(LOG_ID_OFFSET),
                                    header.getLong(GENERATION_OFFSET),
                                    segment.index());
            parse(content, seed, firstLsn, records);
        }
        return segment;
    }

    boolean isBegun() {
        return firstLsn != 0;
    }

    /** Behind the last record. */
    int end() {
        return records.isEmpty() ? RECORDS_OFFSET : records.get(records.size() - 1).end();
    }

    private static void parse(
            final byte[] content,
            final int seed,
            final long firstLsn,
            final List<Located> records) {
        final UnsafeBuffer buffer = new UnsafeBuffer(content);
        final RecordChecksum checksum = new RecordChecksum();
        long nextLsn = firstLsn;
        int at = RECORDS_OFFSET;
        while (at + RecordDescriptor.HEADER_LENGTH <= content.length
                && RecordDescriptor.isPlausible(buffer, at, content.length - at)) {
            final int length = RecordDescriptor.align(RecordDescriptor.length(buffer, at));
            final RecordKind kind = RecordDescriptor.kind(buffer, at);
            final boolean inTurn =
                    RecordDescriptor.lsn(buffer, at) == (kind.isEntry() ? nextLsn : nextLsn - 1);
            if (!inTurn
                    || (checksum.compute(content, at, length) ^ seed ^ at)
                            != RecordDescriptor.crc(buffer, at)) {
                return;
            }
            records.add(
                    new Located(
                            at,
                            at + length,
                            kind,
                            nextLsn,
                            MarkerDescriptor.namesDurableLsn(kind)
                                    ? MarkerDescriptor.get(
                                            buffer, at, MarkerDescriptor.DURABLE_LSN_OFFSET)
                                    : 0,
                            kind == RecordKind.FINALIZE
                                    ? MarkerDescriptor.get(
                                            buffer, at, MarkerDescriptor.START_LSN_OFFSET)
                                    : 0));
            nextLsn += kind.isEntry() ? 1 : 0;
            at += length;
        }
    }
}
