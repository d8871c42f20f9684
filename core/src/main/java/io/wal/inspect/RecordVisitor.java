package io.wal.inspect;

import io.wal.record.RecordKind;
import org.agrona.DirectBuffer;

/** Receives what a log holds, in log order. */
public interface RecordVisitor {
    /**
     * A segment begins: a file, or a batch of a distributed log.
     *
     * @param segment what is known of it from its header.
     */
    default void onSegment(final SegmentReport segment) {}

    /**
     * A sound record: an entry, a void or a marker.
     *
     * @param segment name of the segment that holds it.
     * @param segmentOffset of the record in the segment, in bytes.
     * @param lsn in the record's header.
     * @param kind of the record.
     * @param buffer that holds the payload; valid only during the call.
     * @param offset of the payload in the buffer.
     * @param length of the payload in bytes.
     */
    void onRecord(
            String segment,
            long segmentOffset,
            long lsn,
            RecordKind kind,
            DirectBuffer buffer,
            int offset,
            int length);

    /**
     * Damage; records behind it are visited as far as they can be found.
     *
     * @param damage that was found.
     */
    default void onDamage(final Damage damage) {}
}
