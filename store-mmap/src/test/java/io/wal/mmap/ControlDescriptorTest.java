package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.UnsupportedFormatException;
import io.wal.record.RecordChecksum;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ControlDescriptorTest {
    private static final Control CONTROL =
            new Control(
                    0x0102030405060708L,
                    0x1112131415161718L,
                    0x2122232425262728L,
                    0x3132333435363738L,
                    0x4142434445464748L,
                    0x5152535455565758L,
                    0x6162636465666768L,
                    0x7172737475767778L);

    @Test
    void fieldsFillTheSlotWithoutGapOrOverlap() {
        final int[][] offsetsAndLengths = {
            {ControlDescriptor.MAGIC_OFFSET, 8},
            {ControlDescriptor.VERSION_OFFSET, 4},
            {ControlDescriptor.VERSION_OFFSET + 4, 4}, // reserved
            {ControlDescriptor.SEQUENCE_OFFSET, 8},
            {ControlDescriptor.LOG_ID_OFFSET, 8},
            {ControlDescriptor.GENERATION_OFFSET, 8},
            {ControlDescriptor.FIRST_SEGMENT_OFFSET, 8},
            {ControlDescriptor.START_LSN_OFFSET, 8},
            {ControlDescriptor.END_LSN_OFFSET, 8},
            {ControlDescriptor.BEGUN_SEGMENT_OFFSET, 8},
            {ControlDescriptor.DURABLE_LSN_OFFSET, 8},
            {ControlDescriptor.CRC_OFFSET, 4},
        };

        int next = 0;
        for (final int[] field : offsetsAndLengths) {
            assertThat(field[0]).isEqualTo(next);
            next += field[1];
        }

        assertThat(next).isEqualTo(ControlDescriptor.SLOT_LENGTH).isLessThanOrEqualTo(512);
        assertThat(ControlDescriptor.FILE_LENGTH).isEqualTo(8192);
    }

    @Test
    void encodesTheGoldenBytesOfFormatVersion1() {
        assertThat(HexFormat.of().formatHex(encoded().array()))
                .isEqualTo(
                        "77616c6374726c0a" // magic: "walctrl" and a line feed
                                + "01000000" // format version
                                + "00000000" // reserved
                                + "0807060504030201" // sequence
                                + "1817161514131211" // log id
                                + "2827262524232221" // generation
                                + "3837363534333231" // first segment
                                + "4847464544434241" // start LSN
                                + "5857565554535251" // end LSN
                                + "6867666564636261" // begun segment
                                + "7877767574737271" // durable LSN
                                + "717d9d73"); // CRC32C of all that
    }

    @Test
    void decodesWhatWasEncoded() {
        final long seed = Long.getLong("wal.test.seed", System.nanoTime());
        final Random random = new Random(seed);
        for (int i = 0; i < 1000; i++) {
            final Control control =
                    new Control(
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong());
            final ByteBuffer slot = ByteBuffer.allocate(ControlDescriptor.SLOT_LENGTH);
            ControlDescriptor.encode(control, slot);
            final int offset = random.nextInt(64);
            final ByteBuffer file = ByteBuffer.allocate(offset + slot.capacity());
            file.put(offset, slot.array());

            assertThat(ControlDescriptor.decode(file, offset, "control"))
                    .as("wal.test.seed=" + seed)
                    .isEqualTo(control);
        }
    }

    @Test
    void everyFlippedBitMakesTheSlotUnreadable() {
        for (int bit = 0; bit < 8 * ControlDescriptor.SLOT_LENGTH; bit++) {
            final ByteBuffer buffer = encoded();
            final int at = bit / 8;
            buffer.put(at, (byte) (buffer.get(at) ^ 1 << bit % 8));

            assertThat(ControlDescriptor.decode(buffer, 0, "control")).as("bit " + bit).isNull();
        }
    }

    @Test
    void soundSlotOfAnotherVersionIsRefusedByName() {
        final ByteBuffer buffer = encoded();
        buffer.putInt(ControlDescriptor.VERSION_OFFSET, 2);
        final int crc = new RecordChecksum().of(buffer, 0, ControlDescriptor.CRC_OFFSET);
        buffer.clear();
        buffer.putInt(ControlDescriptor.CRC_OFFSET, crc);

        assertThatThrownBy(() -> ControlDescriptor.decode(buffer, 0, "/log/control.wal"))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessage(
                        "/log/control.wal has format version 2, and this library reads up to"
                                + " version 1; use a newer library");
    }

    @Test
    void eachStateIsWrittenToTheSlotThatTheOneBeforeIsNotIn() {
        Control control = Control.create(42, 1);
        assertThat(ControlDescriptor.slotOffset(control)).isEqualTo(4096);

        control = control.nextGeneration(1);
        assertThat(ControlDescriptor.slotOffset(control)).isZero();

        control = control.released(5, 100, 110);
        assertThat(ControlDescriptor.slotOffset(control)).isEqualTo(4096);
        assertThat(control).isEqualTo(new Control(3, 42, 1, 5, 100, 110, 0, 0));

        control = control.reached(7, 210);
        assertThat(ControlDescriptor.slotOffset(control)).isZero();
        assertThat(control).isEqualTo(new Control(4, 42, 1, 5, 100, 110, 7, 210));
    }

    private static ByteBuffer encoded() {
        final ByteBuffer buffer = ByteBuffer.allocate(ControlDescriptor.SLOT_LENGTH);
        ControlDescriptor.encode(CONTROL, buffer);
        return buffer;
    }
}
