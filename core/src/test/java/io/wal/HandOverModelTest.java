package io.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.HandOverModel.Flaw;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** All orders of all steps of a small hand-over. What runs for real is in HandOverStressTest. */
@Timeout(120)
class HandOverModelTest {
    @ParameterizedTest
    @CsvSource({"1, 2", "1, 4", "2, 2", "2, 4"})
    void everyAppendIsAnsweredOnceInWhateverOrder(final int producers, final int capacity) {
        for (final boolean storeMayFail : new boolean[] {false, true}) {
            for (final boolean closeMayTimeOut : new boolean[] {false, true}) {
                final HandOverModel model =
                        new HandOverModel(
                                producers, capacity, storeMayFail, closeMayTimeOut, Flaw.NONE);

                assertThat(model.explore()).isGreaterThan(50);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void eachPartOfTheProtocolIsNeeded(final Flaw flaw) {
        assertThatThrownBy(() -> new HandOverModel(2, 4, true, true, flaw).explore())
                .isInstanceOf(AssertionError.class);
    }
}
