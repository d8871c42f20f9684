package io.wal.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.Durability;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import io.wal.store.AppendEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class BatchDescriptorTest {
    private static final long LOG_ID = 0x1122334455667788L;

    /** A batch of epoch 3 with the entries 7, "ab", and 8, given up, when 5 was durable. */
    private static final String GOLDEN =
            "57414c42"
                    + "%s"
                    + "01000000"
                    + "02000000"
                    + "8877665544332211"
                    + "0300000000000000"
                    + "0700000000000000"
                    + "0500000000000000"
                    + "38000000"
                    + "00000000"
                    + "%s"
                    + "1a000000"
                    + "0700000000000000"
                    + "0100000000000000"
                    + "6162000000000000"
                    + "%s"
                    + "18000000"
                    + "0800000000000000"
                    + "0300000000000000";

    @Test
    void fieldsFillTheHeaderWithoutGapOrOverlap() {
        final UnsafeBuffer batch = new UnsafeBuffer(new byte[BatchDescriptor.HEADER_LENGTH]);
        batch.setMemory(0, batch.capacity(), (byte) 0x55);

        BatchDescriptor.putHeader(batch, -1, -1, -1, -1, -1, -1);
        BatchDescriptor.putCrc(batch, -1);

        assertThat(BatchDescriptor.magic(batch)).isEqualTo(BatchDescriptor.MAGIC);
        assertThat(BatchDescriptor.version(batch)).isEqualTo(BatchDescriptor.VERSION);
        assertThat(BatchDescriptor.crc(batch)).isEqualTo(-1);
        assertThat(BatchDescriptor.count(batch)).isEqualTo(-1);
        assertThat(BatchDescriptor.logId(batch)).isEqualTo(-1);
        assertThat(BatchDescriptor.epoch(batch)).isEqualTo(-1);
        assertThat(BatchDescriptor.firstLsn(batch)).isEqualTo(-1);
        assertThat(BatchDescriptor.durableLsn(batch)).isEqualTo(-1);
        assertThat(BatchDescriptor.recordsLength(batch)).isEqualTo(-1);
        int zeroes = 0;
        for (int i = 0; i < batch.capacity(); i++) {
            assertThat(batch.getByte(i)).isNotEqualTo((byte) 0x55);
            zeroes += batch.getByte(i) == 0 ? 1 : 0;
        }
        assertThat(zeroes).as("flags and reserved bytes").isEqualTo(7);
        assertThat(BatchDescriptor.HEADER_LENGTH).isEqualTo(56);
        assertThat(BatchDescriptor.HEADER_LENGTH % RecordDescriptor.ALIGNMENT).isZero();
    }

    @Test
    void bytesAreAsTheyEverWere() {
        final byte[] value = goldenBatch();

        assertThat(HexFormat.of().formatHex(value))
                .isEqualTo(GOLDEN.formatted("5ff7f735", "9138b242", "e88233ca"));
    }

    @Test
    void batchComesBackAsItWasWritten() {
        final BatchView view = new BatchView();
        final List<String> records = new ArrayList<>();

        final KvEntry entry = new KvEntry("k", goldenBatch(), 1, 0);
        assertThat(view.wrap(entry, 7, LOG_ID)).isNull();
        assertThat(
                        view.forEachRecord(
                                (recordOffset, lsn, kind, buffer, offset, length) ->
                                        records.add(
                                                lsn
                                                        + " "
                                                        + kind
                                                        + " "
                                                        + buffer.getStringWithoutLengthAscii(
                                                                offset, length))))
                .isNull();

        assertThat(records).containsExactly("7 DATA ab", "8 VOID ");
        assertThat(view.firstLsn()).isEqualTo(7);
        assertThat(view.lastLsn()).isEqualTo(8);
        assertThat(view.epoch()).isEqualTo(3);
        assertThat(view.durableLsn()).isEqualTo(5);
        assertThat(view.wrap(entry, 6, LOG_ID)).isNotNull();
        assertThat(view.wrap(entry, 7, LOG_ID + 1)).isNotNull();
    }

    @Test
    void batchCutAnywhereIsNone() {
        final byte[] value = goldenBatch();
        final BatchView view = new BatchView();

        for (int length = 0; length < value.length; length++) {
            final byte[] cut = Arrays.copyOf(value, length);
            assertThat(view.wrap(new KvEntry("k", cut, 1, 0), 7, LOG_ID)).isNotNull();
        }
    }

    private static byte[] goldenBatch() {
        final BatchWriter writer = new BatchWriter(LOG_ID, 3, 1024);
        final AppendEvent first = new AppendEvent(64);
        first.begin(7, RecordKind.DATA, Durability.FORCED, 2, null);
        first.payloadBuffer()
                .putBytes(RecordDescriptor.HEADER_LENGTH, "ab".getBytes(StandardCharsets.US_ASCII));
        first.seal();
        final AppendEvent second = new AppendEvent(64);
        second.begin(8, RecordKind.DATA, Durability.FORCED, 9, null);
        second.abort();
        writer.add(first);
        writer.add(second);
        return writer.encode(5);
    }
}
