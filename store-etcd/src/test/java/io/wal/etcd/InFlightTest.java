package io.wal.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is kept of batches in flight. */
class InFlightTest {
    private final InFlight inFlight =
            new InFlight(9, new long[] {10, 13, 14}, new long[] {12, 13, 20});

    @Test
    void batchesBeforeTheFirstHoleAreKept() {
        assertThat(inFlight.keptLsn(new long[] {})).isEqualTo(9);
        assertThat(inFlight.keptLsn(new long[] {13, 14})).isEqualTo(9);
        assertThat(inFlight.keptLsn(new long[] {10})).isEqualTo(12);
        assertThat(inFlight.keptLsn(new long[] {10, 14})).isEqualTo(12);
        assertThat(inFlight.keptLsn(new long[] {10, 13})).isEqualTo(13);
        assertThat(inFlight.keptLsn(new long[] {10, 13, 14})).isEqualTo(20);
        assertThat(inFlight.lastLsn()).isEqualTo(20);
    }

    @Test
    void withNothingInFlightAllIsKeptThatWasAcknowledged() {
        final InFlight nothing = new InFlight(9, new long[0], new long[0]);

        assertThat(nothing.isEmpty()).isTrue();
        assertThat(nothing.lastLsn()).isEqualTo(9);
        assertThat(nothing.keptLsn(new long[0])).isEqualTo(9);
    }
}
