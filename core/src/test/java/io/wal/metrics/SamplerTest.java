package io.wal.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SamplerTest {
    private static final long SECOND_NS = 1_000_000_000L;

    private final Sampler sampler = new Sampler(1_000);

    @Test
    void picksNothingUntilEnabled() {
        assertThat(sampler.picksNext()).isFalse();
        assertThat(Sampler.picks(1, sampler.interval())).isFalse();
    }

    @Test
    void picksAllWhileThereAreFew() {
        sampler.enable(true);

        sampler.add(1_000);
        sampler.adapt(SECOND_NS);

        assertThat(sampler.interval()).isEqualTo(1);
        assertThat(sampler.picksNext()).isTrue();
        assertThat(sampler.picksNext()).isTrue();
        assertThat(Sampler.picks(17, 1)).isTrue();
    }

    @Test
    void staysBelowItsLimitAndGoesBack() {
        sampler.enable(true);

        sampler.add(100_000);
        sampler.adapt(SECOND_NS);
        assertThat(sampler.interval()).isEqualTo(128);
        sampler.adapt(SECOND_NS + 1_000);
        assertThat(sampler.interval()).as("too soon to tell").isEqualTo(128);
        sampler.adapt(2 * SECOND_NS);

        assertThat(sampler.interval()).isEqualTo(1);
    }

    @Test
    void aShareOfTheLsnsIsPickedWithoutFallingInStep() {
        final int interval = 64;
        final int[] picked = new int[2];
        for (long lsn = 1; lsn <= 640_000; lsn++) {
            if (Sampler.picks(lsn, interval)) {
                picked[0]++;
                picked[1] += lsn % interval == 0 ? 1 : 0;
            }
        }

        assertThat(picked[0]).isBetween(9_000, 11_000);
        assertThat(picked[1]).as("of one place in a batch of 64").isBetween(100, 210);
    }

    @Test
    void oneInEachIntervalIsPicked() {
        sampler.enable(true);
        sampler.add(4_000);
        sampler.adapt(SECOND_NS);
        int count = 0;
        for (int i = 0; i < 800; i++) {
            count += sampler.picksNext() ? 1 : 0;
        }

        assertThat(count).isEqualTo(800 / sampler.interval());
    }
}
