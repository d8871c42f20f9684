package io.wal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "4096, 4096",
        "64k, 65536",
        "64K, 65536",
        "16m, 16777216",
        "1g, 1073741824"
    })
    void readsLengths(final String text, final long length) {
        assertThat(Quantity.parseBytes(text)).isEqualTo(length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "-1", "1t", "1.5m", "٣", "99999999999999999999"})
    void refusesWhatIsNoLength(final String text) {
        assertThatThrownBy(() -> Quantity.parseBytes(text)).isInstanceOf(UsageException.class);
    }

    @Test
    void writesBytesInAUnitThatSuits() {
        assertThat(Quantity.bytes(1023)).isEqualTo("1023 B");
        assertThat(Quantity.bytes(1536)).isEqualTo("1.5 KiB");
        assertThat(Quantity.bytes(64 << 20)).isEqualTo("64.0 MiB");
        assertThat(Quantity.bytes(Long.MAX_VALUE)).isEqualTo("8.0 EiB");
    }

    @Test
    void progressShowsShareAndRate() {
        assertThat(Progress.line("verify", 50, 100, 2))
                .isEqualTo("verify  [############............]  50 %  25 B/s  2 s left");
        assertThat(Progress.line("append", 2048, 0, 1)).isEqualTo("append  2.0 KiB  2.0 KiB/s");
    }
}
