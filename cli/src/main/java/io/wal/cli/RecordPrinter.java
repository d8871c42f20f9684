package io.wal.cli;

import io.wal.inspect.SegmentReport;
import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import org.agrona.DirectBuffer;

/**
 * Writes records with the place where they are stored: segment, offset, LSN, kind, length, and then
 * the payload of an entry or the meaning of a marker. A segment's header is written like a record.
 */
final class RecordPrinter {
    private static final String SEGMENT = "SEGMENT";

    private final OutputBuffer out;
    private final PayloadCodec codec;
    private final boolean json;

    RecordPrinter(final OutputBuffer out, final EntryFormat format, final boolean json) {
        this.out = out;
        this.codec = PayloadCodec.of(format);
        this.json = json;
    }

    void printSegment(final SegmentReport segment) {
        if (json) {
            final JsonWriter line = new JsonWriter().beginObject();
            line.field("segment", segment.name())
                    .field("offset", 0)
                    .field("lsn", segment.firstLsn());
            line.field("kind", SEGMENT).field("length", segment.length());
            line.field("generation", segment.generation()).field("state", segment.state());
            out.putText(line.endObject().take() + "\n");
            return;
        }
        printColumns(segment.name(), 0, segment.firstLsn(), SEGMENT, segment.length());
        out.putText("generation=" + segment.generation() + " state=" + segment.state() + "\n");
    }

    void printRecord(
            final String segment,
            final long segmentOffset,
            final long lsn,
            final RecordKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (json) {
            final JsonWriter line = new JsonWriter().beginObject();
            line.field("segment", segment).field("offset", segmentOffset).field("lsn", lsn);
            line.field("kind", kind.name()).field("length", length);
            final String begin = line.take(); // the payload is too long for a string on its way
            out.putText(begin);
            if (kind.isEntry()) {
                out.putAscii(",\"payload\":\"");
                codec.encode(buffer, offset, length, out);
                out.putAscii("\"}\n");
            } else {
                printMarkerJson(kind, buffer, offset);
            }
            return;
        }
        printColumns(segment, segmentOffset, lsn, kind.name(), length);
        if (!kind.isEntry()) {
            printMarker(kind, buffer, offset);
        } else if (codec == null) {
            out.putBytes(buffer, offset, length);
        } else {
            codec.encode(buffer, offset, length, out);
        }
        out.putByte('\n');
    }

    private void printColumns(
            final String segment,
            final long segmentOffset,
            final long lsn,
            final String kind,
            final long length) {
        out.putText(segment);
        out.putByte('\t');
        out.putDecimal(segmentOffset);
        out.putByte('\t');
        out.putDecimal(lsn);
        out.putByte('\t');
        out.putAscii(kind);
        out.putByte('\t');
        out.putDecimal(length);
        out.putByte('\t');
    }

    private void printMarker(final RecordKind kind, final DirectBuffer buffer, final int offset) {
        out.putAscii(kind == RecordKind.FINALIZE ? "startLsn=" : "durableLsn=");
        out.putDecimal(firstField(buffer, offset));
    }

    private void printMarkerJson(
            final RecordKind kind, final DirectBuffer buffer, final int offset) {
        out.putAscii(kind == RecordKind.FINALIZE ? ",\"startLsn\":" : ",\"durableLsn\":");
        out.putDecimal(firstField(buffer, offset));
        out.putAscii("}\n");
    }

    /** All markers have their LSN in the same place. */
    private static long firstField(final DirectBuffer buffer, final int payloadOffset) {
        return MarkerDescriptor.get(
                buffer,
                payloadOffset - RecordDescriptor.HEADER_LENGTH,
                MarkerDescriptor.DURABLE_LSN_OFFSET);
    }
}
