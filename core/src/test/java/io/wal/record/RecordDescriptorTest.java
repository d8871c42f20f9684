package io.wal.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.wal.store.Seeds;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecordDescriptorTest {
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[4096]);
    private final RecordChecksum checksum = new RecordChecksum();

    @Test
    void fieldsFillTheHeaderWithoutGapOrOverlap() {
        final int[][] fields = {
            {RecordDescriptor.CRC_OFFSET, 4},
            {RecordDescriptor.LENGTH_OFFSET, 4},
            {RecordDescriptor.LSN_OFFSET, 8},
            {RecordDescriptor.KIND_OFFSET, 1},
            {RecordDescriptor.FLAGS_OFFSET, 1},
            {RecordDescriptor.RESERVED_OFFSET, 6}
        };

        int end = 0;
        for (final int[] field : fields) {
            assertThat(field[0]).isEqualTo(end);
            end += field[1];
        }

        assertThat(RecordDescriptor.HEADER_LENGTH).isEqualTo(end).isEqualTo(24);
        assertThat(RecordDescriptor.HEADER_LENGTH % RecordDescriptor.ALIGNMENT).isZero();
        assertThat(RecordDescriptor.CHECKED_OFFSET)
                .as("everything but the checksum itself is checked")
                .isEqualTo(RecordDescriptor.CRC_OFFSET + 4);
        assertThat(RecordDescriptor.ALIGNMENT).isEqualTo(8);
        assertThat(RecordDescriptor.NULL_LSN).isZero();
    }

    @Test
    void recordLooksAsItAlwaysDid() {
        buffer.setMemory(0, 64, (byte) 0xEE);
        buffer.putStringWithoutLengthAscii(RecordDescriptor.HEADER_LENGTH, "hello");

        RecordDescriptor.putHeader(buffer, 0, 0x0102030405060708L, RecordKind.CHECKPOINT, 5);
        final int crc = checksum.compute(buffer.byteArray(), 0, 32);
        RecordDescriptor.putCrc(buffer, 0, crc);

        assertThat(HexFormat.of().formatHex(buffer.byteArray(), 0, 40))
                .isEqualTo(
                        "cd834006" // checksum
                                + "1d000000" // length, 29
                                + "0807060504030201" // LSN
                                + "02" // kind
                                + "00" // flags
                                + "000000000000" // reserved
                                + "68656c6c6f" // payload
                                + "000000" // padding
                                + "eeeeeeeeeeeeeeee"); // not touched
    }

    @ParameterizedTest
    @CsvSource({"0,24", "1,32", "7,32", "8,32", "9,40", "16,40", "17,48", "1000,1024"})
    void frameIsPaddedToEightBytes(final int payloadLength, final int frameLength) {
        assertThat(RecordDescriptor.frameLength(payloadLength)).isEqualTo(frameLength);
    }

    @Test
    void randomRecordsComeBack() {
        final long seed = Seeds.next();
        final SplittableRandom random = new SplittableRandom(seed);
        final RecordKind[] kinds = RecordKind.values();

        for (int i = 0; i < 2000; i++) {
            final int offset = random.nextInt(50) * 8;
            final int length = random.nextInt(3000);
            final long lsn = random.nextLong();
            final RecordKind kind = kinds[random.nextInt(kinds.length)];
            final int crc = random.nextInt();
            random.nextBytes(buffer.byteArray());

            RecordDescriptor.putHeader(buffer, offset, lsn, kind, length);
            RecordDescriptor.putCrc(buffer, offset, crc);

            assertThat(RecordDescriptor.lsn(buffer, offset))
                    .as(Seeds.describe(seed))
                    .isEqualTo(lsn);
            assertThat(RecordDescriptor.kind(buffer, offset)).isEqualTo(kind);
            assertThat(RecordDescriptor.length(buffer, offset)).isEqualTo(24 + length);
            assertThat(RecordDescriptor.crc(buffer, offset)).isEqualTo(crc);
            assertThat(RecordDescriptor.isPlausible(buffer, offset, 4096 - offset)).isTrue();
            for (int at = offset + 24 + length;
                    at < offset + RecordDescriptor.frameLength(length);
                    at++) {
                assertThat(buffer.getByte(at)).as("padding at " + at).isZero();
            }
        }
    }

    @Test
    void headerIsPlausibleOnlyWithAKnownKindAndZeroesBehindIt() {
        for (int code = -128; code < 128; code++) {
            RecordDescriptor.putHeader(buffer, 0, 1, RecordKind.DATA, 8);
            buffer.putByte(RecordDescriptor.KIND_OFFSET, (byte) code);
            assertThat(RecordDescriptor.isPlausible(buffer, 0, 32))
                    .as("kind " + code)
                    .isEqualTo(RecordKind.ofCode((byte) code) != null);
        }
        for (int at = RecordDescriptor.FLAGS_OFFSET; at < RecordDescriptor.HEADER_LENGTH; at++) {
            for (final int value : new int[] {1, 0x80, 0xFF}) {
                RecordDescriptor.putHeader(buffer, 0, 1, RecordKind.DATA, 8);
                buffer.putByte(at, (byte) value);
                assertThat(RecordDescriptor.isPlausible(buffer, 0, 32)).as("byte " + at).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            ints = {
                Integer.MIN_VALUE,
                -1,
                0,
                1,
                23,
                33,
                34,
                40,
                4096,
                Integer.MAX_VALUE - 7,
                Integer.MAX_VALUE
            })
    void headerWhoseLengthDoesNotFitIsNotPlausible(final int length) {
        RecordDescriptor.putHeader(buffer, 0, 1, RecordKind.DATA, 8);
        buffer.putInt(RecordDescriptor.LENGTH_OFFSET, length);

        assertThat(RecordDescriptor.isPlausible(buffer, 0, 32)).isFalse();
        assertThat(RecordDescriptor.isPlausible(buffer, 0, 39)).isFalse();
    }

    @Test
    void paddingMustFitAsWell() {
        RecordDescriptor.putHeader(buffer, 0, 1, RecordKind.DATA, 5);

        assertThat(RecordDescriptor.isPlausible(buffer, 0, 29)).isFalse();
        assertThat(RecordDescriptor.isPlausible(buffer, 0, 31)).isFalse();
        assertThat(RecordDescriptor.isPlausible(buffer, 0, 32)).isTrue();
    }

    @Test
    void longestPossibleLengthDoesNotOverflow() {
        RecordDescriptor.putHeader(buffer, 0, 1, RecordKind.DATA, 5);
        buffer.putInt(RecordDescriptor.LENGTH_OFFSET, Integer.MAX_VALUE);

        assertThat(RecordDescriptor.isPlausible(buffer, 0, Integer.MAX_VALUE)).isFalse();
    }

    @Test
    void zeroesAreNoRecord() {
        assertThat(RecordDescriptor.isPlausible(buffer, 0, 4096)).isFalse();
        assertThat(RecordDescriptor.kind(buffer, 0)).isNull();
    }
}
