package io.wal.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MarkerDescriptorTest {
    @Test
    void fieldsFillThePayloadWithoutGapOrOverlap() {
        assertThat(MarkerDescriptor.DURABLE_LSN_OFFSET).isZero();
        assertThat(MarkerDescriptor.START_LSN_OFFSET).isZero();
        assertThat(MarkerDescriptor.CHECKSUM_OFFSET).isEqualTo(8);
        assertThat(MarkerDescriptor.SEGMENT_LENGTH_OFFSET).isEqualTo(16);
        assertThat(MarkerDescriptor.payloadLength(RecordKind.SEAL)).isEqualTo(24);
        assertThat(MarkerDescriptor.payloadLength(RecordKind.BATCH)).isEqualTo(8);
        assertThat(MarkerDescriptor.payloadLength(RecordKind.FINALIZE)).isEqualTo(8);
        assertThat(MarkerDescriptor.payloadLength(RecordKind.CLOSE)).isEqualTo(8);
    }

    @ParameterizedTest
    @EnumSource
    void onlyMarkersHaveALength(final RecordKind kind) {
        if (kind.isEntry()) {
            assertThatThrownBy(() -> MarkerDescriptor.payloadLength(kind))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(kind.name());
            assertThat(MarkerDescriptor.namesDurableLsn(kind)).isFalse();
        } else {
            assertThat(MarkerDescriptor.frameLength(kind))
                    .isEqualTo(24 + MarkerDescriptor.payloadLength(kind));
        }
    }

    @Test
    void batchSealAndCloseNameADurableLsn() {
        assertThat(MarkerDescriptor.namesDurableLsn(RecordKind.BATCH)).isTrue();
        assertThat(MarkerDescriptor.namesDurableLsn(RecordKind.SEAL)).isTrue();
        assertThat(MarkerDescriptor.namesDurableLsn(RecordKind.CLOSE)).isTrue();
        assertThat(MarkerDescriptor.namesDurableLsn(RecordKind.FINALIZE)).isFalse();
    }

    @Test
    void sealLooksAsItAlwaysDid() {
        final UnsafeBuffer buffer = new UnsafeBuffer(new byte[64]);

        MarkerDescriptor.put(buffer, 8, MarkerDescriptor.DURABLE_LSN_OFFSET, 0x0102030405060708L);
        MarkerDescriptor.put(buffer, 8, MarkerDescriptor.CHECKSUM_OFFSET, -2);
        MarkerDescriptor.put(buffer, 8, MarkerDescriptor.SEGMENT_LENGTH_OFFSET, 64 << 20);

        assertThat(HexFormat.of().formatHex(buffer.byteArray(), 32, 56))
                .isEqualTo("0807060504030201" + "feffffffffffffff" + "0000000400000000");
        assertThat(MarkerDescriptor.get(buffer, 8, MarkerDescriptor.DURABLE_LSN_OFFSET))
                .isEqualTo(0x0102030405060708L);
        assertThat(MarkerDescriptor.get(buffer, 8, MarkerDescriptor.CHECKSUM_OFFSET)).isEqualTo(-2);
        assertThat(MarkerDescriptor.get(buffer, 8, MarkerDescriptor.SEGMENT_LENGTH_OFFSET))
                .isEqualTo(64 << 20);
    }
}
