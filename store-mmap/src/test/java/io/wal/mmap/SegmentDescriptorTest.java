package io.wal.mmap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.UnsupportedFormatException;
import io.wal.record.MarkerDescriptor;
import io.wal.record.RecordChecksum;
import io.wal.record.RecordDescriptor;
import io.wal.record.RecordKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SegmentDescriptorTest {
    private static final SegmentHeader HEADER =
            new SegmentHeader(
                    0x0102030405060708L,
                    0x1112131415161718L,
                    0x2122232425262728L,
                    0x3132333435363738L,
                    0x4142434445464748L,
                    0x5152535455565758L,
                    0x6162636465666768L);

    @Test
    void fieldsFillTheHeaderWithoutGapOrOverlap() {
        final int[][] offsetsAndLengths = {
            {SegmentDescriptor.MAGIC_OFFSET, 8},
            {SegmentDescriptor.VERSION_OFFSET, 4},
            {SegmentDescriptor.VERSION_OFFSET + 4, 4}, // reserved
            {SegmentDescriptor.LOG_ID_OFFSET, 8},
            {SegmentDescriptor.INDEX_OFFSET, 8},
            {SegmentDescriptor.GENERATION_OFFSET, 8},
            {SegmentDescriptor.SEGMENT_LENGTH_OFFSET, 8},
            {SegmentDescriptor.FIRST_LSN_OFFSET, 8},
            {SegmentDescriptor.PREDECESSOR_LSN_OFFSET, 8},
            {SegmentDescriptor.PREDECESSOR_CHECKSUM_OFFSET, 8},
            {SegmentDescriptor.CRC_OFFSET, 4},
        };

        int next = 0;
        for (final int[] field : offsetsAndLengths) {
            assertThat(field[0]).isEqualTo(next);
            next += field[1];
        }

        assertThat(next).isEqualTo(SegmentDescriptor.HEADER_LENGTH);
    }

    @Test
    void headerLiesInOneSectorOfThePageBeforeTheRecords() {
        assertThat(SegmentDescriptor.HEADER_LENGTH).isLessThanOrEqualTo(512);
        assertThat(SegmentDescriptor.RECORDS_OFFSET).isEqualTo(4096);
        assertThat(SegmentDescriptor.RECORDS_OFFSET % RecordDescriptor.ALIGNMENT).isZero();
    }

    @Test
    void encodesTheGoldenBytesOfFormatVersion1() {
        final ByteBuffer buffer = ByteBuffer.allocate(SegmentDescriptor.HEADER_LENGTH);

        SegmentDescriptor.encode(HEADER, buffer, 0);

        assertThat(HexFormat.of().formatHex(buffer.array()))
                .isEqualTo(
                        "77616c7365676d0a" // magic: "walsegm" and a line feed
                                + "01000000" // format version
                                + "00000000" // reserved
                                + "0807060504030201" // log id
                                + "1817161514131211" // index
                                + "2827262524232221" // generation
                                + "3837363534333231" // segment length
                                + "4847464544434241" // first LSN
                                + "5857565554535251" // predecessor's last LSN
                                + "6867666564636261" // predecessor's checksum
                                + "1d48f451"); // CRC32C of all that
    }

    @Test
    void decodesWhatWasEncodedAtAnyOffsetAndByteOrder() {
        final long seed = Long.getLong("wal.test.seed", System.nanoTime());
        final Random random = new Random(seed);
        for (int i = 0; i < 1000; i++) {
            final SegmentHeader header =
                    new SegmentHeader(
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong(),
                            random.nextLong());
            final int offset = random.nextInt(64);
            final ByteBuffer buffer = ByteBuffer.allocate(offset + SegmentDescriptor.HEADER_LENGTH);
            buffer.order(random.nextBoolean() ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);

            SegmentDescriptor.encode(header, buffer, offset);
            final ByteBuffer copy =
                    ByteBuffer.wrap(
                            Arrays.copyOfRange(buffer.array(), offset, buffer.array().length));

            assertThat(SegmentDescriptor.decode(copy, copy.capacity(), "segment"))
                    .as("wal.test.seed=" + seed)
                    .isEqualTo(header);
        }
    }

    @Test
    void everyFlippedBitMakesTheHeaderUnreadable() {
        for (int bit = 0; bit < 8 * SegmentDescriptor.HEADER_LENGTH; bit++) {
            final ByteBuffer buffer = encoded();
            final int at = bit / 8;
            buffer.put(at, (byte) (buffer.get(at) ^ 1 << bit % 8));

            assertThat(SegmentDescriptor.decode(buffer, buffer.capacity(), "segment"))
                    .as("bit " + bit)
                    .isNull();
        }
    }

    @Test
    void headerThatIsCutShortIsUnreadable() {
        for (int available = 0; available < SegmentDescriptor.HEADER_LENGTH; available++) {
            assertThat(SegmentDescriptor.decode(encoded(), available, "segment")).isNull();
        }
    }

    @Test
    void soundHeaderOfAnotherVersionIsRefusedByName() {
        final ByteBuffer buffer = encoded();
        buffer.putInt(SegmentDescriptor.VERSION_OFFSET, 7);
        final int crc = new RecordChecksum().of(buffer, 0, SegmentDescriptor.CRC_OFFSET);
        buffer.clear();
        buffer.putInt(SegmentDescriptor.CRC_OFFSET, crc);

        assertThatThrownBy(
                        () -> SegmentDescriptor.decode(buffer, buffer.capacity(), "/log/segment-1"))
                .isInstanceOfSatisfying(
                        UnsupportedFormatException.class, e -> assertThat(e.version()).isEqualTo(7))
                .hasMessage(
                        "/log/segment-1 has format version 7, and this library reads up to version"
                                + " 1; use a newer library");
    }

    @Test
    void reserveHoldsAllMarkersThatCanEndASegment() {
        assertThat(SegmentDescriptor.RESERVE)
                .isEqualTo(
                        MarkerDescriptor.frameLength(RecordKind.FINALIZE)
                                + MarkerDescriptor.frameLength(RecordKind.CLOSE)
                                + MarkerDescriptor.frameLength(RecordKind.SEAL))
                .isEqualTo(112);
    }

    @Test
    void largestPayloadFillsASegmentOfItsOwn() {
        for (final int segmentLength : new int[] {8 << 10, 64 << 10, 1 << 30}) {
            final int most = SegmentDescriptor.maxPayloadLength(segmentLength);
            final int space = segmentLength - SegmentDescriptor.RECORDS_OFFSET;

            assertThat(SegmentDescriptor.spaceFor(RecordDescriptor.frameLength(most)))
                    .isLessThanOrEqualTo(space);
            assertThat(SegmentDescriptor.spaceFor(RecordDescriptor.frameLength(most + 8)))
                    .isGreaterThan(space);
        }
    }

    @Test
    void seedDiffersForEachUseOfASpace() {
        final int seed = HEADER.seed();

        assertThat(SegmentHeader.seed(HEADER.logId() + 1, HEADER.generation(), HEADER.index()))
                .isNotEqualTo(seed);
        assertThat(SegmentHeader.seed(HEADER.logId(), HEADER.generation() + 1, HEADER.index()))
                .isNotEqualTo(seed);
        assertThat(SegmentHeader.seed(HEADER.logId(), HEADER.generation(), HEADER.index() + 1))
                .isNotEqualTo(seed);
        assertThat(SegmentHeader.seed(1, 2, 3)).isEqualTo(0x0404C404);
    }

    private static ByteBuffer encoded() {
        final ByteBuffer buffer = ByteBuffer.allocate(SegmentDescriptor.HEADER_LENGTH);
        SegmentDescriptor.encode(HEADER, buffer, 0);
        return buffer;
    }
}
