package io.wal.cli;

import io.wal.record.RecordKind;
import org.agrona.DirectBuffer;

/** Writes entries in one of the formats. */
final class EntryPrinter {
    private final OutputBuffer out;
    private final EntryFormat format;
    private final boolean payloadOnly;
    private final boolean json;
    private final PayloadCodec codec;

    EntryPrinter(
            final OutputBuffer out,
            final EntryFormat format,
            final boolean payloadOnly,
            final boolean json) {
        this.out = out;
        this.format = format;
        this.payloadOnly = payloadOnly;
        this.json = json;
        this.codec = PayloadCodec.of(format);
    }

    void print(
            final long lsn,
            final RecordKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (json) {
            printJson(lsn, kind, buffer, offset, length);
        } else if (format == EntryFormat.FRAMED) {
            printFrame(lsn, kind, buffer, offset, length);
        } else {
            printLine(lsn, kind, buffer, offset, length);
        }
    }

    private void printLine(
            final long lsn,
            final RecordKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (!payloadOnly) {
            out.putDecimal(lsn);
            out.putByte('\t');
            out.putAscii(kind.name());
            out.putByte('\t');
        }
        if (codec == null) {
            out.putBytes(buffer, offset, length);
        } else {
            codec.encode(buffer, offset, length, out);
        }
        out.putByte('\n');
    }

    private void printFrame(
            final long lsn,
            final RecordKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        if (!payloadOnly) {
            out.putLong(lsn);
            out.putByte(kind.code());
        }
        out.putInt(length);
        out.putBytes(buffer, offset, length);
    }

    /**
     * By hand rather than with {@link JsonWriter}: a payload is too long for a string on its way.
     */
    private void printJson(
            final long lsn,
            final RecordKind kind,
            final DirectBuffer buffer,
            final int offset,
            final int length) {
        out.putAscii("{\"lsn\":");
        out.putDecimal(lsn);
        out.putAscii(",\"kind\":\"");
        out.putAscii(kind.name());
        out.putAscii("\",\"length\":");
        out.putDecimal(length);
        out.putAscii(",\"payload\":\"");
        codec.encode(buffer, offset, length, out);
        out.putAscii("\"}\n");
    }
}
