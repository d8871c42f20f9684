package io.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.wal.LendingModel.Flaw;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** All orders of all steps by which the store is lent. */
@Timeout(120)
class LendingModelTest {
    @ParameterizedTest
    @CsvSource({"1, 0, 3", "0, 2, 2", "1, 1, 2", "2, 0, 2", "2, 1, 1"})
    void oneHasTheStoreAndEachEntryIsHandled(
            final int callers, final int others, final int appends) {
        assertThat(new LendingModel(callers, others, appends, Flaw.NONE).explore())
                .isGreaterThan(50);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void eachPartOfTheProtocolIsNeeded(final Flaw flaw) {
        assertThatThrownBy(() -> new LendingModel(2, 1, 1, flaw).explore())
                .isInstanceOf(AssertionError.class);
    }
}
